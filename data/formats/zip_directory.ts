/** The directory at the end of a ZIP archive: what it holds, and what cannot be true of it. */

import { shownName } from "../text.ts";
import { checkClaims } from "./zip_claims.ts";
import {
  type ByteSource,
  type Directory,
  findDirectory,
  numberAt,
  viewOf,
  type ZipFault,
  zipFault,
} from "./zip_end.ts";

/** A file of a ZIP archive, as the archive's directory has it. */
export interface ZipEntry {
  /** Its path in the archive, with slashes. */
  readonly name: string;
  /** Bytes that it has when it is unpacked. */
  readonly size: number;
  /** Bytes that it takes in the archive. */
  readonly storedSize: number;
  /** The byte of the archive at which its own header begins. */
  readonly offset: number;
  /** How it is packed: 0 = not at all, 8 = deflate. */
  readonly method: number;
  /** Whether it is encrypted. */
  readonly isEncrypted: boolean;
  /** CRC-32 of what it has when it is unpacked. */
  readonly checksum: number;
}

const ENTRY = 0x02014b50, ENTRY_BYTES = 46;
/** What stands for a number that a ZIP64 field has. */
const ELSEWHERE = 0xffffffff;

/**
 * Reads the directory of a ZIP archive, ZIP64 or not, and of what stands behind another file too. Folders and links are
 * left out. Nothing is unpacked: sizes that cannot be true, as archives made to fill memory claim them, are refused first.
 *
 * @param source The archive's name, for errors.
 * @throws {SyntaxError} naming the archive when it is damaged, truncated, in several parts, something else or such a bomb.
 *
 * @example
 * ```ts
 * import { bytesSource, readZipDirectory } from "../mod.ts";
 * import { assertEquals } from "../../tests/assert.ts";
 *
 * const empty = Uint8Array.of(0x50, 0x4b, 5, 6, ...new Uint8Array(18));
 * assertEquals(await readZipDirectory(bytesSource(empty), "empty.zip"), []);
 * ```
 */
export async function readZipDirectory(archive: ByteSource, source: string): Promise<ZipEntry[]> {
  const fault = zipFault(source);
  const { count, at, size, shift } = await findDirectory(archive, fault);
  const bytes = await archive.read(at, size);
  const entries = parseEntries(bytes, { count, at, shift }, fault);
  checkClaims(entries, at, fault);
  return entries.filter(({ isFile }) => isFile).map(({ isFile: _, leastBytes: __, ...entry }) => entry);
}

/** What only the directory's own checks need of an entry. */
export interface ListedEntry extends ZipEntry {
  /** Whether it is neither a folder nor a link. */
  readonly isFile: boolean;
  /** Bytes that its header and data take in the archive at least. */
  readonly leastBytes: number;
}

function parseEntries(
  bytes: Uint8Array,
  { count, at: directoryAt, shift }: Omit<Directory, "size">,
  fault: ZipFault,
): ListedEntry[] {
  const view = viewOf(bytes);
  const entries: ListedEntry[] = [];
  for (let at = 0, taken = 0, i = 0; i < count; i++) {
    const isWhole = at + ENTRY_BYTES <= bytes.length && view.getUint32(at, true) === ENTRY;
    const [nameBytes, extraBytes, commentBytes] = isWhole
      ? [28, 30, 32].map((place) => view.getUint16(at + place, true)) as [number, number, number]
      : [0, 0, 0];
    const end = at + ENTRY_BYTES + nameBytes + extraBytes + commentBytes;
    if (!isWhole || end > bytes.length) {
      throw fault("its directory must be whole", `that of file ${i} of ${count} is damaged`);
    }
    const nameAt = at + ENTRY_BYTES;
    const extra = bytes.subarray(nameAt + nameBytes, nameAt + nameBytes + extraBytes);
    const rawName = bytes.subarray(nameAt, nameAt + nameBytes);
    const fixed = new DataView(bytes.buffer, bytes.byteOffset + at, ENTRY_BYTES);
    const entry = entryOf(fixed, { rawName, extra, shift });
    entries.push(entry);
    // Here too, as archives made to fill disks have many files.
    taken += entry.leastBytes;
    if (taken > directoryAt) throw shared(entry.name, { taken, has: directoryAt }, fault);
    at = end;
  }
  return entries;
}

/** The error for files that have more bytes together than there are. */
function shared(name: string, { taken, has }: { taken: number; has: number }, fault: ZipFault): SyntaxError {
  return fault(
    "its files must lie in it side by side",
    `those up to ${
      shownName(name)
    } are to take ${taken} bytes of ${has}, as in archives that are made to fill disks`,
  );
}

function entryOf(
  view: DataView,
  { rawName, extra, shift }: {
    readonly rawName: Uint8Array;
    readonly extra: Uint8Array;
    readonly shift: number;
  },
): ListedEntry {
  const flags = view.getUint16(8, true), mode = view.getUint16(40, true);
  // ZIP64 has the numbers that do not fit, in this order.
  const long = longNumbers(extra);
  const [size, storedSize, offset] = [24, 20, 42].map((place) => {
    const short = view.getUint32(place, true);
    return short === ELSEWHERE ? long.shift() ?? short : short;
  }) as [number, number, number];
  const name = nameOf(rawName, (flags & 0x800) !== 0);
  const isLink = (mode & 0xf000) === 0xa000;
  return {
    name,
    size,
    storedSize,
    offset: offset + shift,
    method: view.getUint16(10, true),
    isEncrypted: (flags & 1) !== 0,
    checksum: view.getUint32(16, true),
    isFile: !isLink && !name.endsWith("/"),
    leastBytes: 30 + rawName.length + storedSize,
  };
}

/** The numbers of the ZIP64 field among the extra ones. */
function longNumbers(extra: Uint8Array): number[] {
  const view = viewOf(extra);
  for (let at = 0; at + 4 <= extra.length;) {
    const length = Math.min(view.getUint16(at + 2, true), extra.length - at - 4);
    if (view.getUint16(at, true) === 1) {
      return Array.from({ length: Math.min(3, length >> 3) }, (_, i) => numberAt(view, at + 4 + 8 * i));
    }
    at += 4 + length;
  }
  return [];
}

/** The upper half of code page 437, in which old archives have names. */
const CODE_PAGE_437 = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐" +
  "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0";

const utf8 = new TextDecoder(), strictUtf8 = new TextDecoder("utf-8", { fatal: true });

/** UTF-8 where the archive says so or the bytes can only be that, as macOS leaves it unsaid; else code page 437. */
function nameOf(bytes: Uint8Array, isUtf8: boolean): string {
  let name: string;
  try {
    name = (isUtf8 ? utf8 : strictUtf8).decode(bytes);
  } catch {
    name = Array.from(bytes, (byte) => byte < 128 ? String.fromCharCode(byte) : CODE_PAGE_437[byte - 128])
      .join("");
  }
  return name.replaceAll("\\", "/");
}
