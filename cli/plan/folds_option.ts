/**
 * Checks of `--folds`.
 * @module
 */
import { shownName } from "../../data/internal.ts";
import { drawFolds } from "../../data/mod.ts";
import type { RunOptions } from "../command/options.ts";

/**
 * @throws {RangeError} if there are test images already, or a class has fewer labels than there are folds.
 */
export function checkFolds(
  { folds }: Pick<RunOptions, "folds">,
  { name, testImages, labels, classes, seed }: {
    /** Name of the folder or checkpoint, for errors. */
    readonly name: string;
    readonly testImages: number;
    /** Training labels; NO_LABEL (−1) = unlabelled. */
    readonly labels: Int32Array;
    readonly classes: readonly string[];
    readonly seed: number;
  },
): void {
  if (folds === null) return;
  if (testImages > 0) {
    throw new RangeError(
      `Cannot use --folds: ${shownName(name)} has ${testImages} test images already, which measure the error`,
    );
  }
  drawFolds(labels, classes.length, folds, seed, classes.map(shownName));
}
