/** Decompressing gzip, with the check that the bytes are the ones compressed. */

import { gunzipSync } from "npm:fflate@0.8.3";
import { messageOf } from "../text.ts";

/** Deflate cannot shrink further: a header that promises more is damaged, and must not make us allocate it. */
const LARGEST_RATIO = 1032;
const TRAILER_BYTES = 8;
const HEADER_BYTES = 10;

/** Whether bytes start as a gzip file does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The bytes a gzip file holds.
 *
 * @throws {SyntaxError} naming the source when it is truncated or damaged.
 */
export function gunzip(bytes: Uint8Array, source: string): Uint8Array<ArrayBuffer> {
  const damaged = (state: string, cause?: unknown) =>
    new SyntaxError(
      `Cannot decompress ${source} as it must be a whole gzip file: ${state}. Get the file again.`,
      { cause },
    );
  if (bytes.length < HEADER_BYTES + TRAILER_BYTES) throw damaged(`it has only ${bytes.length} bytes`);
  const trailer = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - TRAILER_BYTES, TRAILER_BYTES);
  const crc = trailer.getUint32(0, true);
  const size = trailer.getUint32(4, true);
  if (size > bytes.length * LARGEST_RATIO) throw damaged("it is truncated");
  let contents: Uint8Array<ArrayBuffer>;
  try {
    contents = gunzipSync(bytes) as Uint8Array<ArrayBuffer>;
  } catch (error) {
    throw damaged(messageOf(error), error);
  }
  // fflate checks neither, and a damaged file often inflates without complaint.
  if (contents.length !== size) throw damaged(`it holds ${contents.length} bytes and promises ${size}`);
  if (crc32(contents) !== crc) throw damaged("its checksum (CRC-32) does not match its contents");
  return contents;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** The CRC-32 of RFC 1952. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = CRC_TABLE[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
