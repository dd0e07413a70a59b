/** Labels that are held out of training, to know how good it is. */

import { indicesPerClass } from "./split.ts";

/** Labels there must be at least, in all for some to be held out, and of a class for some of it to be. */
export const ENOUGH_LABELS = 100, ENOUGH_OF_CLASS = 5;
/** The share of labels that is held out. */
const HELD_OUT_SHARE = 1 / 5;

/**
 * Draws the examples to hold out: those whose places, which follow from their contents, are in the first fifth; none where
 * there are fewer than 100 labels in all, and none of a class that has fewer than 5, or no other, as training needs them more.
 *
 * Whatever labels are added, an example that is held out stays so: neither another example nor another class changes that.
 * An example that is trained with while its class has some to hold out is never held out later; only when holding out
 * begins, with the 100th label or the fifth of a class, are some held out that were trained with before.
 *
 * @param labels Class index per example `[N]`; NO_LABEL (−1) = unlabelled, never drawn.
 * @param classCount The number of classes.
 * @param placeOf A number from 0 to 1 for an example, the same for the same content, as if it were random.
 * @returns Ascending indices.
 * @throws {RangeError} when a label is no class.
 *
 * @example
 * ```ts
 * import { drawHeldOut } from "./mod.ts";
 * import { assertEquals } from "../tests/assert.ts";
 *
 * const labels = Int32Array.from({ length: 150 }, (_, i) => i < 100 ? i % 2 : -1);
 * const placeOf = (i: number) => i / 150;
 * assertEquals(drawHeldOut(labels, 2, placeOf).length, 30);
 * assertEquals(drawHeldOut(labels.subarray(1), 2, placeOf).length, 0);
 * ```
 */
export function drawHeldOut(
  labels: Int32Array,
  classCount: number,
  placeOf: (index: number) => number,
): Int32Array {
  const members = indicesPerClass(labels, classCount);
  const total = members.reduce((sum, each) => sum + each.length, 0);
  if (total < ENOUGH_LABELS) return new Int32Array();
  const drawn = members.flatMap((each) => {
    const inShare = each.filter((index) => placeOf(index) < HELD_OUT_SHARE);
    return each.length < ENOUGH_OF_CLASS || inShare.length === each.length ? [] : inShare;
  });
  return Int32Array.from(drawn).sort();
}
