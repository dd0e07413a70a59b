/**
 * Unlabelled pictures of a run: those that its model classifies most surely, and least surely.
 * @module
 */
import { type Dataset, exampleName, NO_LABEL, readBatches } from "../../data/mod.ts";
import { spread } from "../../data/internal.ts";
import type { Model } from "../../nn/mod.ts";
import { type Guess, guessOf, type IndexedGuess, leastSureOf, surestOf } from "../pictures/guess.ts";
import { thumbnailsOf } from "./test_results.ts";
import type { Thumbnail } from "./thumbnail.ts";

/** A picture that has no label, with the classes that fit best. */
export interface ClassifiedPicture extends Guess {
  readonly name: string;
  readonly thumbnail: Thumbnail;
}

/** Predictions of a run's model for its unlabelled pictures. */
export interface UnlabelledReview {
  /** Number of unlabelled pictures. */
  readonly unlabelled: number;
  /** Number of pictures that were classified, spread evenly over all. */
  readonly examined: number;
  /** Surest pictures of the predicted classes in turn. */
  readonly surest: readonly ClassifiedPicture[];
  /** Least sure pictures, the least sure first. */
  readonly leastSure: readonly ClassifiedPicture[];
}

/** Maximum number of pictures that are classified. */
const maxPictures = 2000;

/**
 * Classifies the unlabelled training pictures of a run, or some that are spread evenly.
 * @param labels Training labels of the run; NO_LABEL (−1) = unlabelled.
 * @param count Maximum number of surest pictures, and of least sure ones.
 * @returns null if there are none.
 */
export async function classifyUnlabelled(
  { model, dataset: { train }, labels, count }: {
    readonly model: Model;
    readonly dataset: Pick<Dataset, "train">;
    readonly labels: Int32Array;
    readonly count: number;
  },
): Promise<UnlabelledReview | null> {
  const unlabelled = [...labels.keys()].filter((index) => labels[index] === NO_LABEL);
  const guesses: IndexedGuess[] = [];
  const chosen = Int32Array.from(spread(unlabelled, maxPictures));
  for await (const { indices, pixels, aspects } of readBatches(train, chosen, model.batchSize)) {
    const predictions = await model.predictPlanes(pixels, aspects);
    for (const [i, { probabilities }] of predictions.entries()) {
      guesses.push({ index: indices[i] ?? -1, ...guessOf(probabilities) });
    }
  }
  if (guesses.length === 0) return null;
  const surest = surestOf(guesses, count), leastSure = leastSureOf(guesses, count);
  const thumbnails = await thumbnailsOf([...surest, ...leastSure].map(({ index }) => index), train);
  const withImage = ({ index, ...guess }: IndexedGuess): ClassifiedPicture[] => {
    const thumbnail = thumbnails.get(index);
    return thumbnail ? [{ ...guess, name: train.names?.[index] ?? exampleName(index), thumbnail }] : [];
  };
  return {
    unlabelled: unlabelled.length,
    examined: guesses.length,
    surest: surest.flatMap(withImage),
    leastSure: leastSure.flatMap(withImage),
  };
}
