/**
 * Reads what is in the folder of a run. What cannot be read is a {@linkcode RangeError} or {@linkcode SyntaxError}.
 * @module
 */
import { join } from "node:path";
import { parseLabelList } from "../../data/mod.ts";
import { exists } from "../command/given_file.ts";
import { reasonOf } from "../command/reason.ts";
import { isNumber, isObject } from "./json_values.ts";
import { isFinished, lastCheckpoint, runFiles, type RunSummary } from "./run_folder.ts";
import { isNetworkErrors, parseLog, type RunLog } from "./run_log.ts";

/** How a run was set up. */
export interface RunSetup {
  /** All of `config.json`. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly dataset: string;
  readonly seed: number;
  /** Name of the training method. */
  readonly method: string;
}

/** Where the weights of a run are, and of which step. */
export interface RunWeights {
  readonly path: string;
  /** Whether they are those of the run's end; otherwise of its last checkpoint. */
  readonly isFinal: boolean;
}

/** Reads how a run was set up. */
export async function readSetup(folder: string): Promise<RunSetup> {
  const config = await readJson(folder, "config", isObject);
  const { dataset, seed, excludeUnlabeled, algorithm } = config;
  if (
    typeof dataset !== "string" || !isNumber(seed) || typeof excludeUnlabeled !== "boolean" ||
    typeof algorithm !== "string"
  ) throw noRun(folder, `${runFiles.config} does not say how a network was trained`);
  return { config, dataset, seed, method: excludeUnlabeled ? "supervised" : algorithm };
}

/** Reads what a run came to. */
export async function readSummary(folder: string): Promise<RunSummary> {
  return await readJson(folder, "summary", isSummary);
}

function isSummary(value: unknown): value is RunSummary {
  if (!isObject(value)) return false;
  const { student, teacher, calibration, probe, folds, kernels } = value;
  return ["steps", "labels", "testImages", "imagesPerSecond"].every((name) => isNumber(value[name])) &&
    [student, teacher].every((errors) => errors === undefined || isNetworkErrors(errors)) &&
    (folds === undefined || isObject(folds) && isNumber(folds["count"]) &&
        [folds["student"], folds["teacher"]].every(isNetworkErrors)) &&
    (probe === undefined || isNetworkErrors(probe)) &&
    (calibration === undefined || isObject(calibration) && isNumber(calibration["temperature"])) &&
    isObject(kernels);
}

/** Reads the log of a run. */
export async function readLog(folder: string): Promise<RunLog> {
  return parseLog(await readText(folder, "log"), join(folder, runFiles.log));
}

/** Reads a list of labels, class by name; null where the folder has none. */
export async function readList(
  folder: string,
  kind: "labels" | "heldOut",
): Promise<ReadonlyMap<string, string> | null> {
  const source = join(folder, runFiles[kind]);
  return await exists(source) ? parseLabelList(await readText(folder, kind), { source }) : null;
}

/** Counts the labels of each class that has any; null where the folder has no list of them. */
export async function readLabelCounts(folder: string): Promise<ReadonlyMap<string, number> | null> {
  const labels = await readList(folder, "labels");
  if (!labels) return null;
  const counts = new Map<string, number>();
  for (const name of labels.values()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** Names of the images that a run held out, in any order, as a text; null where none were. */
export async function readHeldOutNames(folder: string): Promise<string | null> {
  const source = join(folder, runFiles.heldOut);
  if (!await exists(source)) return null;
  const names = parseLabelList(await readText(folder, "heldOut"), { source }).keys();
  return JSON.stringify([...names].sort());
}

/** Finds the last weights; null where there are neither final ones nor a checkpoint. */
export async function findWeights(folder: string): Promise<RunWeights | null> {
  if (await isFinished(folder)) return { path: join(folder, runFiles.final), isFinal: true };
  const path = await lastCheckpoint(folder);
  return path === undefined ? null : { path, isFinal: false };
}

/** An error that says why a folder is not that of a run. */
export function noRun(folder: string, state: string): RangeError {
  return new RangeError(`Cannot report on ${folder} as it must be the folder of a run: ${state}`);
}

async function readText(folder: string, kind: keyof typeof runFiles): Promise<string> {
  try {
    return await Deno.readTextFile(join(folder, runFiles[kind]));
  } catch (error) {
    throw noRun(folder, `of ${runFiles[kind]}, ${reasonOf(error)}`);
  }
}

async function readJson<T>(
  folder: string,
  kind: keyof typeof runFiles,
  isRight: (value: unknown) => value is T,
): Promise<T> {
  const text = await readText(folder, kind);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SyntaxError(`Cannot use ${join(folder, runFiles[kind])} as it must be JSON: it is damaged`);
  }
  if (isRight(value)) return value;
  throw noRun(folder, `${runFiles[kind]} does not hold what a run writes there`);
}
