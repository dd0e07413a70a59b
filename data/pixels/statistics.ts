// deno-lint-ignore-file no-non-null-assertion -- loops over numbers, whose indices are in range by construction
/** Channel statistics for normalising images. */

import type { ImageSet } from "../dataset.ts";

/**
 * Computes mean and standard deviation of each channel over all pixels of all images, scaled to `[0, 1]`.
 *
 * The results are exact, as they are computed from histograms; the standard deviation is that of the
 * population.
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
  { images, imageShape }: ImageSet,
): { mean: number[]; standardDeviation: number[] } {
  const [channels, height, width] = imageShape;
  const pixels = height * width;
  const mean: number[] = [];
  const standardDeviation: number[] = [];
  for (let channel = 0; channel < channels; channel++) {
    const histogram = new Float64Array(256);
    for (let start = channel * pixels; start < images.length; start += channels * pixels) {
      for (let i = start; i < start + pixels; i++) histogram[images[i]!]! += 1;
    }
    const count = histogram.reduce((total, times) => total + times, 0);
    const center = histogram.reduce((total, times, value) => total + times * value, 0) / count;
    const variance = histogram.reduce((total, times, value) => total + times * (value - center) ** 2, 0) /
      count;
    mean.push(center / 255);
    standardDeviation.push(Math.sqrt(variance) / 255);
  }
  return { mean, standardDeviation };
}
