/**
 * What a run came to, as its folder says it.
 * @module
 */
import type { TrainingOptions } from "../../semisup/mod.ts";
import { isNumber, isObject } from "./json_values.ts";
import { isNetworkErrors, type NetworkErrors } from "./run_log.ts";

/** How a run learned. */
export type Method = "mean-teacher" | "pi" | "supervised";

/** The method that options make. */
export function methodOf(
  { excludeUnlabeled, algorithm }: Pick<TrainingOptions, "excludeUnlabeled" | "algorithm">,
): Method {
  return excludeUnlabeled ? "supervised" : algorithm;
}

/** What others read of a summary. */
export interface RunSummary {
  /** Of the last test; absent where there were no test images. */
  readonly student?: NetworkErrors;
  readonly teacher?: NetworkErrors;
  /** Absent where no labels were held out. */
  readonly calibration?: { readonly temperature: number };
  /** Completed steps. */
  readonly steps: number;
  /** Number of labels that the run learned from. */
  readonly labels: number;
  readonly testImages: number;
  readonly imagesPerSecond: number;
  /** The kernel of each op and shape that was measured. */
  readonly kernels: Readonly<Record<string, unknown>>;
}

/** Whether a value is a summary as a run writes it. */
export function isSummary(value: unknown): value is RunSummary {
  if (!isObject(value)) return false;
  const { student, teacher, calibration, kernels } = value;
  return ["steps", "labels", "testImages", "imagesPerSecond"].every((name) => isNumber(value[name])) &&
    [student, teacher].every((errors) => errors === undefined || isNetworkErrors(errors)) &&
    (calibration === undefined || isObject(calibration) && isNumber(calibration["temperature"])) &&
    isObject(kernels);
}
