// deno-lint-ignore-file no-non-null-assertion -- numeric loops; indices are in range by construction
/**
 * Nearest neighbours in feature space, and their votes.
 * @module
 */
import { spread } from "../../data/internal.ts";
import type { ProbeExamples } from "./probe.ts";

/** A neighbour of an example. */
export interface Neighbor {
  /** Place of the neighbour in the list of examples. */
  readonly place: number;
  /** Distance of both features after scaling to length 1; the cosine of their angle is 1 − distance²/2. */
  readonly distance: number;
}

/**
 * Returns the nearest others of examples, the nearest first: `O(T·N·D)` for T of N examples with D features.
 * @param places The T examples; all if absent.
 * @throws {RangeError} if a feature is not finite.
 */
export function nearestNeighbors(
  features: readonly ArrayLike<number>[],
  count: number,
  places: readonly number[] = [...features.keys()],
): Neighbor[][] {
  const directions = features.map(toDirection);
  return places.map((place) => nearestTo(place, directions, count));
}

/** Scales features to length 1; features of length 0 stay. */
function toDirection(features: ArrayLike<number>, place: number): Float64Array {
  const values = Float64Array.from(features);
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  if (Number.isFinite(length)) return length === 0 ? values : values.map((value) => value / length);
  throw new RangeError(`Cannot compare neighbours: features of example ${place} must be finite`);
}

function nearestTo(own: number, directions: readonly Float64Array[], count: number): Neighbor[] {
  const nearest: Neighbor[] = [];
  for (let place = 0; place < directions.length; place++) {
    if (place === own) continue;
    const distance = distanceOf(directions[own]!, directions[place]!), last = nearest.at(-1);
    if (nearest.length === count && last && distance >= last.distance) continue;
    const at = nearest.findIndex((other) => other.distance > distance);
    nearest.splice(at < 0 ? nearest.length : at, 0, { place, distance });
    if (nearest.length > count) nearest.pop();
  }
  return nearest;
}

function distanceOf(x: Float64Array, y: Float64Array): number {
  let square = 0;
  for (let i = 0; i < x.length; i++) square += (x[i]! - y[i]!) ** 2;
  return Math.sqrt(square);
}

/**
 * Returns probabilities of classes for each example `[N][C]`, by its 10 nearest neighbours: the shares of their
 * labels, weighted by the cosine of features. The example's own label has no influence.
 * @throws {RangeError} if a feature is not finite.
 */
export function neighborProbabilities({ features, labels, classCount }: ProbeExamples): Float64Array[] {
  return nearestNeighbors(features, 10).map((neighbors) => {
    const votes = new Float64Array(classCount).fill(1e-3); // No probability is 0, and their sum never is.
    for (const { place, distance } of neighbors) {
      votes[labels[place]!]! += Math.max(0, 1 - distance ** 2 / 2);
    }
    const total = votes.reduce((sum, vote) => sum + vote, 0);
    return votes.map((vote) => vote / total);
  });
}

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
  const places = spread([...labels.keys()], maxTested);
  const isWrong = (nearest: readonly Neighbor[], t: number) =>
    vote(nearest.map(({ place }) => labels[place]!), classCount) !== labels[places[t]!];
  const wrong = nearestNeighbors(features, neighbors, places).filter(isWrong).length;
  return { error: wrong / places.length, examples: places.length };
}

/** Returns the most frequent class; of equally frequent ones, the first in the list. */
function vote(labels: readonly number[], classCount: number): number {
  const votes = new Array<number>(classCount).fill(0);
  for (const label of labels) votes[label] = (votes[label] ?? 0) + 1;
  const most = Math.max(...votes);
  return labels.find((label) => votes[label] === most) ?? -1;
}
