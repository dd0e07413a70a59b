// deno-lint-ignore-file no-non-null-assertion -- numeric loops; indices are in range by construction
/**
 * Nearest neighbours in the space of features.
 * @module
 */

/** A neighbour of an example. */
export interface Neighbour {
  /** Place of the neighbour in the list. */
  readonly place: number;
  /** Distance of both features after scaling to length 1. */
  readonly distance: number;
}

/** Returns the nearest others of each example, the nearest first, by features of length 1: `O(N² D)`. */
export function nearestNeighbours(features: readonly ArrayLike<number>[], count: number): Neighbour[][] {
  const rows = features.map((row) => {
    const values = Float64Array.from(row), length = Math.hypot(...values) || 1;
    return values.map((value) => value / length);
  });
  return rows.map((row, i) => nearestOf(rows, row, i, count));
}

/**
 * Returns probabilities of classes for each example `[N][C]`, by its 10 nearest neighbours: the shares of their
 * labels, weighted by the cosine of features. The example's own label has no influence.
 */
export function neighbourProbabilities(
  { features, labels, classCount }: {
    readonly features: readonly ArrayLike<number>[];
    readonly labels: readonly number[];
    readonly classCount: number;
  },
): Float64Array[] {
  return nearestNeighbours(features, 10).map((neighbours) => {
    const votes = new Float64Array(classCount).fill(1e-3); // No probability is 0, and their sum never is.
    for (const { place, distance } of neighbours) {
      votes[labels[place]!]! += Math.max(0, 1 - distance ** 2 / 2);
    }
    const total = votes.reduce((sum, vote) => sum + vote, 0);
    return votes.map((vote) => vote / total);
  });
}

function nearestOf(
  rows: readonly Float64Array[],
  row: Float64Array,
  own: number,
  count: number,
): Neighbour[] {
  const nearest: Neighbour[] = [];
  for (let place = 0; place < rows.length; place++) {
    if (place === own) continue;
    const distance = distanceOf(row, rows[place]!), last = nearest.at(-1);
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
