/**
 * The results of a run in its file `summary.json`.
 * @module
 */
import type { TestError } from "../terminal/figures.ts";
import type { NetworkErrors } from "./run_log.ts";

/** The best weights of a run. */
export interface KeptWeights {
  /** Name of their file in the folder of the run. */
  readonly file: string;
  /** Step of these weights. */
  readonly step: number;
  /** Images whose errors were compared. A test set that chose the weights does not measure them fairly. */
  readonly by: "held-out" | "test";
}

/** The part of `summary.json` that other commands read. */
export interface RunSummary {
  /** Errors of the last test; absent without test images. */
  readonly student?: NetworkErrors;
  readonly teacher?: NetworkErrors;
  /** Absent if no labels were held out. */
  readonly calibration?: { readonly temperature: number };
  /** An estimate of the error from training labels; absent with test images. */
  readonly probe?: TestError;
  /** Errors of the cross-validation of `--folds`. */
  readonly folds?: { readonly count: number; readonly student: TestError; readonly teacher: TestError };
  /** The weights that the model has, if they are not the last ones: the best by some labelled images. */
  readonly kept?: KeptWeights;
  /** Reason for an end before the last step; absent without one. */
  readonly ended?: "patience" | "time";
  /** Completed steps. */
  readonly steps: number;
  /** Number of labels that the run was trained with. */
  readonly labels: number;
  /** Number of training images without a label; absent in summaries of older versions. */
  readonly unlabeled?: number;
  readonly testImages: number;
  readonly imagesPerSecond: number;
  /** The fastest kernel of each op and shape that was measured. */
  readonly kernels: Readonly<Record<string, unknown>>;
}
