/** Folds for cross-validation: parts of the labelled examples, each in turn used for testing. */

import { Pcg32 } from "./pcg32.ts";
import { checkCount, draw, indicesPerClass } from "./split.ts";

/** First random stream of folds; other draws use streams below it. */
const FIRST_STREAM = 2 ** 33;

/**
 * Draws folds; every labelled example is in exactly one. The sizes of two folds differ by at most one, in
 * each class and in total.
 *
 * @param labels Class index per example `[N]`; NO_LABEL (−1) = unlabelled, in no fold.
 * @param classCount The number of classes.
 * @param count The number of folds, 2 or more.
 * @param seed An integer, 0 to 2⁵³ − 1.
 * @param classes Class names, for errors.
 * @returns The ascending indices of each fold.
 * @throws {RangeError} when a class has fewer labels than there are folds, or a number is out of range.
 *
 * @example
 * ```ts
 * import { drawFolds } from "./mod.ts";
 * import { assertEquals } from "../tests/assert.ts";
 *
 * const folds = drawFolds(Int32Array.of(0, 1, -1, 0, 1, 1), 2, 2, 1);
 * assertEquals(folds.flatMap((fold) => [...fold]).sort(), [0, 1, 3, 4, 5]);
 * ```
 */
export function drawFolds(
  labels: Int32Array,
  classCount: number,
  count: number,
  seed: number,
  classes?: readonly string[],
): Int32Array[] {
  checkCount("the number of folds", count, 2);
  checkCount("seed", seed, 0);
  const shuffled = indicesPerClass(labels, classCount).flatMap((members, label) => {
    if (members.length < count) {
      throw new RangeError(
        `Cannot draw ${count} folds: each class needs at least ${count} labels, but class ${
          classes?.[label] ?? label
        } has ${members.length}`,
      );
    }
    return draw(members, members.length, new Pcg32(seed, FIRST_STREAM + label));
  });
  // Classes are contiguous, so each class deals its examples to all folds in turn.
  return Array.from(
    { length: count },
    (_, fold) => Int32Array.from(shuffled.filter((_, i) => i % count === fold)).sort(),
  );
}
