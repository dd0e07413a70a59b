// deno-lint-ignore-file no-non-null-assertion -- loops over numbers, whose indices are in range by construction
/**
 * Resampling of image planes on the host.
 * @module
 */

/** Height and width, in pixels. */
export type PlaneSize = readonly [height: number, width: number];

/**
 * Positions and weights of the source elements that are averaged for each target element: `count` per
 * element.
 */
interface Taps {
  readonly positions: Int32Array;
  readonly weights: Float64Array;
  readonly count: number;
}

/**
 * Computes taps of a triangle of a radius about each target element's centre; positions are clamped to the
 * line.
 */
function triangleTaps(from: number, to: number, radius: number, centerOf: (i: number) => number): Taps {
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

/** Computes taps that shrink a line: triangles as wide as two target elements. */
function shrinkTaps(from: number, to: number): Taps {
  const factor = from / to;
  // From a factor of 4 on, source elements are averaged in blocks, so that a triangle has few taps.
  const block = Math.max(1, Math.floor(factor / 2));
  const blocks = Math.ceil(from / block), radius = factor / block;
  const { positions, weights, count } = triangleTaps(blocks, to, radius, (i) => (i + 0.5) * radius - 0.5);
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

/**
 * Computes taps that enlarge a line by linear interpolation; the first centre lies half an element before the
 * first.
 */
function growTaps(from: number, to: number): Taps {
  return triangleTaps(from, to, 1, (i) => i * from / to - 0.5);
}

/** Computes rounded weighted means along both axes, from `[h, w]` to `[H, W]`. */
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
 * Resamples a plane `[h, w]` to `[H, W]`, each axis by its own factor, as files are resampled when they are
 * decoded for training. First, axes that shrink are averaged under a triangle as wide as two target pixels
 * (bilinear in PIL, bilinear with antialias in torchvision). Then, if an axis grows, both axes are
 * interpolated linearly; the first centre lies half a pixel before the first pixel. Border pixels are
 * repeated outwards. The result is rounded to whole numbers.
 *
 * If an axis shrinks by a factor of 4 or more, the triangle covers means of blocks of ⌊factor / 2⌋ pixels.
 * The decoder of files differs slightly: it rounds between the passes, computes with fewer bits, and shrinks
 * JPEG files while decoding them if they shrink by a factor of 2 or more.
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
    resample(source, width, small, shrinkTaps(height, smallHeight), shrinkTaps(width, smallWidth));
  }
  if (!grows && !shrinks) target.set(source);
  if (!grows) return;
  const [down, across] = [growTaps(smallHeight, newHeight), growTaps(smallWidth, newWidth)];
  resample(shrinks ? small : source, smallWidth, target, down, across);
}
