/**
 * What the training loop yields.
 * @module
 */
import type { Checkpoint } from "./checkpoint.ts";
import type { Evaluation } from "./evaluation.ts";
import type { Observed } from "./self_check/observed.ts";
import type { StepSchedule } from "./schedule.ts";
import type { Warning } from "./self_check/self_check.ts";

/** Mean costs of the steps since the last such record, and what the last of them was told. */
export interface CostRecord extends StepSchedule {
  /** Discriminant. */
  readonly kind: "costs";
  /** Completed steps. */
  readonly step: number;
  /** Passes over the unlabelled examples. */
  readonly epoch: number;
  /** What is minimised: the sum of the others. */
  readonly cost: number;
  /** The part of labels. */
  readonly classificationCost: number;
  /** The part of agreement with the teacher, weighted. */
  readonly consistencyCost: number;
  /** The part of the distance between heads, weighted. */
  readonly logitDistanceCost: number;
}

/** How student and teacher classify the test set. */
export interface EvaluationRecord {
  /** Discriminant. */
  readonly kind: "evaluation";
  /** Completed steps. */
  readonly step: number;
  /** Passes over the unlabelled examples. */
  readonly epoch: number;
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
export interface CheckpointRecord {
  /** Discriminant. */
  readonly kind: "checkpoint";
  /** Completed steps. */
  readonly step: number;
  /** Passes over the unlabelled examples. */
  readonly epoch: number;
  /** All that the run is now, for {@linkcode writeCheckpoint}. */
  readonly checkpoint: Checkpoint;
}

/** What the training loop yields. */
export type TrainingRecord = CostRecord | EvaluationRecord | DiagnosticsRecord | CheckpointRecord;
