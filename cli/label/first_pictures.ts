/**
 * Pictures to label first, before there is a network: pictures that differ from each other.
 * @module
 */
import { spread } from "../../data/internal.ts";
import { type ImageSource, readBatches } from "../../data/mod.ts";
import { sizeOf } from "../../kernels/mod.ts";
import { Suggestions } from "../../semisup/mod.ts";
import type { PlacedPicture } from "./picture_groups.ts";

/** Largest number of pictures to choose from, and of their values; of more pictures, an even sample is taken. */
const mostCandidates = 2000, mostValues = 2 ** 25;

/**
 * Chooses pictures by k-means++ on their pixels, from which their mean is subtracted, so that the first draw avoids
 * ordinary pictures.
 * @param source Small pictures: 16 pixels a side are enough.
 * @param names Names of all pictures of the source.
 * @param candidates Indices to choose from.
 */
export async function chooseFirstPictures(
  source: ImageSource,
  names: readonly string[],
  candidates: readonly number[],
  { count, seed }: { readonly count: number; readonly seed: number },
): Promise<PlacedPicture[]> {
  const most = Math.min(mostCandidates, Math.floor(mostValues / sizeOf(source.imageShape)));
  const features = await readPixels(source, Int32Array.from(spread(candidates, most)));
  const suggestions = new Suggestions();
  // Equal probabilities, so that only the pixels decide.
  for (const [index, values] of features) {
    suggestions.add({ index, features: values, probabilities: [0.5, 0.5] });
  }
  const chosen = suggestions.choose({ count: Math.max(1, count), seed });
  return fillUp(chosen, [...features.keys()], count).map((index) => ({
    name: names[index] ?? "",
    guesses: [],
    features: features.get(index) ?? new Float32Array(),
  }));
}

/**
 * Adds candidates in their order until there are enough: of pictures that equal a chosen one, or one another, none
 * would be chosen otherwise.
 */
export function fillUp(chosen: readonly number[], candidates: Iterable<number>, count: number): number[] {
  const all = new Set(chosen);
  for (const index of candidates) {
    if (all.size >= count) break;
    all.add(index);
  }
  return [...all];
}

/** Reads pictures as vectors without their common mean. */
export async function readPixels(
  source: ImageSource,
  indices: Int32Array,
): Promise<Map<number, Float32Array>> {
  const size = sizeOf(source.imageShape), vectors = new Map<number, Float32Array>();
  const mean = new Float64Array(size);
  for await (const batch of readBatches(source, indices, 64)) {
    batch.indices.forEach((index, i) => {
      const vector = Float32Array.from(
        batch.pixels.subarray(i * size, (i + 1) * size),
        (value) => value / 255,
      );
      vector.forEach((value, at) => mean[at] = (mean[at] ?? 0) + value);
      vectors.set(index, vector);
    });
  }
  for (const vector of vectors.values()) {
    vector.forEach((value, at) => vector[at] = value - (mean[at] ?? 0) / vectors.size);
  }
  return vectors;
}
