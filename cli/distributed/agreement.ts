/**
 * Facts about a run that its processes must have in common, as they read options and files on their own.
 * @module
 */
import type { TrainingOptions } from "../../semisup/mod.ts";
import { isComplete } from "../plan/resumption.ts";
import { type Plan, sourceCheckpoint } from "../plan/plan.ts";
import type { TrainingParts } from "../run/train_in_folder.ts";
import type { Ranks } from "./ranks.ts";

/** @throws {RangeError} unless all processes have the same options, and continue from the same step. */
export async function requireSamePlan(ranks: Ranks, plan: Plan): Promise<void> {
  const { training, kernels, run: { syncBatchNorm } } = plan;
  await ranks.requireEqual("options", JSON.stringify([training, kernels, syncBatchNorm]));
  const step = sourceCheckpoint(plan)?.checkpoint.step;
  await ranks.requireEqual("checkpoints to continue from", JSON.stringify([step, await isComplete(plan)]));
}

/**
 * @param training Options, those that follow from the data included.
 * @param data Labels, and texts about the data with fingerprints of the images.
 * @throws {RangeError} unless all processes have the same images, labels and options.
 */
export async function requireSameData(
  ranks: Ranks,
  training: TrainingOptions,
  { labels, about: { contents, allContents, files } }: Pick<TrainingParts, "labels" | "about">,
): Promise<void> {
  await ranks.requireEqual("images", JSON.stringify([labels.length, files, contents, allContents]));
  await ranks.requireEqual("labels", labels.join());
  await ranks.requireEqual("options", JSON.stringify(training));
}
