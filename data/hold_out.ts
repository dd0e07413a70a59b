/** Labelled examples held out of training to measure the error. */

import { indicesPerClass } from "./split.ts";

/** Minimum number of labels for holding out: in total, and per class. */
export const ENOUGH_LABELS = 100, ENOUGH_OF_CLASS = 5;
/** Share of the labels that is held out. */
const HELD_OUT_SHARE = 1 / 5;

/**
 * Draws the examples to hold out: a labelled example is held out if `placeOf` is below 1/5. Nothing is held
 * out if there are fewer than 100 labels in total. A class contributes nothing if it has fewer than 5 labels,
 * or if no label would be left for training.
 *
 * The choice is stable when labels are added: a held-out example stays held out, and a training example stays
 * a training example. The exceptions are the 100th label in total and the fifth of a class, with which
 * holding out begins.
 *
 * @param labels Class index per example `[N]`; NO_LABEL (−1) = unlabelled, never drawn.
 * @param classCount The number of classes.
 * @param placeOf Returns a number from 0 to 1 for an example, pseudo-random but determined by its content.
 * @returns Ascending indices.
 * @throws {RangeError} when a label is not a class index.
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
