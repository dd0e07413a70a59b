/**
 * Functions that read the files of a run. Files that are missing or damaged cause a {@linkcode RangeError} or
 * {@linkcode SyntaxError}.
 * @module
 */
import { join } from "node:path";
import { checkRegular } from "../../data/files/mod.ts";
import { parseLabelList } from "../../data/mod.ts";
import { exists } from "../command/given_file.ts";
import { reasonOf } from "../command/reason.ts";
import { isNumber, isObject } from "../command/json_values.ts";
import { isFinished, lastCheckpoint, runFiles } from "./run_files.ts";
import type { RunSummary } from "./run_summary.ts";
import { isNetworkErrors, parseLog, type RunLog } from "./run_log.ts";

/** Settings of a run. */
export interface RunSetup {
  /** Content of `config.json`: options and, unless an option has the same name, facts about the run. */
  readonly config: Readonly<Record<string, unknown>>;
  /** The options in it, without the facts. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly dataset: string;
  readonly seed: number;
  /** Name of the training method. */
  readonly method: string;
}

/** File with the weights of a run. */
export interface RunWeights {
  readonly path: string;
  /** True for the weights of a finished run, false for the last checkpoint of an unfinished one. */
  readonly isFinal: boolean;
}

/** Reads the settings of a run. */
export async function readSetup(folder: string): Promise<RunSetup> {
  const { $schema: _, about = {}, ...options } = await readJson(folder, "config", isObject);
  const config = { ...(isObject(about) && about), ...options };
  const { dataset, seed, excludeUnlabeled, algorithm } = config;
  if (
    typeof dataset !== "string" || !isNumber(seed) || typeof excludeUnlabeled !== "boolean" ||
    typeof algorithm !== "string"
  ) throw notARunError(folder, `${runFiles.config} lacks dataset, seed or method`);
  return { config, options, dataset, seed, method: excludeUnlabeled ? "supervised" : algorithm };
}

/** Reads the results of a run. */
export async function readSummary(folder: string): Promise<RunSummary> {
  return await readJson(folder, "summary", isSummary);
}

function isSummary(value: unknown): value is RunSummary {
  if (!isObject(value)) return false;
  const { student, teacher, calibration, probe, folds, kernels, kept } = value;
  return ["steps", "labels", "testImages", "imagesPerSecond"].every((name) => isNumber(value[name])) &&
    [student, teacher].every((errors) => errors === undefined || isNetworkErrors(errors)) &&
    (folds === undefined || isObject(folds) && isNumber(folds["count"]) &&
        [folds["student"], folds["teacher"]].every(isNetworkErrors)) &&
    (probe === undefined || isNetworkErrors(probe)) &&
    (calibration === undefined || isObject(calibration) && isNumber(calibration["temperature"])) &&
    (kept === undefined || isObject(kept) && kept["file"] === runFiles.best && isNumber(kept["step"])) &&
    isObject(kernels);
}

/** Reads the log of a run. */
export async function readLog(folder: string): Promise<RunLog> {
  return parseLog(await readText(folder, "log"), join(folder, runFiles.log));
}

/** Reads a list of labels: class names by image name; null if the folder has none. */
export async function readList(
  folder: string,
  kind: "labels" | "heldOut",
): Promise<ReadonlyMap<string, string> | null> {
  const source = join(folder, runFiles[kind]);
  return await exists(source) ? parseLabelList(await readText(folder, kind), { source }) : null;
}

/** Counts the labels of each class that has any; null if the folder has no list of labels. */
export async function readLabelCounts(folder: string): Promise<ReadonlyMap<string, number> | null> {
  const labels = await readList(folder, "labels");
  if (!labels) return null;
  const counts = new Map<string, number>();
  for (const name of labels.values()) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/**
 * Reads the sorted names of the held-out images as one JSON text, for comparisons; null if none were held
 * out.
 */
export async function readHeldOutNames(folder: string): Promise<string | null> {
  const source = join(folder, runFiles.heldOut);
  if (!await exists(source)) return null;
  const names = parseLabelList(await readText(folder, "heldOut"), { source }).keys();
  return JSON.stringify([...names].sort());
}

/** Finds the weights of a run: the kept ones, or the last checkpoint of an unfinished run; null if there is none. */
export async function findWeights(folder: string): Promise<RunWeights | null> {
  const kept = await findKept(folder);
  if (kept !== null) return { path: kept, isFinal: true };
  const path = await lastCheckpoint(folder);
  return path === undefined ? null : { path, isFinal: false };
}

/** Finds the checkpoint with the weights that a finished run keeps, by `--keep`; null if the run is not finished. */
export async function findKept(folder: string): Promise<string | null> {
  if (!await isFinished(folder)) return null;
  const hasSummary = await exists(join(folder, runFiles.summary));
  const { kept } = hasSummary ? await readSummary(folder) : {};
  return join(folder, kept?.file ?? runFiles.final);
}

/** Creates the error for a folder that is not that of a run. @param state The reason. */
export function notARunError(folder: string, state: string): RangeError {
  return new RangeError(`Cannot read ${folder} as a run: ${state}`);
}

async function readText(folder: string, kind: keyof typeof runFiles): Promise<string> {
  try {
    const path = join(folder, runFiles[kind]);
    await checkRegular(path);
    return await Deno.readTextFile(path);
  } catch (error) {
    throw notARunError(folder, `${runFiles[kind]}: ${reasonOf(error)}`);
  }
}

async function readJson<T>(
  folder: string,
  kind: keyof typeof runFiles,
  isValid: (value: unknown) => value is T,
): Promise<T> {
  const text = await readText(folder, kind);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SyntaxError(`Cannot use ${join(folder, runFiles[kind])}: the file is not valid JSON`);
  }
  if (isValid(value)) return value;
  throw notARunError(folder, `${runFiles[kind]} lacks fields that every run writes`);
}
