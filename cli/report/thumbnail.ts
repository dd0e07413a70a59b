/**
 * Images as they are put into a page: small PNG files in data URLs.
 * @module
 */
import { Buffer } from "node:buffer";
import { crc32, deflateSync } from "node:zlib";

/** A small image. */
export interface Thumbnail {
  readonly url: string;
  readonly width: number;
  readonly height: number;
}

/** Sides of a thumbnail at most. */
const largestSide = 96;

/**
 * A thumbnail of an image: as it is where it is small, otherwise each pixel the mean of those that it stands for.
 * @param pixels Bytes of `[C, H, W]`, row-major; one channel is grey, three are red, green and blue.
 * @param aspect Width / height that the image should be seen with.
 * @throws {RangeError} if there is another number of channels.
 */
export function thumbnailOf(
  pixels: Uint8Array,
  [channels, height, width]: readonly [number, number, number],
  aspect: number = width / height,
): Thumbnail {
  if (channels !== 1 && channels !== 3) {
    throw new RangeError(`Cannot show an image as it must have 1 or 3 channels: it has ${channels}`);
  }
  // Kept at its height or its width, whichever loses less, as the canvas it was resampled to need not have its shape.
  const shrink = Math.min(1, largestSide / Math.max(height, width));
  const side = Math.max(height, width) * shrink;
  const size = [aspect >= 1 ? side / aspect : side, aspect >= 1 ? side : side * aspect]
    .map((length) => Math.max(1, Math.round(length)));
  const [rows, columns] = size as [number, number];
  const raw = new Uint8Array(rows * (1 + columns * channels));
  for (let row = 0; row < rows; row++) {
    const start = row * (1 + columns * channels) + 1; // Each row begins with the filter 0: none.
    for (let column = 0; column < columns; column++) {
      for (let channel = 0; channel < channels; channel++) {
        const plane = pixels.subarray(channel * height * width, (channel + 1) * height * width);
        raw[start + column * channels + channel] = meanOf(
          plane,
          width,
          partOf(row, rows, height),
          partOf(column, columns, width),
        );
      }
    }
  }
  const png = pngOf(raw, columns, rows, channels);
  return { url: `data:image/png;base64,${png.toString("base64")}`, width: columns, height: rows };
}

/** Which of `from` pixels pixel `index` of `to` stands for: at least one. */
function partOf(index: number, to: number, from: number): readonly [first: number, end: number] {
  const first = Math.floor(index * from / to);
  return [first, Math.max(first + 1, Math.floor((index + 1) * from / to))];
}

function meanOf(
  plane: Uint8Array,
  width: number,
  [top, bottom]: readonly [number, number],
  [left, right]: readonly [number, number],
): number {
  let sum = 0;
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += plane[y * width + x]!;
  return Math.round(sum / ((bottom - top) * (right - left)));
}

/** A PNG file of 8-bit rows that begin with their filter. */
function pngOf(raw: Uint8Array, width: number, height: number, channels: 1 | 3): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 8 bits; colour type 0 is grey, 2 is RGB.
  header.set([8, channels === 1 ? 0 : 2], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunkOf("IHDR", header),
    chunkOf("IDAT", deflateSync(raw, { level: 9 })),
    chunkOf("IEND", Buffer.alloc(0)),
  ]);
}

/** A chunk: its length, name and data, and the checksum of name and data. */
function chunkOf(name: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const ends = [body.length - 4, crc32(body)].map((value) => {
    const word = Buffer.alloc(4);
    word.writeUInt32BE(value);
    return word;
  });
  return Buffer.concat([ends[0]!, body, ends[1]!]);
}
