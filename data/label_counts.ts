/** Distribution of a total number of labels over the classes. */

import { Pcg32 } from "./pcg32.ts";
import { checkCount, draw } from "./split.ts";

/**
 * Returns counts per class `[C]` that sum to a total and are as equal as possible: `⌊total / C⌋`, plus one
 * for `total mod C` classes drawn at random. With the same seed, a larger total never lowers a count.
 *
 * @param total Total number of labels, at least one per class.
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
  // Streams 0 to C − 1 draw the examples.
  const raised = new Set(draw([...labels], total % classCount, new Pcg32(seed, classCount)));
  return labels.map((label) => Math.floor(total / classCount) + (raised.has(label) ? 1 : 0));
}

/**
 * Returns counts per class `[C]` that sum to a total and are proportional to the sizes of the classes: each
 * exact share is rounded down, and the remaining labels go to the largest fractions (Hamilton's method), ties
 * to the first class.
 *
 * @param total Total number of labels; large enough for each class to get one.
 * @param sizes Number of examples of each class `[C]`.
 * @param classes Class names, for errors.
 * @throws {RangeError} when a class would get no label, or the total exceeds the number of examples.
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
      `Cannot draw ${total} labels: there are only ${examples} labelled examples`,
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
      `Cannot draw ${total} labels in proportion to the classes: each class must get at least one, but class ${
        classes?.[none] ?? none
      } (${sizes[none]} of ${examples} examples) would get none. Draw more labels.`,
    );
  }
  return counts;
}

function checkTotal(total: number, classCount: number): void {
  if (!Number.isSafeInteger(total) || total < classCount) {
    throw new RangeError(
      `Cannot draw ${total} labels: the number must be an integer of at least one per class, ` +
        `and there are ${classCount} classes`,
    );
  }
}
