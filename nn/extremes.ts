/** Maximum and minimum of arrays of any length; `Math.max(...values)` fails on long arrays. */

/** Returns the largest value; −∞ if there are none, NaN if any value is NaN. */
export function largestOf(values: ArrayLike<number>): number {
  let largest = -Infinity;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, values[i] ?? NaN);
  return largest;
}

/** Returns the smallest value; ∞ if there are none, NaN if any value is NaN. */
export function smallestOf(values: ArrayLike<number>): number {
  let smallest = Infinity;
  for (let i = 0; i < values.length; i++) smallest = Math.min(smallest, values[i] ?? NaN);
  return smallest;
}
