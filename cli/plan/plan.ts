/**
 * A plan of a run: its options, its data and its folder, before anything is trained.
 * @module
 */
import type { TrainingOptions } from "../../semisup/mod.ts";
import type { RunOptions } from "../command/options.ts";
import type { OpenedWeights } from "../weights/initial_weights.ts";
import type { FolderSetup } from "./folder_plan.ts";
import type { SavedCheckpoint } from "./saved_checkpoint.ts";

/** Properties of all plans. */
interface PlanBase {
  readonly run: RunOptions;
  readonly training: TrainingOptions;
  /** The folder that the run writes to. */
  readonly folder: string;
  /** Checkpoint to resume from; null for a new run. */
  readonly from: SavedCheckpoint | null;
  /** Kernels that the run of `--config` measured, to compute the same bits; if absent, `--tune` chooses. */
  readonly kernels?: Readonly<Record<string, string>>;
}

/** Properties of plans of new runs. */
interface NewPlan extends PlanBase {
  readonly from: null;
  /** Weights to start from; null for random ones. */
  readonly init: OpenedWeights | null;
  /** Options set by the user, by name. */
  readonly given: Readonly<Record<string, unknown>>;
}

/** A new run on a known dataset. */
export interface FreshPlan extends NewPlan {
  readonly kind: "fresh";
  /** Number of labels drawn per class if there is no label list. */
  readonly labelsPerClass: number;
  /** Minutes that the run may take on a processor; null = no limit, as in all runs but the demo. */
  readonly processorMinutes: number | null;
}

/** A new run on a user's own folder. */
export interface FolderPlan extends NewPlan {
  readonly kind: "folder";
  /** The folder, with the facts about it and the settings chosen for it. */
  readonly own: FolderSetup;
}

/** A run that is resumed or evaluated. */
export interface ResumedPlan extends PlanBase {
  readonly kind: "resumed";
  readonly from: SavedCheckpoint;
}

/** The supervised baseline of a finished run. */
export interface BaselinePlan extends PlanBase {
  readonly kind: "baseline";
  /** Final checkpoint of the finished run. */
  readonly original: SavedCheckpoint;
}

/** A fold of a finished run: trained without some of its labels, and tested on these. */
export interface FoldPlan extends PlanBase {
  readonly kind: "fold";
  /** Final checkpoint of the finished run, with the labels of this fold. */
  readonly original: SavedCheckpoint;
}

/** A plan of a run. */
export type Plan = FreshPlan | FolderPlan | ResumedPlan | BaselinePlan | FoldPlan;

/** Returns the checkpoint that fixes the settings and data of a run; null for new runs. */
export function sourceCheckpoint(plan: Plan): SavedCheckpoint | null {
  return "original" in plan ? plan.from ?? plan.original : plan.from;
}
