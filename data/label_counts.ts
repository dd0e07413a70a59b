/** How many labels each class is to have of a number in all. */

import { Pcg32 } from "./pcg32.ts";
import { checkCount, draw } from "./split.ts";

/**
 * Counts of each class `[C]` that add up to a total and are as equal as can be: `⌊total / C⌋`, and one more for as many
 * classes as are left over, which are drawn. With the same seed no count of a larger total is smaller.
 *
 * @param total How many labels in all; at least one of each class.
 * @param seed An integer, 0 to 2⁵³ − 1.
 * @throws {RangeError} when there are fewer labels than classes, or a number is out of range.
 *
 * @example
 * ```ts
 * import { balancedCounts } from "./mod.ts";
 * import { assertEquals } from "../tests/assert.ts";
 *
 * assertEquals(balancedCounts(7, 3, 1).sort(), [2, 2, 3]);
 * ```
 */
export function balancedCounts(total: number, classCount: number, seed: number): number[] {
  checkTotal(total, classCount);
  checkCount("seed", seed, 0);
  const labels = Array.from({ length: classCount }, (_, label) => label);
  // The numbers of examples are drawn from the streams 0 to C − 1.
  const raised = new Set(draw([...labels], total % classCount, new Pcg32(seed, classCount)));
  return labels.map((label) => Math.floor(total / classCount) + (raised.has(label) ? 1 : 0));
}

/**
 * Counts of each class `[C]` that add up to a total, in the proportion of the classes among some examples: the exact share
 * rounded down, and one more where the largest fractions were left (Hamilton's method), of equal ones for the first.
 *
 * @param total How many labels in all; so many that each class gets one.
 * @param sizes How many examples there are of each class `[C]`.
 * @param classes Class names, for errors.
 * @throws {RangeError} when a class would get none, or there are fewer examples than that.
 *
 * @example
 * ```ts
 * import { proportionalCounts } from "./mod.ts";
 * import { assertEquals } from "../tests/assert.ts";
 *
 * assertEquals(proportionalCounts(10, [600, 300, 60]), [6, 3, 1]);
 * ```
 */
export function proportionalCounts(
  total: number,
  sizes: readonly number[],
  classes?: readonly string[],
): number[] {
  checkTotal(total, sizes.length);
  const examples = sizes.reduce((sum, size) => sum + size, 0);
  if (total > examples) {
    throw new RangeError(
      `Cannot draw ${total} labels as there must be as many labelled examples: there are ${examples}`,
    );
  }
  const shares = sizes.map((size) => Math.floor(size * total / examples));
  const left = total - shares.reduce((sum, share) => sum + share, 0);
  const byFraction = sizes.map((size, label) => ({ label, fraction: (size * total) % examples }))
    .sort((a, b) => b.fraction - a.fraction || a.label - b.label);
  const raised = new Set(byFraction.slice(0, left).map(({ label }) => label));
  const counts = shares.map((share, label) => share + (raised.has(label) ? 1 : 0));
  const none = counts.indexOf(0);
  if (none >= 0) {
    throw new RangeError(
      `Cannot draw ${total} labels in the proportion of classes as each must get one: class ${
        classes?.[none] ?? none
      } has ${sizes[none]} of ${examples} examples and gets none`,
    );
  }
  return counts;
}

function checkTotal(total: number, classCount: number): void {
  if (!Number.isSafeInteger(total) || total < classCount) {
    throw new RangeError(
      `Cannot draw ${total} labels as there must be one of each class or more: there are ${classCount} classes`,
    );
  }
}
