/**
 * Choice of the images to label next.
 * @module
 */
import { type ImageSource, readBatches } from "../../data/mod.ts";
import type { Model } from "../../nn/mod.ts";
import { Suggestions, type SuggestOptions } from "../../semisup/mod.ts";
import { Counter } from "../terminal/counter.ts";

/** Chooses images that a model is unsure about and that differ from each other. @returns their indices, in the order of drawing. */
export async function chooseImages(
  model: Model,
  images: ImageSource,
  candidates: Int32Array,
  options: SuggestOptions,
): Promise<number[]> {
  const suggestions = new Suggestions();
  const counter = new Counter(candidates.length);
  try {
    for await (const { indices, pixels, aspects } of readBatches(images, candidates, model.batchSize)) {
      const predictions = await model.predictPlanes(pixels, aspects, { features: true });
      predictions.forEach(({ probabilities, features = [] }, i) =>
        suggestions.add({ index: indices[i] ?? -1, features, probabilities })
      );
      counter.add(indices.length);
    }
  } finally {
    counter.stop();
  }
  return suggestions.choose(options);
}
