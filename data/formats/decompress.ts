/** Decompression in small pieces: whoever has enough stops it, and little more has been made by then. */

/** Bytes that are decompressed at once: a thousand times as many come of them at most. */
export const PIECE_BYTES = 2 ** 14;

/**
 * Decompresses pieces of data of {@linkcode PIECE_BYTES} at most, one after the other.
 *
 * @throws {TypeError} when the data are damaged.
 */
export async function* decompressed(
  pieces: AsyncGenerator<Uint8Array<ArrayBuffer>>,
  format: CompressionFormat,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { readable, writable } = new DecompressionStream(format);
  const reader = readable.getReader(), writer = writable.getWriter();
  // Written by hand, as streams that are joined read ahead.
  const feed = async () => {
    for await (const piece of pieces) {
      await writer.ready;
      await writer.write(piece);
    }
    await writer.close();
  };
  const fed = feed();
  fed.catch(() => undefined); // The reader's end fails too, and is waited for.
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel().catch(() => undefined);
    await writer.abort().catch(() => undefined);
  }
}

/** Bytes in pieces. */
export async function* piecesOf(bytes: Uint8Array<ArrayBuffer>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}
