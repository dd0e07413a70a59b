// deno-lint-ignore-file no-non-null-assertion -- loops over numbers, whose indices are in range by construction
/** Channel statistics for normalising images. */

import {
  type ChannelStatistics,
  type ImageSet,
  type ImageSource,
  isResident,
  type Pixels,
} from "../dataset.ts";
import { readImages } from "../read_images.ts";

/** Number of images that statistics are computed from if the images are not in memory. */
const sampleSize = 1000;

/**
 * Computes mean and standard deviation of each channel over all pixels of all images: of bytes scaled to
 * `[0, 1]`, of floats as they are. The standard deviation is that of the population; it is 1 for a constant
 * channel, so that dividing by it is safe.
 *
 * @param source Origin of the images, stored in the result.
 *
 * @throws {RangeError} if there are no images.
 *
 * @example
 * ```ts
 * import { computeChannelStatistics } from "../mod.ts";
 * import { assertEquals } from "../../tests/assert.ts";
 *
 * const images = new Uint8Array([0, 255]);
 * const labels = Int32Array.of(0, 1);
 * const { mean, standardDeviation } = computeChannelStatistics({ images, labels, imageShape: [1, 1, 1] });
 * assertEquals([mean[0], standardDeviation[0]], [0.5, 0.5]);
 * ```
 */
export function computeChannelStatistics(
  { images, imageShape: [channels, height, width] }: ImageSet<Pixels>,
  source: string = "the training images",
): ChannelStatistics {
  if (images.length === 0) throw new RangeError("Cannot compute channel statistics: there are no images");
  const scale = images instanceof Uint8Array ? 255 : 1;
  const momentsOf = images instanceof Uint8Array ? momentsOfBytes : momentsOfFloats;
  const moments = Array.from(
    { length: channels },
    (_, channel) => momentsOf(images, channel * height * width, height * width, channels),
  );
  return {
    mean: moments.map(({ mean }) => mean / scale),
    standardDeviation: moments.map(({ variance }) => Math.sqrt(variance) / scale || 1),
    source,
  };
}

/**
 * Computes the statistics of any source: of all images in memory, or of up to 1000 others, spread evenly.
 *
 * @throws {RangeError} if no image can be read.
 */
export async function measureChannelStatistics(images: ImageSource): Promise<ChannelStatistics> {
  if (isResident(images)) return computeChannelStatistics(images);
  const count = images.labels.length, size = Math.min(count, sampleSize);
  const indices = Int32Array.from({ length: size }, (_, i) => Math.floor(i * count / size));
  return computeChannelStatistics(await readImages(images, { indices }), "some of the training images");
}

/** Mean and variance of one channel. */
interface Moments {
  readonly mean: number;
  readonly variance: number;
}

/** Exact, by counting how often each value occurs. */
function momentsOfBytes(images: Pixels, first: number, length: number, channels: number): Moments {
  const histogram = new Float64Array(256);
  for (let start = first; start < images.length; start += channels * length) {
    for (let i = start; i < start + length; i++) histogram[images[i]!]! += 1;
  }
  const count = histogram.reduce((total, times) => total + times, 0);
  const mean = histogram.reduce((total, times, value) => total + times * value, 0) / count;
  const squares = histogram.reduce((total, times, value) => total + times * (value - mean) ** 2, 0);
  return { mean, variance: squares / count };
}

/** In two passes, so that the squares are of small numbers. */
function momentsOfFloats(images: Pixels, first: number, length: number, channels: number): Moments {
  const average = (of: (value: number) => number) => {
    let total = 0, count = 0;
    for (let start = first; start < images.length; start += channels * length) {
      for (let i = start; i < start + length; i++) total += of(images[i]!);
      count += length;
    }
    return total / count;
  };
  const mean = average((value) => value);
  return { mean, variance: average((value) => (value - mean) ** 2) };
}
