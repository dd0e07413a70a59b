/**
 * `deno run -A cli/train.ts`: trains an image classifier with Mean Teacher from few labels.
 * @module
 */
import { shownName } from "../data/mod.ts";
import { Device } from "../kernels/mod.ts";
import { defineCommand } from "./command/command.ts";
import { type Arguments, splitOptions, trainRows } from "./command/options.ts";
import type { Outcome } from "./command/process.ts";
import { describeFolder } from "./plan/folder_text.ts";
import { describePlan, planRun } from "./plan/run_plan.ts";
import { baseline } from "./run/baseline.ts";
import { createFolds } from "./run/folds.ts";
import { executeWithFollowUps } from "./run/follow_up_runs.ts";
import { nextSteps } from "./run/next_steps.ts";
import { executePlan } from "./run/run.ts";

/** Trains, evaluates, or shows what would be done. */
async function train(chosen: Arguments, signal: AbortSignal): Promise<Outcome> {
  // What is chosen for a folder of one's own depends on the device.
  using device = chosen.run.data === undefined ? undefined : await Device.request();
  const plan = await planRun(chosen, new Date(), device);
  if (!plan.run.show) {
    const { baseline: isCompared, folds } = plan.run;
    const followUp = isCompared ? baseline : folds === null ? undefined : createFolds(folds);
    const outcome = followUp
      ? await executeWithFollowUps(plan, followUp, signal, device)
      : await executePlan(plan, signal, device);
    if (outcome === "finished" && !plan.run.evaluate) console.log(await nextSteps(plan));
    return outcome;
  }
  if (plan.kind === "folder") console.error(describeFolder(plan.own, plan.training, plan.run));
  const lines = JSON.stringify(describePlan(plan), null, 2).split("\n");
  console.log(lines.map(shownName).join("\n"));
  return "finished";
}

/** The command. */
export const trainCommand = defineCommand({
  name: "cli/train.ts",
  description:
    "Trains an image classifier with Mean Teacher from few labels. With no option: MNIST with 100 labels.",
  rows: trainRows,
  operands: [],
  run: ({ chosen }, signal) => train(splitOptions(chosen), signal),
});

if (import.meta.main) await trainCommand.start();
