/**
 * Records that the training loop yields.
 * @module
 */
import type { Checkpoint } from "../checkpoint.ts";
import type { LossScaling, MeanCosts } from "./cost_meter.ts";
import type { Evaluation } from "../evaluation/evaluation.ts";
import type { Measurements } from "../self_check/measurements.ts";
import type { StepSchedule } from "../schedule.ts";
import type { Warning } from "../self_check/self_check.ts";

/** Position of a run. */
export interface RunPlace {
  /** Number of completed steps. */
  readonly step: number;
  /** Number of passes over the unlabelled examples, as a fraction. */
  readonly epoch: number;
}

/** Costs of the steps since the last such record. */
export interface CostRecord extends RunPlace {
  /** Discriminant. */
  readonly kind: "costs";
  /** Mean weighted costs by name; the total is `cost`. */
  readonly costs: MeanCosts;
  /** Scheduled hyperparameters of the last of these steps, by name; with precision float16, loss scaling too. */
  readonly hyperparameters: StepSchedule & Partial<LossScaling>;
}

/** Results of student and teacher on the test set. */
export interface EvaluationRecord extends RunPlace {
  /** Discriminant. */
  readonly kind: "evaluation";
  /** Results of the student. */
  readonly student: Evaluation;
  /** Results of the teacher. */
  readonly teacher: Evaluation;
}

/** Observations of the self-check, and its warnings. */
export interface DiagnosticsRecord extends Measurements {
  /** Discriminant. */
  readonly kind: "diagnostics";
  /** Warnings in force: each fault that was detected and has not been seen to end. */
  readonly warnings: readonly Warning[];
}

/** The state of the run, to be saved. */
export interface CheckpointRecord extends RunPlace {
  /** Discriminant. */
  readonly kind: "checkpoint";
  /** The state, for {@linkcode writeCheckpoint}. */
  readonly checkpoint: Checkpoint;
  /** True if the run ends with this record. */
  readonly isFinal: boolean;
}

/** The best weights so far, which the last evaluation found. */
export interface BestRecord extends RunPlace {
  /** Discriminant. */
  readonly kind: "best";
  /** The state with these weights, for {@linkcode writeCheckpoint}. */
  readonly checkpoint: Checkpoint;
}

/** A record of any kind. */
export type TrainingRecord =
  | CostRecord
  | EvaluationRecord
  | DiagnosticsRecord
  | CheckpointRecord
  | BestRecord;
