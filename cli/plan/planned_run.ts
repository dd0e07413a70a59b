/**
 * A run of an experiment, with the state of its folder: new, interrupted or finished.
 * @module
 */
import { join } from "node:path";
import { type Arguments, isTrainingOption, type RunOptions } from "../command/options.ts";
import { optionsOf } from "./describe_plan.ts";
import type { Plan } from "./plan.ts";
import { planNew, planRun } from "./run_plan.ts";
import { reasonOf } from "../command/reason.ts";
import { exists } from "../command/given_file.ts";
import { hasCheckpoint, isFinished, runFiles } from "../run_files/run_files.ts";
import type { FolderClaims } from "../storage/folder_claims.ts";
import { readSetup } from "../run_files/run_reader.ts";

/** A run of an experiment. */
export interface PlannedRun {
  /** Folder of the run. */
  readonly folder: string;
  /** Progress found in the folder. */
  readonly state: "new" | "interrupted" | "finished";
  /** Plans the remaining steps, if any, and claims the folder. */
  plan(claims: FolderClaims): Promise<Plan>;
}

/**
 * Looks for a run in a folder, and plans a new one if there is none.
 * @throws {RangeError} if the run there has other options, or the options are invalid.
 */
export async function planInFolder(chosen: Arguments, folder: string): Promise<PlannedRun> {
  const plan = planNew(chosen, folder);
  if (!await exists(join(folder, runFiles.config))) {
    return { folder, state: "new", plan: claimed(plan) };
  }
  await checkConfig(folder, optionsOf(plan));
  if (await isFinished(folder)) {
    return { folder, state: "finished", plan: () => Promise.resolve(plan) };
  }
  // A run interrupted before its first checkpoint starts again, with the same files.
  if (!await hasCheckpoint(folder)) return { folder, state: "new", plan: claimed(plan) };
  const { dataDir, download, plugin } = plan.run;
  const { maxSteps } = plan.training;
  const resumption: Arguments = {
    run: { resume: folder, download, plugin, ...(dataDir !== null && { dataDir }) },
    training: maxSteps === null ? {} : { maxSteps },
  };
  return {
    folder,
    state: "interrupted",
    plan: (claims) => planRun(resumption, new Date(0), undefined, claims),
  };
}

/** Returns a function that claims the folder of a plan. */
function claimed(plan: Plan): PlannedRun["plan"] {
  return async (claims) => {
    await claims.claim(plan.folder);
    return plan;
  };
}

/** Options other than those of training that tell runs apart. */
const compared: ReadonlySet<string> = new Set<keyof RunOptions>([
  "preset",
  "dataset",
  "labels",
  "fileColumn",
  "labelColumn",
  "missing",
  "labelsPerClass",
]);

/** @throws {RangeError} if the run in a folder has other options than `wanted`. */
async function checkConfig(folder: string, wanted: Readonly<Record<string, unknown>>): Promise<void> {
  let config: Readonly<Record<string, unknown>>;
  try {
    ({ config } = await readSetup(folder));
  } catch (error) {
    throw new SyntaxError(
      `Cannot resume the run in ${folder}: ${reasonOf(error)}`,
    );
  }
  for (const [name, value] of Object.entries(wanted)) {
    if (!isTrainingOption(name) && !compared.has(name)) continue;
    const [there, here] = [config[name], value].map((each) => JSON.stringify(each));
    if (there === here) continue;
    throw new RangeError(
      `Cannot resume the run in ${folder}: its ${name} is ${there}, but ${here} is requested. Set another --output.`,
    );
  }
}
