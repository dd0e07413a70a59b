/** The largest and the smallest of numbers, however many there are: arguments of a call may be too many. */

/** The largest of some numbers; −∞ where there are none, NaN where one is. */
export function largestOf(values: ArrayLike<number>): number {
  let largest = -Infinity;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, values[i] ?? NaN);
  return largest;
}

/** The smallest of some numbers; ∞ where there are none, NaN where one is. */
export function smallestOf(values: ArrayLike<number>): number {
  let smallest = Infinity;
  for (let i = 0; i < values.length; i++) smallest = Math.min(smallest, values[i] ?? NaN);
  return smallest;
}
