/**
 * Options of a run that exclude each other.
 * @module
 */
import { comparesEvaluations, defaultOptions, type TrainingOptions } from "../../semisup/mod.ts";
import type { Arguments, RunOptions } from "../command/options.ts";
import { readingOf, requireLabelList } from "./list_reading.ts";

/** @throws {RangeError} if options of a new run exclude each other. */
export function checkExclusions(run: RunOptions, chosen: Arguments): void {
  if (run.evaluate) {
    throw new RangeError("Cannot use --evaluate without --resume: pass the checkpoint to evaluate");
  }
  if (run.channels !== null && run.data === null) {
    throw new RangeError("Cannot use --channels without --data: it is for arrays");
  }
  if (run.labelPattern !== null && run.data === null) {
    throw new RangeError("Cannot use --label-pattern without --data: it is for names of your own pictures");
  }
  if (typeof run.holdOut === "string" && run.data === null) {
    throw new RangeError(
      "Cannot use --hold-out without --data: known datasets have test images already",
    );
  }
  if (run.labels === null && run.data === null) requireLabelList(readingOf(run), "pass one to --labels");
  if (run.labels !== null && chosen.run.labelsPerClass !== undefined && run.data === null) {
    throw new RangeError(
      "Cannot use --labels together with --labels-per-class: the list determines the labels",
    );
  }
}

/** @throws {RangeError} if a run with folds shall compare evaluations. */
export function checkFoldsCompared({ folds }: RunOptions, training: Arguments["training"]): void {
  if (folds === null || !comparesEvaluations({ ...defaultOptions, ...training })) return;
  throw new RangeError(
    `Cannot use ${
      training.keep === "best" ? "--keep best" : "--patience"
    } with --folds: with folds, no labels are held out to compare evaluations on`,
  );
}

/** @throws {RangeError} if a baseline is requested for a supervised run. */
export function checkBaseline({ baseline }: RunOptions, { excludeUnlabeled }: TrainingOptions): void {
  if (!baseline || !excludeUnlabeled) return;
  throw new RangeError(
    "Cannot use --baseline: the run uses no unlabelled images, so it would equal its baseline",
  );
}
