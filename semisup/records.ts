/**
 * What the training loop yields.
 * @module
 */
import type { Checkpoint } from "./checkpoint.ts";
import type { MeanCosts } from "./cost_meter.ts";
import type { Evaluation } from "./evaluation.ts";
import type { Observed } from "./self_check/observed.ts";
import type { StepSchedule } from "./schedule.ts";
import type { Warning } from "./self_check/self_check.ts";

/** Where a run is. */
export interface RunPlace {
  /** Completed steps. */
  readonly step: number;
  /** Passes over the unlabelled examples. */
  readonly epoch: number;
}

/** Mean costs of the steps since the last such record, each weighted, and what the last of them was told. */
export interface CostRecord extends RunPlace, MeanCosts, StepSchedule {
  /** Discriminant. */
  readonly kind: "costs";
}

/** How student and teacher classify the test set. */
export interface EvaluationRecord extends RunPlace {
  /** Discriminant. */
  readonly kind: "evaluation";
  /** The student. */
  readonly student: Evaluation;
  /** The teacher. */
  readonly teacher: Evaluation;
}

/** Whether the method is at work. */
export interface DiagnosticsRecord extends Observed {
  /** Discriminant. */
  readonly kind: "diagnostics";
  /** What is wrong: what was found, and has not been seen to be over. */
  readonly warnings: readonly Warning[];
}

/** The state of the run, to be stored. */
export interface CheckpointRecord extends RunPlace {
  /** Discriminant. */
  readonly kind: "checkpoint";
  /** All that the run is now, for {@linkcode writeCheckpoint}. */
  readonly checkpoint: Checkpoint;
}

/** What the training loop yields. */
export type TrainingRecord = CostRecord | EvaluationRecord | DiagnosticsRecord | CheckpointRecord;
