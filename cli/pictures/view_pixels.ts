/**
 * Pixels of the views that networks see.
 * @module
 */
import type { BatchViews, TrainingOptions } from "../../semisup/mod.ts";

/** Returns a function that reads pixels of a view as values from 0 to 1, which may be slightly outside. */
export function viewReader(
  image: Float32Array,
  { channelStatistics: { mean, standardDeviation } }: Pick<BatchViews, "channelStatistics">,
  { normalize }: Pick<TrainingOptions, "normalize">,
): (at: number, channel: number) => number {
  if (normalize !== "channel") return stretched(image);
  return (at, channel) => (image[at] ?? 0) * (standardDeviation[channel] ?? 1) + (mean[channel] ?? 0);
}

/** Returns values from 0 to 1, as preprocessed images have no range of their own. */
function stretched(image: Float32Array): (at: number) => number {
  const low = image.reduce((least, value) => Math.min(least, value), Infinity);
  const high = image.reduce((most, value) => Math.max(most, value), -Infinity);
  return (at) => ((image[at] ?? 0) - low) / Math.max(high - low, 1e-9);
}

/** Returns the bytes `[C, H, W]` of one view of a batch. @param network Network that sees the view. */
export function viewBytes(
  views: BatchViews,
  network: "student" | "target",
  index: number,
  options: Pick<TrainingOptions, "normalize">,
): Uint8Array {
  const [channels, height, width] = views.imageShape, area = height * width, size = channels * area;
  const image = views[network].subarray(index * size, (index + 1) * size);
  const read = viewReader(image, views, options);
  return Uint8Array.from(image, (_, at) => {
    const value = Math.round(255 * read(at, Math.floor(at / area)));
    return Math.max(0, Math.min(255, value));
  });
}
