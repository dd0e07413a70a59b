/**
 * A run of an experiment, as its folder has it: not begun, interrupted or finished.
 * @module
 */
import { join, resolve } from "node:path";
import type { Arguments } from "../command/options.ts";
import { describePlan, type Plan, planNew, planRun } from "./run_plan.ts";
import { reasonOf } from "../command/reason.ts";
import { exists } from "../command/given_file.ts";
import { isFinished, lastCheckpoint, runFiles } from "../run/run_folder.ts";
import { readSetup } from "../run/run_reader.ts";

/** A run to be. */
export interface PlannedRun {
  /** The folder that it is in. */
  readonly folder: string;
  /** How far it is. */
  readonly state: "new" | "interrupted" | "finished";
  /** What is left to be done; of a finished run nothing is. */
  plan(): Promise<Plan>;
}

/**
 * Looks for a run in a folder.
 * @throws {RangeError} if the run there has other options, or these are impossible.
 */
export async function planInFolder(chosen: Arguments, folder: string): Promise<PlannedRun> {
  const plan = planNew(chosen, folder);
  if (!await exists(join(folder, runFiles.config))) {
    return { folder, state: "new", plan: () => Promise.resolve(plan) };
  }
  await checkConfig(folder, describePlan(plan));
  if (await isFinished(folder)) {
    return { folder, state: "finished", plan: () => Promise.resolve(plan) };
  }
  const last = await lastCheckpoint(folder);
  // What was interrupted before its first checkpoint begins anew; its files say the same again.
  if (last === undefined) return { folder, state: "new", plan: () => Promise.resolve(plan) };
  const { dataDir, download } = plan.run;
  const { maxSteps } = plan.training;
  const resumption: Arguments = {
    run: { resume: last, download, ...(dataDir !== null && { dataDir }) },
    training: maxSteps === null ? {} : { maxSteps },
  };
  return { folder, state: "interrupted", plan: () => planRun(resumption, new Date(0)) };
}

/** Makes sure that the run in a folder is the one that is asked for. */
async function checkConfig(folder: string, wanted: Readonly<Record<string, unknown>>): Promise<void> {
  let config: Readonly<Record<string, unknown>>;
  try {
    ({ config } = await readSetup(folder));
  } catch (error) {
    throw new SyntaxError(
      `Cannot go on in ${folder} as ${runFiles.config} must be that of a run: ${reasonOf(error)}`,
    );
  }
  for (const [name, value] of Object.entries(wanted)) {
    const own = name === "labels" ? `${value}`.split(",").map((path) => resolve(path)).join(",") : value;
    const [there, here] = [config[name], own].map((each) => JSON.stringify(each));
    if (there === here) continue;
    throw new RangeError(
      `Cannot go on in ${folder} as the run there must have the options asked for: its ${name} is ${there}, not ${here}. Give another --output.`,
    );
  }
}
