// deno-lint-ignore-file no-non-null-assertion -- numeric loops; indices are in range by construction
/**
 * Near-duplicates in the space of features.
 * @module
 */
import { nearestNeighbors } from "./nearest_neighbors.ts";

/** Two examples that are much closer to each other than to the examples around. */
export interface NearDuplicates {
  /** Places of both examples in the list. */
  readonly places: readonly [first: number, second: number];
  /** Distance of both, as a share of the distance to other neighbours; 0 if the features are equal. */
  readonly relativeDistance: number;
}

/** The neighbour whose distance counts as usual: near-duplicates may come in groups of up to this many. */
const usualNeighbour = 5;

/**
 * Finds pairs of examples that are near-duplicates, the closest first.
 *
 * Features are scaled to length 1. The distance of a pair is divided by the usual distance around it, the smaller
 * of both examples' distances to their fifth neighbours, because trained features of a class lie close together.
 * Takes `O(N² D)`.
 *
 * @param features Features of each example `[N][D]`.
 * @param largest Largest relative distance of a pair.
 *
 * @example
 * ```ts
 * import { findNearDuplicates } from "../mod.ts";
 *
 * const features = [[0, 9], [9, 0], [9, 0.1], [5, 5], [3, 7], [7, 3], [4, 1], [1, 4]];
 * const [pair] = findNearDuplicates(features, 0.25);
 * console.assert(pair?.places.join() === "1,2");
 * ```
 */
export function findNearDuplicates(
  features: readonly ArrayLike<number>[],
  largest: number,
): NearDuplicates[] {
  const neighbours = nearestNeighbors(features, usualNeighbour);
  const usual = neighbours.map((own) => own.at(-1)?.distance ?? 0);
  const pairs = neighbours.flatMap((own, i) =>
    own.flatMap(({ place, distance }): NearDuplicates[] => {
      const around = Math.min(usual[i]!, usual[place]!);
      const relativeDistance = around === 0 ? 0 : distance / around;
      // Both examples of a pair may list each other.
      const isFirst = i < place || !neighbours[place]!.some((other) => other.place === i);
      return isFirst && relativeDistance <= largest ? [{ places: [i, place], relativeDistance }] : [];
    })
  );
  return pairs.sort((one, other) => one.relativeDistance - other.relativeDistance);
}
