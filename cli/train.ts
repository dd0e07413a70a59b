/**
 * `deno run -A cli/train.ts`: trains an image classifier from few labels with Mean Teacher.
 * @module
 */
import { shownName } from "../data/internal.ts";
import { defineCommand } from "./command/command.ts";
import { type Arguments, splitOptions, trainRows } from "./command/options.ts";
import type { Parsed } from "./command/parse.ts";
import { unlessAborted } from "./command/aborted.ts";
import type { Outcome } from "./command/process.ts";
import { describeFolder } from "./plan/folder_text.ts";
import { Dashboard } from "./dashboard/dashboard.ts";
import { readConfigFile } from "./config/config_file.ts";
import { checkConfig } from "./config/config_options.ts";
import { mergeOptions } from "./config/merge.ts";
import { describePlan } from "./plan/describe_plan.ts";
import { automatic, isComplete } from "./plan/resumption.ts";
import type { Plan } from "./plan/plan.ts";
import { planRun } from "./plan/run_plan.ts";
import { baseline } from "./run/baseline.ts";
import { createFolds } from "./run/folds.ts";
import { executeWithFollowUps } from "./run/follow_up_runs.ts";
import { nextSteps } from "./hints/next_steps.ts";
import { executePlan } from "./run/run.ts";
import { type Clock, sinceStart } from "./run/time_limit.ts";
import { requireSamePlan } from "./distributed/agreement.ts";
import { checkDistributed, warnOfSeparateRuns } from "./distributed/distributed_options.ts";
import { type Ranks, withRanks } from "./distributed/ranks.ts";
import { FolderClaims } from "./storage/folder_claims.ts";
import { printNote, printNotice, printProgress, printResult } from "./terminal/output.ts";
import { requestDevice } from "./command/device.ts";

/**
 * Trains, evaluates, or shows the plan; with `--distributed` together with other processes.
 * @param now Clock that limits the time of the run (default: the time since the process was started).
 */
export async function train(chosen: Arguments, signal: AbortSignal, now = sinceStart): Promise<Outcome> {
  if (!chosen.run.distributed && !chosen.run.show) warnOfSeparateRuns();
  if (!chosen.run.distributed || chosen.run.show) return await trainWith(chosen, signal, { now });
  checkDistributed(chosen.run);
  return await withRanks(signal, (ranks) => trainWith(chosen, signal, { now, ranks }));
}

async function trainWith(
  chosen: Arguments,
  signal: AbortSignal,
  { now, ranks }: { readonly now: Clock; readonly ranks?: Ranks },
): Promise<Outcome> {
  // Settings for the user's own images depend on the device.
  using device = chosen.run.data === undefined ? undefined : await requestDevice();
  await using claims = new FolderClaims();
  const isClaiming = !chosen.run.show && (ranks?.isWriter ?? true);
  const makePlan = () =>
    unlessAborted(signal, planRun(chosen, new Date(), device, isClaiming ? claims : undefined));
  const plan = ranks ? await ranks.afterFirst(makePlan) : await makePlan();
  if (ranks) await requireSamePlan(ranks, plan);
  const { dashboard: port } = plan.run, mustServe = port !== null && !plan.run.show && !plan.run.evaluate;
  await using dashboard = mustServe ? await Dashboard.start({ port }) : undefined;
  if (!plan.run.show) {
    const { baseline: isCompared, folds } = plan.run;
    const followUp = isCompared ? baseline : folds === null ? undefined : createFolds(folds);
    const outcome = followUp
      ? await executeWithFollowUps(plan, followUp, signal, device, claims, { now, observer: dashboard })
      : plan.run.resume === automatic && await isComplete(plan)
      ? tellComplete(plan)
      : await executePlan(plan, signal, device, { now, ranks, observer: dashboard });
    const isWriter = ranks?.isWriter ?? true;
    if (outcome === "finished" && isWriter && !plan.run.evaluate) printProgress(await nextSteps(plan));
    return outcome;
  }
  if (plan.kind === "folder") printNote(describeFolder(plan.own, plan.training, plan.run));
  const described = describePlan(plan);
  printResult(JSON.stringify(described, null, 2).split("\n").map(shownName).join("\n"), described);
  return "finished";
}

/** Prints that no step of a run is left. */
function tellComplete({ folder }: Plan): Outcome {
  printNotice(`The run in ${folder} is finished.`);
  return "finished";
}

/** Returns options with the folder that was given without a flag. @throws {RangeError} if --data is set too. */
export function withFolder(
  chosen: Chosen,
  folder: string | undefined,
): Chosen {
  if (folder === undefined) return chosen;
  if (chosen.data === undefined) return { ...chosen, data: folder };
  throw new RangeError(`Cannot train on both ${folder} and --data ${chosen.data}: give one folder`);
}

/** Options as they were set by the user. */
type Chosen = Parsed<ReturnType<typeof trainRows>, []>["chosen"];

/** Returns the options of `--config`, if set, under those of the command line. @throws as {@linkcode checkConfig} does. */
export async function withConfig({ config, ...chosen }: Chosen): Promise<Arguments> {
  if (typeof config !== "string") return splitOptions(chosen);
  if (chosen.resume !== undefined && chosen.resume !== automatic) {
    throw new RangeError("Cannot use --config with --resume: the checkpoint determines the options");
  }
  const file = checkConfig(await readConfigFile(config));
  const isMeasured = Object.keys(file.kernels).length > 0 && chosen.tune === undefined;
  return { ...mergeOptions(file.chosen, chosen), ...(isMeasured && { kernels: file.kernels }) };
}

/** `train`. */
export const trainCommand = defineCommand({
  name: "train",
  permissions: {
    read: true,
    write: true,
    env: true,
    sys: true,
    ffi: "for pictures",
    net: "for downloads and the dashboard",
  },
  description:
    "Trains an image classifier from few labels with Mean Teacher. Without options: MNIST with 100 labels.",
  get rows() {
    return trainRows(); // Anew, as plugins may have registered methods.
  },
  operands: [{ name: "FOLDER", help: "your own images, the same as --data FOLDER", isOptional: true }],
  examples: [
    ["", "MNIST with 100 labels"],
    ["photos --baseline", "your own images, and what the unlabelled ones bring"],
    ["--dataset cifar10 --labels-per-class 400", "another dataset"],
  ],
  run: async ({ chosen, operands: [folder] }, signal) =>
    await train(await withConfig(withFolder(chosen, folder)), signal),
});

if (import.meta.main) await trainCommand.start();
