/**
 * Review of a run's labels: probable label errors and near-duplicates among its labelled pictures.
 * @module
 */
import { type Dataset, exampleName, type ImageSource, NO_LABEL, readBatches } from "../../data/mod.ts";
import { spread } from "../../data/internal.ts";
import { extractFeatures, type Model } from "../../nn/mod.ts";
import {
  findNearDuplicates,
  neighborProbabilities,
  probeProbabilities,
  rankLabelErrors,
} from "../../semisup/mod.ts";
import { thumbnailsOf } from "../report/test_results.ts";
import type { Thumbnail } from "../report/thumbnail.ts";

/** A labelled picture. */
export interface LabelledPicture {
  readonly name: string;
  /** Class index. */
  readonly label: number;
  /** True if the picture was held out of training. */
  readonly isHeldOut: boolean;
  readonly thumbnail: Thumbnail;
}

/** A picture whose label is probably wrong. */
export interface Suspect extends LabelledPicture {
  /** Index of the class that fits best. */
  readonly suggested: number;
  /** Probabilities of both classes by the features of the other pictures. */
  readonly labelProbability: number;
  readonly suggestedProbability: number;
}

/** Two pictures that are almost equal to the network. */
export interface PicturePair {
  readonly pictures: readonly [LabelledPicture, LabelledPicture];
  /** Distance of their features, as a share of the distance to other pictures around. */
  readonly relativeDistance: number;
}

/** Result of a review. */
export interface LabelReview {
  /** Number of labelled pictures, and of those that were examined. */
  readonly labelled: number;
  readonly examined: number;
  /** Number of pictures whose features contradict their label confidently. */
  readonly confident: number;
  /** Number of pictures whose features contradict their label at all. */
  readonly contradicted: number;
  /** The surest contradictions, the surest first. */
  readonly suspects: readonly Suspect[];
  /** The closest pairs, those with different labels first. */
  readonly pairs: readonly PicturePair[];
  /** Number of all pairs. */
  readonly pairCount: number;
}

/** Inputs of a review. */
export interface ReviewParts {
  readonly model: Model;
  readonly dataset: Dataset;
  /** Training labels of the run; NO_LABEL (−1) = unlabelled. */
  readonly labels: Int32Array;
  /** Maximum number of suspects, and of pairs. */
  readonly count: number;
}

/** A labelled picture before it is seen. */
interface Example {
  readonly set: "train" | "test";
  readonly index: number;
  readonly label: number;
}

/**
 * Largest relative distance of near-duplicates. On digits and clothes, copies with noise or another brightness are
 * at 0.07 to 0.39, shifted by a pixel at 0.39 to 0.86, and the closest pair of other pictures at 0.38 and 0.47.
 */
const largestDistance = 0.4;

/** Maximum number of pictures: the time to compare all of them grows with the square. */
const maxPictures = 3000;

/** Minimum number of pictures for a review. */
const minPictures = 3;

/**
 * Reviews the labels of the training pictures and of the held-out ones. The network has learnt the labels of its
 * training pictures, so its own predictions repeat wrong ones. Probabilities come from the features of other
 * pictures instead: the mean of a linear probe fitted without the picture in question and of its neighbours.
 *
 * If there are very many labelled pictures, some that are spread evenly are examined.
 * @returns null if there are too few labelled pictures, or they have one class only.
 */
export async function reviewLabels(
  { model, dataset, labels, count }: ReviewParts,
): Promise<LabelReview | null> {
  const all = [
    ...examplesOf("train", labels),
    ...(dataset.heldOut ? examplesOf("test", dataset.test.labels) : []),
  ];
  const { examples, features } = await featuresOf(spread(all, maxPictures), model, dataset);
  const examined = examples.length, classIndices = examples.map(({ label }) => label);
  if (examined < minPictures || new Set(classIndices).size < 2) return null;
  const classCount = model.classes.length;
  const labelled = { features, labels: classIndices, classCount };
  const byProbe = probeProbabilities(labelled), byNeighbours = neighborProbabilities(labelled);
  const probabilities = byProbe.map((row, i) =>
    row.map((each, c) => (each + (byNeighbours[i]?.[c] ?? each)) / 2)
  );
  const errors = rankLabelErrors({ probabilities, labels: classIndices });
  const pairs = findNearDuplicates(features, largestDistance)
    .map((pair) => ({ ...pair, both: pair.places.map((place) => examples[place]) }))
    .sort((a, b) => Number(areAlike(a.both)) - Number(areAlike(b.both)));
  const shownErrors = errors.slice(0, count), shownPairs = pairs.slice(0, count);
  const places = [...shownErrors.map(({ place }) => place), ...shownPairs.flatMap(({ places }) => places)];
  const pictures = await picturesOf(new Set(places), examples, dataset);
  return {
    labelled: all.length,
    examined,
    confident: errors.filter(({ isConfident }) => isConfident).length,
    contradicted: errors.length,
    pairCount: pairs.length,
    suspects: shownErrors.flatMap(({ place, suggested }) => {
      const picture = pictures.get(place), row = probabilities[place];
      const [labelProbability, suggestedProbability] = [row?.[picture?.label ?? 0], row?.[suggested]];
      return picture && labelProbability !== undefined && suggestedProbability !== undefined
        ? [{ ...picture, suggested, labelProbability, suggestedProbability }]
        : [];
    }),
    pairs: shownPairs.flatMap(({ places: [first, second], relativeDistance }) => {
      const [one, other] = [pictures.get(first), pictures.get(second)];
      return one && other ? [{ pictures: [one, other] as const, relativeDistance }] : [];
    }),
  };
}

function areAlike([one, other]: readonly (Example | undefined)[]): boolean {
  return one?.label === other?.label;
}

function examplesOf(set: Example["set"], labels: Int32Array): Example[] {
  return Array.from(labels, (label, index) => ({ set, index, label })).filter(({ label }) =>
    label !== NO_LABEL
  );
}

/** Computes the features of examples; those of damaged files are left out. */
async function featuresOf(chosen: readonly Example[], model: Model, dataset: Dataset) {
  const examples: Example[] = [], features: Float32Array[] = [];
  for (const set of ["train", "test"] as const) {
    const own = new Map(chosen.filter((each) => each.set === set).map((each) => [each.index, each]));
    const batches = readBatches(dataset[set], Int32Array.from(own.keys()), model.batchSize);
    const { values, shape: [, size], indices } = await extractFeatures(model, batches);
    for (const [row, index] of indices.entries()) {
      const example = own.get(index);
      if (!example) continue;
      examples.push(example);
      features.push(values.subarray(row * size, (row + 1) * size));
    }
  }
  return { examples, features };
}

/** Returns the pictures at some places; those whose files have disappeared are left out. */
async function picturesOf(
  places: ReadonlySet<number>,
  examples: readonly Example[],
  dataset: Dataset,
): Promise<ReadonlyMap<number, LabelledPicture>> {
  const pictures = new Map<number, LabelledPicture>();
  for (const set of ["train", "test"] as const) {
    const source: ImageSource = dataset[set];
    const own = [...places].flatMap((place) => {
      const example = examples[place];
      return example?.set === set ? [{ place, ...example }] : [];
    });
    const thumbnails = await thumbnailsOf(own.map(({ index }) => index), source);
    for (const { place, index, label } of own) {
      const thumbnail = thumbnails.get(index), name = source.names?.[index] ?? exampleName(index);
      if (thumbnail) pictures.set(place, { name, label, isHeldOut: set === "test", thumbnail });
    }
  }
  return pictures;
}
