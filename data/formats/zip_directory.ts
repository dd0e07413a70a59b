/** The directory at the end of a ZIP archive. */

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

/** A file of a ZIP archive as listed in the archive's directory. */
export interface ZipEntry {
  /** Path in the archive, with slashes. */
  readonly name: string;
  /** Unpacked size in bytes. */
  readonly size: number;
  /** Packed size in bytes. */
  readonly storedSize: number;
  /** Offset of its header in the archive. */
  readonly offset: number;
  /** Compression method: 0 = stored, 8 = deflate. */
  readonly method: number;
  /** True if encrypted. */
  readonly isEncrypted: boolean;
  /** CRC-32 of the unpacked data. */
  readonly checksum: number;
}

const ENTRY = 0x02014b50, ENTRY_BYTES = 46;
/** Placeholder for a number stored in the ZIP64 field. */
const IN_ZIP64 = 0xffffffff;

/**
 * Reads the directory of a ZIP archive. ZIP64 and archives appended to other files are supported. Folders and
 * links are omitted. Nothing is unpacked, and archives with impossible sizes (zip bombs) are rejected.
 *
 * @param source The archive's name, for errors.
 * @throws {SyntaxError} naming the archive when it is damaged, truncated, split, of another format or a zip
 * bomb.
 *
 * @example
 * ```ts
 * import { createByteSource, readZipDirectory } from "../mod.ts";
 * import { assertEquals } from "../../tests/assert.ts";
 *
 * const empty = Uint8Array.of(0x50, 0x4b, 5, 6, ...new Uint8Array(18));
 * assertEquals(await readZipDirectory(createByteSource(empty), "empty.zip"), []);
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

/** An entry with the details that the checks need. */
export interface ListedEntry extends ZipEntry {
  /** True unless it is a folder or a link. */
  readonly isFile: boolean;
  /** Minimum number of bytes of its header and data in the archive. */
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
      throw fault(`its directory is damaged at file ${i} of ${count}`);
    }
    const nameAt = at + ENTRY_BYTES;
    const extra = bytes.subarray(nameAt + nameBytes, nameAt + nameBytes + extraBytes);
    const rawName = bytes.subarray(nameAt, nameAt + nameBytes);
    const fixed = new DataView(bytes.buffer, bytes.byteOffset + at, ENTRY_BYTES);
    const entry = parseEntry(fixed, { rawName, extra, shift });
    entries.push(entry);
    // Checked here too, as zip bombs may have very many entries.
    taken += entry.leastBytes;
    if (taken > directoryAt) {
      throw fault(
        `files must not overlap, but those up to ${
          shownName(entry.name)
        } take ${taken} of ${directoryAt} bytes, as in zip bombs`,
      );
    }
    at = end;
  }
  return entries;
}

function parseEntry(
  view: DataView,
  { rawName, extra, shift }: {
    readonly rawName: Uint8Array;
    readonly extra: Uint8Array;
    readonly shift: number;
  },
): ListedEntry {
  const flags = view.getUint16(8, true), mode = view.getUint16(40, true);
  // The ZIP64 field contains the numbers that do not fit, in this order.
  const long = readZip64Numbers(extra);
  const [size, storedSize, offset] = [24, 20, 42].map((place) => {
    const short = view.getUint32(place, true);
    return short === IN_ZIP64 ? long.shift() ?? short : short;
  }) as [number, number, number];
  const name = decodeName(rawName, (flags & 0x800) !== 0);
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

/** Returns the numbers of the ZIP64 field among the extra fields. */
function readZip64Numbers(extra: Uint8Array): number[] {
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

/** Upper half of code page 437, the encoding of names in old archives. */
const CODE_PAGE_437 = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐" +
  "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0";

const utf8 = new TextDecoder(), strictUtf8 = new TextDecoder("utf-8", { fatal: true });

/** Decodes a name: as UTF-8 if flagged or valid (macOS omits the flag), otherwise as code page 437. */
function decodeName(bytes: Uint8Array, isUtf8: boolean): string {
  let name: string;
  try {
    name = (isUtf8 ? utf8 : strictUtf8).decode(bytes);
  } catch {
    name = Array.from(bytes, (byte) => byte < 128 ? String.fromCharCode(byte) : CODE_PAGE_437[byte - 128])
      .join("");
  }
  return name.replaceAll("\\", "/");
}
