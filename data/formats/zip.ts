/** Reading of single files of ZIP archives without unpacking the rest. */

import { messageOf, shownName } from "../text.ts";
import { decompress, describeImplausible, isPlausible, PIECE_BYTES } from "./decompress.ts";
import type { ZipEntry } from "./zip_directory.ts";
import { type ByteSource, viewOf, zipFault } from "./zip_end.ts";

const FILE = 0x04034b50, FILE_BYTES = 30;

/** Names of unsupported compression methods by their codes. */
const METHODS: Readonly<Record<number, string>> = {
  1: "shrink",
  6: "implode",
  9: "Deflate64",
  12: "bzip2",
  14: "LZMA",
  93: "Zstandard",
  95: "xz",
  96: "JPEG",
  98: "PPMd",
  99: "AES encryption",
};

/** Options of {@linkcode readZipEntry}. */
export interface ReadZipOptions {
  /** Maximum number of unpacked bytes. */
  readonly mostBytes: number;
  /** Signal that aborts reading. */
  readonly signal?: AbortSignal | undefined;
}

/** Wraps bytes in memory as a {@linkcode ByteSource}. */
export function createByteSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: (at, count) => Promise.resolve(new Uint8Array(bytes.subarray(at, at + count))),
  };
}

function pathOf({ name }: ZipEntry, source: string): string {
  return `${shownName(name)} in ${shownName(source)}`;
}

function entryFault(entry: ZipEntry, source: string) {
  return (reason: string) => new SyntaxError(`Cannot read ${pathOf(entry, source)}: ${reason}`);
}

/**
 * Checks that a file of an archive can be read.
 *
 * @throws {SyntaxError} when its encryption or compression is unsupported.
 */
export function checkZipEntry(entry: ZipEntry, source: string): void {
  const { method, isEncrypted } = entry, fault = entryFault(entry, source);
  if (isEncrypted || method === 99) {
    throw fault("it is encrypted. Unpack the archive and pack it again without a password");
  }
  if (method === 0 || method === 8) return;
  throw fault(
    `its compression, ${METHODS[method] ?? `method ${method}`}, is not supported. ` +
      "Unpack the archive and pack it again with the usual compression (deflate)",
  );
}

/**
 * Reads a stored or deflated file of a ZIP archive. Memory is limited to the claimed size of the file, which
 * is checked before unpacking.
 *
 * @param entry An entry returned by {@linkcode readZipDirectory}.
 * @param source The archive's name, for errors.
 * @throws {SyntaxError} naming archive and file when the file is damaged, or its encryption or compression
 * unsupported.
 * @throws {RangeError} naming archive and file when the claimed size exceeds `mostBytes`.
 */
export async function readZipEntry(
  archive: ByteSource,
  entry: ZipEntry,
  source: string,
  options: ReadZipOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  checkSize(entry, source, options);
  const bytes = new Uint8Array(entry.size);
  let length = 0;
  for await (const piece of streamZipEntry(archive, entry, source, options)) {
    bytes.set(piece, length);
    length += piece.length;
  }
  return bytes;
}

/** @throws as {@linkcode readZipEntry} does for a claimed size. */
function checkSize(entry: ZipEntry, source: string, { mostBytes }: ReadZipOptions): void {
  const { size, method, storedSize } = entry;
  checkZipEntry(entry, source);
  if (size > mostBytes) {
    throw new RangeError(
      `Cannot read ${
        pathOf(entry, source)
      }: it unpacks to ${size} bytes, but at most ${mostBytes} are allowed`,
    );
  }
  // Stored data have the size of the file itself.
  if (method !== 0 && !isPlausible(size, storedSize)) {
    throw entryFault(entry, source)(describeImplausible(size, storedSize));
  }
}

/**
 * Yields the bytes of a file of a ZIP archive piece by piece.
 *
 * @throws as {@linkcode readZipEntry} does; damage may be found after pieces were read.
 */
export async function* streamZipEntry(
  archive: ByteSource,
  entry: ZipEntry,
  source: string,
  options: ReadZipOptions,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  checkSize(entry, source, options);
  const { size, method, storedSize, checksum } = entry,
    { signal } = options,
    fault = entryFault(entry, source);
  const pieces = readPieces(archive, await dataOffset(archive, entry, source), storedSize);
  let length = 0, crc = -1;
  try {
    for await (const piece of method === 0 ? pieces : decompress(pieces, "deflate-raw", signal)) {
      signal?.throwIfAborted();
      if (length + piece.length > size) throw fault(`it unpacks to more than the ${size} bytes it claims`);
      crc = updateCrc(piece, crc);
      length += piece.length;
      yield piece;
    }
  } catch (error) {
    // Decompression throws TypeErrors.
    if (!(error instanceof TypeError)) throw error;
    throw fault(`its compressed data are damaged (${messageOf(error)})`);
  }
  if (length < size) throw fault(`it is truncated: it must unpack to ${size} bytes, but there are ${length}`);
  if (~crc >>> 0 !== checksum) {
    throw fault("its checksum is wrong: the archive is damaged. Download or copy it again");
  }
}

/** Returns the offset of a file's data, after its header. */
async function dataOffset(archive: ByteSource, { name, offset, storedSize }: ZipEntry, source: string) {
  const fault = zipFault(source);
  const header = await archive.read(offset, FILE_BYTES);
  const view = viewOf(header);
  if (header.length < FILE_BYTES || view.getUint32(0, true) !== FILE) {
    throw fault(`${shownName(name)} does not begin at byte ${offset}, as the directory claims`);
  }
  const at = offset + FILE_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
  if (at + storedSize > archive.size) {
    throw fault(
      `${shownName(name)} would end at byte ${at + storedSize}, but the archive has ${archive.size}`,
    );
  }
  return at;
}

async function* readPieces(archive: ByteSource, at: number, count: number) {
  for (let done = 0; done < count; done += PIECE_BYTES) {
    yield await archive.read(at + done, Math.min(PIECE_BYTES, count - done));
  }
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0xedb88320;
  return crc;
});

/** Updates a CRC-32 (ITU-T V.42), which starts at −1 and must be complemented at the end. */
function updateCrc(bytes: Uint8Array, previous: number): number {
  let crc = previous;
  for (const byte of bytes) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ byte) & 255] ?? 0);
  return crc;
}
