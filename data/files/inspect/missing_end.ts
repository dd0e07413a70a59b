/** Detection of truncated image files without decoding them. */

import { bitmapLayout, bitmapLength } from "../decode/bitmap.ts";
import type { ImageFormat } from "../decode/first_bytes.ts";
import { netpbmLayout, netpbmLength } from "../decode/netpbm.ts";

/** Beginning and end of a file. */
export interface FileEnds {
  readonly size: number;
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
  /** Reads the whole file. */
  readonly readAll: () => Uint8Array;
}

function endsWith(tail: Uint8Array, end: string): boolean {
  const start = tail.length - end.length;
  for (let i = 0; i < end.length; i++) if (tail[start + i] !== end.charCodeAt(i)) return false;
  return true;
}

/** Returns where the characters of a text, a byte each, first stand in bytes; -1 if nowhere. */
function findBytes(bytes: Uint8Array, text: string, start: number): number {
  const first = text.charCodeAt(0);
  for (let at = bytes.indexOf(first, start); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (endsWith(bytes.subarray(at, at + text.length), text)) return at;
  }
  return -1;
}

/** End of every PNG: an empty chunk and its checksum. */
const PNG_END = "\0\0\0\0IEND\xaeB`\x82";
const JPEG_END = "\xff\xd9";

/**
 * Returns whether a file is truncated, for formats that allow a quick check; the decoder checks the others.
 */
export function isEndMissing(format: ImageFormat, { size, head, tail, readAll }: FileEnds): boolean {
  switch (format) {
    // Data appended after the end by cameras and programs are harmless.
    case "png":
      return !endsWith(tail, PNG_END) && findBytes(readAll(), PNG_END.slice(4), 0) < 0;
    case "jpeg":
      return !endsWith(tail, JPEG_END) && !hasJpegEnd(readAll());
    case "webp":
      return size < 8 + uint32(head, 4, true);
    case "bmp":
      return size < bitmapLength(bitmapLayout(head));
    case "netpbm":
      return size < netpbmLength(netpbmLayout(head));
    case "avif":
    case "heic":
      return size < boxesEnd(head);
    default:
      return false;
  }
}

function uint32(bytes: Uint8Array, at: number, littleEndian: boolean): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(at, littleEndian);
}

/**
 * Returns whether an end marker follows the first scan; markers of thumbnails in the headers do not count.
 */
function hasJpegEnd(bytes: Uint8Array): boolean {
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] !== 0xda) {
    at += 2 + 256 * (bytes[at + 2] ?? 0) + (bytes[at + 3] ?? 0);
  }
  return findBytes(bytes, JPEG_END, at) >= 0;
}

/** Returns the offset after the last box that begins in the head. */
function boxesEnd(head: Uint8Array): number {
  let at = 0;
  while (at + 8 <= head.length) {
    const length = uint32(head, at, false);
    // Length 0 means the rest of the file, and 1 a 64-bit length.
    if (length < 8) return at;
    at += length;
  }
  return at;
}
