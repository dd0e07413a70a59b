/**
 * A run of an experiment, as its folder has it: not begun, interrupted or finished.
 * @module
 */
import { join, resolve } from "node:path";
import { defaultOptions } from "../../semisup/mod.ts";
import type { Arguments } from "../command/parse.ts";
import { describePlan, type Plan, planNew, planRun } from "./run_plan.ts";
import { reasonOf } from "../command/reason.ts";
import { exists, finalName } from "../run/run_folder.ts";

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
export async function planInFolder(said: Arguments, folder: string): Promise<PlannedRun> {
  const plan = planNew(said, folder);
  if (!await exists(join(folder, "config.json"))) {
    return { folder, state: "new", plan: () => Promise.resolve(plan) };
  }
  await checkConfig(folder, describePlan(plan));
  if (await exists(join(folder, finalName))) {
    return { folder, state: "finished", plan: () => Promise.resolve(plan) };
  }
  const last = await lastCheckpoint(folder);
  // What was interrupted before its first checkpoint begins anew; its files say the same again.
  if (last === undefined) return { folder, state: "new", plan: () => Promise.resolve(plan) };
  const { dataDir, download } = plan.run;
  const { maxSteps } = plan.training;
  const resumption: Arguments = {
    run: { resume: join(folder, last), download, ...(dataDir !== null && { dataDir }) },
    training: maxSteps === null ? {} : { maxSteps },
  };
  return { folder, state: "interrupted", plan: () => planRun(resumption, new Date(0)) };
}

/** Makes sure that the run in a folder is the one that is asked for. */
async function checkConfig(folder: string, wanted: Readonly<Record<string, unknown>>): Promise<void> {
  const path = join(folder, "config.json");
  let config: Record<string, unknown>;
  try {
    config = { ...defaultOptions, ...JSON.parse(await Deno.readTextFile(path)) };
  } catch (error) {
    throw new SyntaxError(
      `Cannot go on in ${folder} as config.json must be that of a run: ${reasonOf(error)}`,
    );
  }
  for (const [name, value] of Object.entries(wanted)) {
    const own = name === "labels" ? resolve(`${value}`) : value;
    const [there, here] = [config[name], own].map((each) => JSON.stringify(each));
    if (there === here) continue;
    throw new RangeError(
      `Cannot go on in ${folder} as the run there must have the options asked for: its ${name} is ${there}, not ${here}. Give another --output.`,
    );
  }
}

/** The name of the checkpoint with the most steps. */
export async function lastCheckpoint(folder: string): Promise<string | undefined> {
  let last: { readonly name: string; readonly step: number } | undefined;
  for await (const { name } of Deno.readDir(folder)) {
    const step = Number(/^checkpoint-(\d+)\.safetensors$/.exec(name)?.[1] ?? NaN);
    if (step > (last?.step ?? -1)) last = { name, step };
  }
  return last?.name;
}
