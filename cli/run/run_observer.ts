/**
 * Observers of the training of runs, such as a dashboard.
 * @module
 */
import type { Dataset } from "../../data/mod.ts";
import type { Device } from "../../kernels/mod.ts";
import type { RunRequest, Trainer, TrainingRecord } from "../../semisup/mod.ts";

/** A run that begins or resumes. */
export interface ObservedRun {
  /** Folder of the run, with its description. */
  readonly folder: string;
  readonly trainer: Trainer;
  readonly dataset: Dataset;
  /** Training labels; NO_LABEL (−1) = unlabelled. */
  readonly labels: Int32Array;
  readonly device: Device;
}

/** Follows the runs of a process. */
export interface RunObserver {
  /** Follows a run from its next step on. */
  begin(run: ObservedRun): Promise<RunWatcher>;
}

/** Follows one run. */
export interface RunWatcher {
  /** Aborts if the observer stops the run. */
  readonly signal: AbortSignal;
  /** Time that the run was paused so far, in seconds. */
  readonly pausedSeconds: number;
  /** Called before each step; the run waits until it resolves. */
  nextRequest(): RunRequest | Promise<RunRequest>;
  /** Receives a record after the log. */
  record(record: TrainingRecord): void;
  /** Called at the end of training. @param isFinished False if it was stopped or has failed. */
  close(isFinished: boolean): Promise<void>;
}
