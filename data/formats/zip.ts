/** Single files of ZIP archives, read without unpacking the rest. */

import { messageOf, shownName } from "../text.ts";
import { decompressed, PIECE_BYTES } from "./decompress.ts";
import type { ZipEntry } from "./zip_directory.ts";
import { type ByteSource, viewOf, zipFault } from "./zip_end.ts";

const FILE = 0x04034b50, FILE_BYTES = 30;

/** What is not read, by the number of the method. */
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

/** How to read a file of an archive. */
export interface ReadZipOptions {
  /** Bytes that it may have when it is unpacked, at most. */
  readonly mostBytes: number;
  /** Stops it. */
  readonly signal?: AbortSignal | undefined;
}

/** Bytes in memory as a {@linkcode ByteSource}. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    read: (at, count) => Promise.resolve(new Uint8Array(bytes.subarray(at, at + count))),
  };
}

function pathOf({ name }: ZipEntry, source: string): string {
  return `${shownName(name)} in ${shownName(source)}`;
}

function entryFault(entry: ZipEntry, source: string) {
  return (rule: string, state: string) =>
    new SyntaxError(`Cannot read ${pathOf(entry, source)} as ${rule}: ${state}`);
}

/** Makes sure that a file of an archive can be read. @throws {SyntaxError} when it is encrypted, or packed otherwise. */
export function checkZipEntry(entry: ZipEntry, source: string): void {
  const { method, isEncrypted } = entry, fault = entryFault(entry, source);
  if (isEncrypted || method === 99) {
    throw fault(
      "it must not be encrypted",
      "it needs a password. Unpack the archive and pack it without one",
    );
  }
  if (method === 0 || method === 8) return;
  throw fault(
    "it must be stored or deflated",
    `it is packed by ${METHODS[method] ?? `method ${method}`}. Unpack the archive and pack it as usual`,
  );
}

/**
 * Reads a file of a ZIP archive, stored or deflated. No more memory is taken than the file claims to need, which is
 * checked before anything is unpacked.
 *
 * @param entry One of {@linkcode readZipDirectory}.
 * @param source The archive's name, for errors.
 * @throws {SyntaxError} naming archive and file when it is damaged, encrypted or packed otherwise.
 * @throws {RangeError} naming them when it claims more bytes than it may have.
 */
export async function readZipEntry(
  archive: ByteSource,
  entry: ZipEntry,
  source: string,
  { mostBytes, signal }: ReadZipOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const { size, method } = entry, fault = entryFault(entry, source);
  checkZipEntry(entry, source);
  if (size > mostBytes) {
    throw new RangeError(
      `Cannot read ${pathOf(entry, source)} as it may have ${mostBytes} bytes at most: it is to have ${size}`,
    );
  }
  const pieces = piecesOf(archive, await dataOffset(archive, entry, source), entry.storedSize);
  const bytes = new Uint8Array(size);
  let length = 0, crc = -1;
  try {
    for await (const piece of method === 0 ? pieces : decompressed(pieces, "deflate-raw")) {
      signal?.throwIfAborted();
      if (length + piece.length > size) throw fault(`it must unpack to ${size} bytes`, "there are more");
      bytes.set(piece, length);
      crc = crcOf(piece, crc);
      length += piece.length;
    }
  } catch (error) {
    // What decompression throws.
    if (!(error instanceof TypeError)) throw error;
    throw fault("it must be deflated data", messageOf(error));
  }
  if (length < size) throw fault(`it must unpack to ${size} bytes`, `there are ${length}, it is truncated`);
  if (~crc >>> 0 !== entry.checksum) {
    throw fault("its checksum must be right", "it is not, the archive is damaged. Get it again");
  }
  return bytes;
}

/** The byte at which a file's data begin, behind its header. */
async function dataOffset(archive: ByteSource, { name, offset, storedSize }: ZipEntry, source: string) {
  const fault = zipFault(source);
  const header = await archive.read(offset, FILE_BYTES);
  const view = viewOf(header);
  if (header.length < FILE_BYTES || view.getUint32(0, true) !== FILE) {
    throw fault(`${shownName(name)} must begin at byte ${offset}`, "something else is there");
  }
  const at = offset + FILE_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
  if (at + storedSize > archive.size) {
    throw fault(`${shownName(name)} must lie in it`, `it ends at byte ${at + storedSize} of ${archive.size}`);
  }
  return at;
}

async function* piecesOf(archive: ByteSource, at: number, count: number) {
  for (let done = 0; done < count; done += PIECE_BYTES) {
    yield await archive.read(at + done, Math.min(PIECE_BYTES, count - done));
  }
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0xedb88320;
  return crc;
});

/** CRC-32 of ITU-T V.42, gone on with from that of what came before; −1 at the beginning, its complement at the end. */
function crcOf(bytes: Uint8Array, before: number): number {
  let crc = before;
  for (const byte of bytes) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ byte) & 255] ?? 0);
  return crc;
}
