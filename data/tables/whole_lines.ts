/** Cutting of a stream of text into blocks of whole lines. */

import { concatenateBytes } from "../image_set.ts";

const LINE_FEED = 10, CARRIAGE_RETURN = 13;

/** Returns whether a byte ends a line. */
export function isLineEnd(byte: number | undefined): boolean {
  return byte === LINE_FEED || byte === CARRIAGE_RETURN;
}

/**
 * Yields blocks of whole lines: each block ends with the end of a line. Memory is limited to a piece and a
 * line.
 *
 * @param longest Maximum number of bytes of a line.
 * @throws The error that `createError` returns for the first longer line, given the place of its first byte.
 */
export async function* wholeLines(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  longest: number,
  createError: (place: number) => Error,
): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = [], length = 0, place = 0;
  for await (const piece of pieces) {
    const end = piece.findLastIndex(isLineEnd) + 1;
    if (end > 0) {
      yield parts.length === 0
        ? piece.subarray(0, end)
        : concatenateBytes([...parts, piece.subarray(0, end)]);
      place += length + end;
      parts = [];
      length = 0;
    }
    if (end < piece.length) parts.push(piece.slice(end));
    length += piece.length - end;
    if (length > longest) throw createError(place);
  }
  if (length > 0) yield concatenateBytes([...parts, Uint8Array.of(LINE_FEED)]);
}
