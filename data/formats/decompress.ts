/** Decompression in small pieces, so that callers can stop early without wasting memory. */

import { pause } from "../pixels/pause.ts";

/** Bytes decompressed at once; the output is at most about a thousand times larger. */
export const PIECE_BYTES = 2 ** 14;

/** Ratio of unpacked to packed bytes that images and labels hardly reach; deflate reaches 1032. */
const PLAUSIBLE_RATIO = 200;
/** Unpacked sizes that are plausible for any packed size, and for none. */
const FEW_BYTES = 2 ** 24, MOST_BYTES = 2 ** 32;
/** Unpacked bytes after which other work of the process, such as a signal, has its turn. */
const BYTES_AT_ONCE = 2 ** 22;

/** Returns whether data may unpack to so many bytes; files made to fill memory claim far more. */
export function isPlausible(unpacked: number, packed: number): boolean {
  return unpacked <= Math.min(MOST_BYTES, Math.max(FEW_BYTES, PLAUSIBLE_RATIO * packed));
}

/** Describes an implausible claim, for the end of a message. */
export function describeImplausible(unpacked: number, packed: number): string {
  return `its ${packed} bytes claim to unpack to ${unpacked}, as in damaged files and those made to fill the ` +
    "memory. If the data are real, unpack them";
}

/**
 * Decompresses pieces of at most {@linkcode PIECE_BYTES} bytes, one after the other.
 *
 * @param signal Signal that aborts decompression.
 * @throws {TypeError} when the data are damaged.
 */
export async function* decompress(
  pieces: AsyncGenerator<Uint8Array<ArrayBuffer>>,
  format: CompressionFormat,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { readable, writable } = new DecompressionStream(format);
  const reader = readable.getReader(), writer = writable.getWriter();
  // pipeThrough() would read ahead.
  const feed = async () => {
    for await (const piece of pieces) {
      await writer.ready;
      await writer.write(piece);
    }
    await writer.close();
  };
  const fed = feed();
  fed.catch(() => undefined); // The same error reaches the caller through the reader.
  try {
    let sincePause = 0;
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      yield next.value;
      sincePause += next.value.length;
      if (sincePause < BYTES_AT_ONCE) continue;
      await pause(signal);
      sincePause = 0;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
    await writer.abort().catch(() => undefined);
  }
}

/** Splits bytes into pieces of {@linkcode PIECE_BYTES}. */
export async function* splitPieces(bytes: Uint8Array<ArrayBuffer>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}
