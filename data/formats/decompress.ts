/** Decompression in small pieces, so that callers can stop early without wasting memory. */

/** Bytes decompressed at once; the output is at most about a thousand times larger. */
export const PIECE_BYTES = 2 ** 14;

/**
 * Decompresses pieces of at most {@linkcode PIECE_BYTES} bytes, one after the other.
 *
 * @throws {TypeError} when the data are damaged.
 */
export async function* decompress(
  pieces: AsyncGenerator<Uint8Array<ArrayBuffer>>,
  format: CompressionFormat,
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
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel().catch(() => undefined);
    await writer.abort().catch(() => undefined);
  }
}

/** Splits bytes into pieces of {@linkcode PIECE_BYTES}. */
export async function* splitPieces(bytes: Uint8Array<ArrayBuffer>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}
