/**
 * `--baseline`: trains a supervised baseline after a run, and reports the difference.
 * @module
 */
import { dirname, join } from "node:path";
import {
  type Checkpoint,
  resolveOptions,
  supervisedBaseline,
  type TrainingOptions,
} from "../../semisup/mod.ts";
import { flagOf } from "../command/options.ts";
import type { BaselinePlan, Plan } from "../plan/plan.ts";
import { loadNewestCheckpoint, type SavedCheckpoint } from "../plan/saved_checkpoint.ts";
import type { FollowUp } from "./follow_up_runs.ts";
import { computeGain, describeGain } from "./gain.ts";
import { baselineName } from "../run_files/run_files.ts";
import { RunFolder } from "../run_files/run_folder.ts";
import { readSummary } from "../run_files/run_reader.ts";
import { printResult } from "../terminal/output.ts";

/** The supervised baseline of a run: one run that follows it. */
export const baseline: FollowUp = {
  planRuns: async (plan, final) => [await planBaseline(plan, final)],
  reportResult: reportGain,
};

/** Plans the baseline of a finished run: the same options, labels and steps, without unlabelled images. */
async function planBaseline({ run }: Plan, { path, checkpoint }: SavedCheckpoint): Promise<BaselinePlan> {
  const { preset: _, ...about } = checkpoint.about;
  const folder = join(dirname(path), baselineName);
  return {
    kind: "baseline",
    run: { ...run, preset: null },
    training: resolveOptions(
      { ...checkpoint.options, ...supervisedBaseline, ...endOf(checkpoint) },
      flagOf,
    ),
    folder,
    from: await loadNewestCheckpoint(folder),
    original: { path, checkpoint: { ...checkpoint, about } },
  };
}

/** Returns the option that ends a baseline where its run ended by time; a run with patience ends by its own errors. */
function endOf({ step, options: { steps, patience } }: Checkpoint): Partial<TrainingOptions> {
  return patience === null && steps !== null && step < steps ? { maxSteps: step } : {};
}

/** Prints the run's errors beside those of its baseline, and adds both to the run's summary. */
async function reportGain(folder: string): Promise<void> {
  const own = await readSummary(folder), other = await readSummary(join(folder, baselineName));
  const { student, teacher, steps } = other;
  const gain = computeGain(own, other);
  const baseline = { folder: baselineName, student, teacher, steps };
  await (await RunFolder.open(folder)).writeSummary({ ...own, baseline, gain });
  printResult(`\n${describeGain(own, other)}`, { kind: "gain", folder, ...gain });
}
