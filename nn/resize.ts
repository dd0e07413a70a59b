/**
 * Resampling of image planes on the host.
 * @module
 */

/** What each element of a line is the weighted mean of: `taps` source positions and weights each, clamped at the ends. */
interface Taps {
  readonly positions: Int32Array;
  readonly weights: Float64Array;
  readonly count: number;
}

/** A triangle as wide as an element of the result or, if that is wider, of the source, about each element's centre. */
function tapsOf(from: number, to: number): Taps {
  const factor = from / to, radius = Math.max(1, factor);
  const count = Math.ceil(2 * radius) + 1;
  const positions = new Int32Array(to * count), weights = new Float64Array(to * count);
  for (let i = 0; i < to; i++) {
    const center = (i + 0.5) * factor - 0.5;
    const first = Math.ceil(center - radius);
    let sum = 0;
    for (let k = 0; k < count; k++) {
      const weight = Math.max(0, 1 - Math.abs(first + k - center) / radius);
      positions[i * count + k] = Math.min(from - 1, Math.max(0, first + k));
      weights[i * count + k] = weight;
      sum += weight;
    }
    for (let k = 0; k < count; k++) weights[i * count + k]! /= sum;
  }
  return { positions, weights, count };
}

/**
 * Resamples a plane `[h, w]` to `[H, W]`, each axis by its own factor: bilinear where it grows, and where it shrinks the
 * mean under a triangle as wide as two pixels of the result (what PIL calls bilinear, torchvision bilinear with
 * antialias); beyond the border the pixels at the border go on. Rounded to whole numbers.
 *
 * @param source `[h, w]`
 * @param target `[H, W]`, which is written.
 */
export function resizePlane(
  source: ArrayLike<number>,
  [height, width]: readonly [height: number, width: number],
  target: Uint8Array,
  [newHeight, newWidth]: readonly [height: number, width: number],
): void {
  const down = tapsOf(height, newHeight), across = tapsOf(width, newWidth);
  const row = new Float64Array(width);
  for (let y = 0; y < newHeight; y++) {
    row.fill(0);
    for (let k = 0; k < down.count; k++) {
      const weight = down.weights[y * down.count + k]!;
      if (weight === 0) continue;
      const start = down.positions[y * down.count + k]! * width;
      for (let x = 0; x < width; x++) row[x]! += weight * source[start + x]!;
    }
    for (let x = 0; x < newWidth; x++) {
      let sum = 0;
      for (let k = x * across.count; k < (x + 1) * across.count; k++) {
        sum += across.weights[k]! * row[across.positions[k]!]!;
      }
      target[y * newWidth + x] = Math.round(sum);
    }
  }
}
