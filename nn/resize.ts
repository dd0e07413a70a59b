// deno-lint-ignore-file no-non-null-assertion -- loops over numbers, whose indices are in range by construction
/**
 * Resampling of image planes on the host.
 * @module
 */

/** Height and width, in pixels. */
export type PlaneSize = readonly [height: number, width: number];

/** What each element of a line is the weighted mean of: `count` positions and weights each. */
interface Taps {
  readonly positions: Int32Array;
  readonly weights: Float64Array;
  readonly count: number;
}

/** Weights of a triangle of some radius about a centre for each of `to` elements; positions are clamped to the line. */
function tapsOf(from: number, to: number, radius: number, centerOf: (i: number) => number): Taps {
  const count = Math.ceil(2 * radius) + 1;
  const positions = new Int32Array(to * count), weights = new Float64Array(to * count);
  for (let i = 0; i < to; i++) {
    const center = centerOf(i), first = Math.ceil(center - radius);
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

/** For a line that shrinks: a triangle as wide as two elements of the result, about each one's centre. */
function shrinking(from: number, to: number): Taps {
  const factor = from / to;
  // Four times and more: of blocks, so that a triangle has few of them.
  const block = Math.max(1, Math.floor(factor / 2));
  const blocks = Math.ceil(from / block), radius = factor / block;
  const { positions, weights, count } = tapsOf(blocks, to, radius, (i) => (i + 0.5) * radius - 0.5);
  if (block === 1) return { positions, weights, count };
  const within = Array.from({ length: block }, (_, i) => i);
  return {
    positions: Int32Array.from(
      [...positions].flatMap((position) => within.map((i) => Math.min(from - 1, position * block + i))),
    ),
    weights: Float64Array.from([...weights].flatMap((weight) => within.map(() => weight / block))),
    count: count * block,
  };
}

/** For lines of an image that grows: neighbours by their distance, from half an element before the first on. */
function growing(from: number, to: number): Taps {
  return tapsOf(from, to, 1, (i) => i * from / to - 0.5);
}

/** Weighted means along both axes: `[h, w]` to `[H, W]` of the taps, rounded. */
function resample(source: ArrayLike<number>, width: number, target: Uint8Array, down: Taps, across: Taps) {
  const rows = down.positions.length / down.count, columns = across.positions.length / across.count;
  const row = new Float64Array(width);
  for (let y = 0; y < rows; y++) {
    row.fill(0);
    for (let k = y * down.count; k < (y + 1) * down.count; k++) {
      const weight = down.weights[k]!, start = down.positions[k]! * width;
      if (weight > 0) { for (let x = 0; x < width; x++) row[x]! += weight * source[start + x]!; }
    }
    for (let x = 0; x < columns; x++) {
      let sum = 0;
      for (let k = x * across.count; k < (x + 1) * across.count; k++) {
        sum += across.weights[k]! * row[across.positions[k]!]!;
      }
      target[y * columns + x] = Math.round(sum);
    }
  }
}

/**
 * Resamples a plane `[h, w]` to `[H, W]`, each axis by its own factor, as files are resampled when they are decoded for
 * training. Axes that shrink are the mean under a triangle as wide as two pixels of the result (what PIL calls bilinear,
 * torchvision bilinear with antialias). Then, where an axis is to grow, both are interpolated linearly, from half a pixel
 * before the first on. Beyond the border its pixels go on. Rounded to whole numbers.
 *
 * Where an axis shrinks four times or more the triangle is over means of blocks of ⌊factor / 2⌋ pixels. The decoder rounds
 * between the passes and computes with fewer bits; JPEG files that shrink twice or more it shrinks while it decodes them.
 *
 * @param source `[h, w]`
 * @param target `[H, W]`, which is written.
 */
export function resizePlane(
  source: ArrayLike<number>,
  [height, width]: PlaneSize,
  target: Uint8Array,
  [newHeight, newWidth]: PlaneSize,
): void {
  const [smallHeight, smallWidth] = [Math.min(height, newHeight), Math.min(width, newWidth)];
  const grows = newHeight > height || newWidth > width;
  const shrinks = smallHeight < height || smallWidth < width;
  const small = grows ? new Uint8Array(smallHeight * smallWidth) : target;
  if (shrinks) {
    resample(source, width, small, shrinking(height, smallHeight), shrinking(width, smallWidth));
  }
  if (!grows && !shrinks) target.set(source);
  if (!grows) return;
  const [down, across] = [growing(smallHeight, newHeight), growing(smallWidth, newWidth)];
  resample(shrinks ? small : source, smallWidth, target, down, across);
}
