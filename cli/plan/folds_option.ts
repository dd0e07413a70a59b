/**
 * What `--folds` can be used with.
 * @module
 */
import { drawFolds, shownName } from "../../data/mod.ts";
import type { RunOptions } from "../command/options.ts";

/** @throws {RangeError} if there are test images already, or a class has fewer labels than folds are asked for. */
export function checkFolds(
  { folds }: Pick<RunOptions, "folds">,
  { name, testImages, labels, classes, seed }: {
    /** Of the folder, for errors. */
    readonly name: string;
    readonly testImages: number;
    /** Those to train with; NO_LABEL (−1) = unlabelled. */
    readonly labels: Int32Array;
    readonly classes: readonly string[];
    readonly seed: number;
  },
): void {
  if (folds === null) return;
  if (testImages > 0) {
    throw new RangeError(
      `Cannot use --folds as they are for labels of which none can be spared for a test: ${
        shownName(name)
      } has ${testImages} test images, which tell the error`,
    );
  }
  drawFolds(labels, classes.length, folds, seed, classes.map(shownName));
}
