/**
 * Thumbnails: small PNG images in data URLs.
 * @module
 */
import { encode } from "npm:fast-png@8.0.0";

/** A small image. */
export interface Thumbnail {
  readonly url: string;
  readonly width: number;
  readonly height: number;
}

/** Maximum side of an ordinary thumbnail, in pixels. */
export const ordinarySide = 96;

/**
 * Creates a thumbnail of an image. Small images keep their size; in larger ones, pixels are averaged.
 * @param pixels Bytes of `[C, H, W]`, row-major; one channel is grey, three are red, green and blue.
 * @param aspect Width / height of the thumbnail; default that of the pixels.
 * @param maxSide Maximum side in pixels.
 * @throws {RangeError} if the number of channels is not 1 or 3.
 */
export function thumbnailOf(
  pixels: Uint8Array,
  shape: readonly [number, number, number],
  aspect?: number,
  maxSide: number = ordinarySide,
): Thumbnail {
  const { png, width, height } = encodePicture(pixels, shape, aspect, maxSide);
  return { url: `data:image/png;base64,${png.toBase64()}`, width, height };
}

/**
 * Encodes an image as PNG, as {@linkcode thumbnailOf} does.
 * @throws {RangeError} if the number of channels is not 1 or 3.
 */
export function encodePicture(
  pixels: Uint8Array,
  [channels, height, width]: readonly [number, number, number],
  aspect: number = width / height,
  maxSide: number = ordinarySide,
): { readonly png: Uint8Array; readonly width: number; readonly height: number } {
  if (channels !== 1 && channels !== 3) {
    throw new RangeError(`Cannot show an image: it must have 1 or 3 channels, but has ${channels}`);
  }
  // Keeps height or width, whichever loses less, because images are resampled to a canvas of another shape.
  const shrink = Math.min(1, maxSide / Math.max(height, width));
  const side = Math.max(height, width) * shrink;
  const rows = Math.max(1, Math.round(aspect >= 1 ? side / aspect : side));
  const columns = Math.max(1, Math.round(aspect >= 1 ? side : side * aspect));
  const data = new Uint8Array(rows * columns * channels);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let channel = 0; channel < channels; channel++) {
        const plane = pixels.subarray(channel * height * width, (channel + 1) * height * width);
        const [down, across] = [partOf(row, rows, height), partOf(column, columns, width)];
        data[at++] = meanOf(plane, width, down, across);
      }
    }
  }
  const png = encode({ width: columns, height: rows, data, channels }, { zlib: { level: 9 } });
  return { png, width: columns, height: rows };
}

/** Returns the range of `from` pixels that pixel `index` of `to` averages: at least one pixel. */
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
  // deno-lint-ignore no-non-null-assertion -- in range by construction
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += plane[y * width + x]!;
  return Math.round(sum / ((bottom - top) * (right - left)));
}
