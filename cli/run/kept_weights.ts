/**
 * Texts about the weights that a run keeps, and about its end.
 * @module
 */
import type { Dataset } from "../../data/mod.ts";
import type { KeptWeights, RunSummary } from "../run_files/run_summary.ts";

/** Returns the images on which a run compares its evaluations. */
export function comparedImages({ heldOut }: Pick<Dataset, "heldOut">): KeptWeights["by"] {
  return heldOut ? "held-out" : "test";
}

/** Describes the images on which a run compares its evaluations. */
export function describeComparison(dataset: Pick<Dataset, "heldOut" | "test">): string {
  const count = dataset.test.labels.length;
  return comparedImages(dataset) === "held-out"
    ? `Evaluations are compared on the ${count} held-out labels`
    : `Evaluations are compared on the ${count} images of the test set, as no labels are held out, so that the test error of the best weights may be slightly too low`;
}

/** Describes the best weights. */
export function describeKept({ step, by }: KeptWeights): string {
  return `weights of step ${step}, the best by these ${
    by === "held-out" ? "held-out labels" : "test images"
  }, so that the error may be slightly too low`;
}

/** Describes an end before the last step. */
export function describeEnd(
  ended: NonNullable<RunSummary["ended"]>,
  steps: number,
  totalSteps: number,
): string {
  return ended === "patience"
    ? `Ended at step ${steps} of ${totalSteps}: the evaluations stopped improving (--patience)`
    : `Ended at step ${steps} of ${totalSteps} to respect the time: the machine became slower than measured. To repeat this run exactly: --steps ${totalSteps} --max-steps ${steps}`;
}
