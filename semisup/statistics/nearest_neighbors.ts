/**
 * Error of the nearest neighbours in feature space.
 * @module
 */
import type { ProbeExamples } from "./probe.ts";

/** Result of {@linkcode neighborError}. */
export interface NeighborResult {
  /** Share of the tested examples whose neighbours vote for another class. */
  readonly error: number;
  /** Number of tested examples. */
  readonly examples: number;
}

/** Options of {@linkcode neighborError}. */
export interface NeighborOptions {
  /** Number of neighbours that vote; default 5. */
  readonly neighbors?: number;
  /** Largest number of tested examples, spread evenly; all others are neighbours only; default all. */
  readonly maxTested?: number;
}

/**
 * Computes the leave-one-out error of k nearest neighbours: each tested example gets the class of most of the
 * `k` other examples whose features have the largest cosine similarity; of equally frequent classes, that of
 * the nearest neighbour among them. Takes `O(T·N·D)` for T tested ones of N examples with D features.
 *
 * If the features were trained with the same labels, the error is too low.
 *
 * Cover & Hart 1967 (Nearest Neighbor Pattern Classification).
 *
 * @throws {RangeError} if there are fewer than two examples, labels and features differ in number, or a
 * feature is not finite.
 *
 * @example
 * ```ts
 * import { neighborError } from "../mod.ts";
 *
 * const features = [[0, 1], [0, 2], [5, 1], [5, 2]];
 * console.assert(neighborError({ features, labels: [0, 0, 1, 1], classCount: 2 }, { neighbors: 1 }).error === 0);
 * ```
 */
export function neighborError(
  { features, labels, classCount }: ProbeExamples,
  { neighbors = 5, maxTested = labels.length }: NeighborOptions = {},
): NeighborResult {
  const count = labels.length;
  if (count < 2 || features.length !== count) {
    throw new RangeError(
      `Cannot compare neighbours: at least two examples with a label each are needed, but there are ${features.length} examples and ${count} labels`,
    );
  }
  const directions = features.map(toDirection), tested = Math.min(count, maxTested);
  let wrong = 0;
  for (let t = 0; t < tested; t++) {
    const index = Math.floor(t * count / tested);
    const nearest = nearestTo(index, directions, neighbors).map((n) => labels[n] ?? -1);
    if (vote(nearest, classCount) !== labels[index]) wrong++;
  }
  return { error: wrong / tested, examples: tested };
}

/** Scales features to length 1; features of length 0 stay. */
function toDirection(features: ArrayLike<number>, index: number): Float64Array {
  const values = Float64Array.from(features);
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  if (Number.isFinite(length)) return length === 0 ? values : values.map((value) => value / length);
  throw new RangeError(`Cannot compare neighbours: features of example ${index} must be finite`);
}

/** Returns the examples with the largest cosine similarity to one of them, the nearest first. */
function nearestTo(index: number, directions: readonly Float64Array[], count: number): number[] {
  const own = directions[index] ?? new Float64Array();
  const nearest: { readonly other: number; readonly similarity: number }[] = [];
  for (const [other, direction] of directions.entries()) {
    if (other === index) continue;
    let similarity = 0;
    for (let d = 0; d < own.length; d++) similarity += (own[d] ?? NaN) * (direction[d] ?? NaN);
    if (nearest.length === count && similarity <= (nearest.at(-1)?.similarity ?? 0)) continue;
    const place = nearest.findIndex((each) => each.similarity < similarity);
    nearest.splice(place < 0 ? nearest.length : place, 0, { other, similarity });
    if (nearest.length > count) nearest.pop();
  }
  return nearest.map(({ other }) => other);
}

/** Returns the most frequent class; of equally frequent ones, the first in the list. */
function vote(labels: readonly number[], classCount: number): number {
  const votes = new Array<number>(classCount).fill(0);
  for (const label of labels) votes[label] = (votes[label] ?? 0) + 1;
  const most = Math.max(...votes);
  return labels.find((label) => votes[label] === most) ?? -1;
}
