/** Labels that are held out of training, to know how good it is. */

import { Pcg32 } from "./pcg32.ts";
import { draw, indicesPerClass } from "./split.ts";

/** Labels there must be at least, in all and of each class, for some to be held out. */
export const ENOUGH_LABELS = 100, ENOUGH_OF_CLASS = 5;
/** One of so many labels of each class is held out, and so many of a class at most. */
const HELD_OUT_SHARE = 5, MOST_HELD_OUT = 200;

/** Random numbers of a balanced split come from streams below. */
const FIRST_STREAM = 2 ** 32;

/**
 * Draws the examples to hold out: of each class a fifth of its labels, rounded down, 200 at most; none where there are
 * fewer than 100 labels in all or 5 of a class, as then training needs them more. Each class has its own random numbers.
 *
 * @param labels Class index per example `[N]`; NO_LABEL (−1) = unlabelled, never drawn.
 * @param classCount The number of classes.
 * @param seed An integer, 0 to 2⁵³ − 1.
 * @returns Ascending indices, none where there are too few labels.
 *
 * @example
 * ```ts
 * import { drawHeldOut } from "./mod.ts";
 * import { assertEquals } from "../tests/assert.ts";
 *
 * const labels = Int32Array.from({ length: 150 }, (_, i) => i < 100 ? i % 2 : -1);
 * assertEquals(drawHeldOut(labels, 2, 1).length, 20);
 * assertEquals(drawHeldOut(labels.subarray(1), 2, 1).length, 0);
 * ```
 */
export function drawHeldOut(labels: Int32Array, classCount: number, seed: number): Int32Array {
  const members = indicesPerClass(labels, classCount);
  const total = members.reduce((sum, each) => sum + each.length, 0);
  if (total < ENOUGH_LABELS || members.some((each) => each.length < ENOUGH_OF_CLASS)) return new Int32Array();
  const drawn = members.flatMap((each, label) => {
    const count = Math.min(MOST_HELD_OUT, Math.floor(each.length / HELD_OUT_SHARE));
    return draw(each, count, new Pcg32(seed, FIRST_STREAM + label));
  });
  return Int32Array.from(drawn).sort();
}
