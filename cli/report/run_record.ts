/**
 * Runs as they are in their folders.
 * @module
 */
import { basename, dirname, join, resolve } from "node:path";
import { parseLabelList } from "../../data/mod.ts";
import { baselineName } from "../run/baseline.ts";
import { reasonOf } from "../command/reason.ts";
import { exists, finalName } from "../run/run_folder.ts";
import { isNumber, isObject, parseLog, type RunLog } from "./run_log.ts";

/** How a run learned. */
export type Method = "mean-teacher" | "pi" | "supervised";

/** What methods are called. */
export const methodTitles: Readonly<Record<Method, string>> = {
  "mean-teacher": "Mean Teacher",
  pi: "Π model",
  supervised: "Labels alone",
};

/** Where the weights of a run are, and of which step. */
export interface RunWeights {
  readonly path: string;
  /** Whether they are those of the run's end; otherwise of its last checkpoint. */
  readonly isFinal: boolean;
}

/** A run, as its folder tells it. */
export interface RunRecord {
  /** The folder, as it was given. */
  readonly path: string;
  /** The folder's real path, which says whether two are one. */
  readonly realPath: string;
  /** What the report calls it. */
  readonly name: string;
  /** All of `config.json`. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly dataset: string;
  readonly method: Method;
  readonly seed: number;
  readonly log: RunLog;
  /** All of `summary.json`; null where the run did not come to its end. */
  readonly summary: Readonly<Record<string, unknown>> | null;
  /** Number of labels of each class that has any; null where the folder has no list of them. */
  readonly labelsByClass: ReadonlyMap<string, number> | null;
  /** Null where the folder has neither the final weights nor a checkpoint. */
  readonly weights: RunWeights | null;
  /** The same run on the labels alone, where it was trained beside it. */
  readonly baseline: RunRecord | null;
}

/** Number of labels that a run learned from; null where it is not known. */
export function labelCountOf({ labelsByClass, summary }: RunRecord): number | null {
  if (labelsByClass) return [...labelsByClass.values()].reduce((sum, count) => sum + count, 0);
  return isNumber(summary?.["labels"]) ? summary["labels"] : null;
}

/** Errors of both networks when they were last tested, as shares, and the step; null where they never were. */
export function lastErrorsOf(
  { log }: RunRecord,
): { readonly step: number; readonly student: number; readonly teacher: number } | null {
  const last = log.evaluations.at(-1);
  return last ? { step: last.step, student: last.student.testError, teacher: last.teacher.testError } : null;
}

/** The last test error of the better of a run's two networks: of a run to compare with, what favours it. */
export function betterErrorOf(run: RunRecord): number | null {
  const errors = lastErrorsOf(run);
  return errors && Math.min(errors.student, errors.teacher);
}

/** Steps that a run has done, as far as its folder says. */
export function stepsOf({ log, summary }: RunRecord): number {
  if (isNumber(summary?.["steps"])) return summary["steps"];
  // Each kind is in the order of steps.
  return Math.max(0, ...[log.costs, log.evaluations, log.starts].map((records) => records.at(-1)?.step ?? 0));
}

/**
 * Reads the folder of a run, and that of its supervised twin where there is one.
 * @throws {RangeError} if it is no folder of a run. @throws {SyntaxError} if one of its files is damaged.
 */
export async function readRun(path: string, name: string = basename(resolve(path))): Promise<RunRecord> {
  const config = await readJson(path, "config.json");
  const { dataset, seed, excludeUnlabeled, algorithm } = config;
  const isRun = typeof dataset === "string" && isNumber(seed) && typeof excludeUnlabeled === "boolean" &&
    (algorithm === "mean-teacher" || algorithm === "pi");
  if (!isRun) throw foreign(path, "config.json does not say how a network was trained");
  const source = join(path, "log.jsonl");
  const hasBaseline = await exists(join(path, baselineName, "config.json"));
  return {
    path,
    realPath: await Deno.realPath(path),
    name,
    config,
    dataset,
    seed,
    method: excludeUnlabeled ? "supervised" : algorithm,
    log: parseLog(await readText(path, "log.jsonl"), source),
    summary: await exists(join(path, "summary.json")) ? await readJson(path, "summary.json") : null,
    labelsByClass: await readLabels(path),
    weights: await findWeights(path),
    baseline: hasBaseline ? await readRun(join(path, baselineName), `${name}/${baselineName}`) : null,
  };
}

function foreign(path: string, state: string): RangeError {
  return new RangeError(`Cannot report on ${path} as it must be the folder of a run: ${state}`);
}

async function readText(path: string, name: string): Promise<string> {
  try {
    return await Deno.readTextFile(join(path, name));
  } catch (error) {
    throw foreign(path, `of ${name}, ${reasonOf(error)}`);
  }
}

async function readJson(path: string, name: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readText(path, name);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SyntaxError(`Cannot use ${join(path, name)} as it must be JSON: it is damaged`);
  }
  if (isObject(value)) return value;
  throw foreign(path, `${name} does not hold what a run writes there`);
}

async function readLabels(path: string): Promise<ReadonlyMap<string, number> | null> {
  const source = join(path, "labels.txt");
  if (!await exists(source)) return null;
  const counts = new Map<string, number>();
  for (const name of parseLabelList(await readText(path, "labels.txt"), { source }).values()) {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

async function findWeights(path: string): Promise<RunWeights | null> {
  if (await exists(join(path, finalName))) return { path: join(path, finalName), isFinal: true };
  let last: { readonly name: string; readonly step: number } | undefined;
  for await (const { name } of Deno.readDir(path)) {
    const [, digits] = /^checkpoint-(\d+)\.safetensors$/.exec(name) ?? [];
    if (digits !== undefined && Number(digits) >= (last?.step ?? 0)) last = { name, step: Number(digits) };
  }
  return last ? { path: join(path, last.name), isFinal: false } : null;
}

/** Folders below a given one that are looked through for runs: `runs/experiment` has `PRESET/seed-N`. */
const mostLevels = 3;

/**
 * Reads the runs of some folders: each is that of a run, or has runs in it. A run that is given twice is read once.
 * @throws {RangeError} if a folder neither is nor has a run. @throws {SyntaxError} if a file of one is damaged.
 */
export async function readRuns(paths: readonly string[]): Promise<RunRecord[]> {
  const found: string[] = [];
  for (const path of paths) {
    const below = await runsBelow(path, mostLevels);
    if (below.length === 0) throw foreign(path, await whyNone(path));
    found.push(...below);
  }
  const folders = new Map<string, string>();
  for (const path of found) {
    const realPath = await Deno.realPath(path);
    if (!folders.has(realPath)) folders.set(realPath, path);
  }
  const names = shortNames([...folders.keys()]);
  const runs: RunRecord[] = [];
  for (const [i, path] of [...folders.values()].entries()) runs.push(await readRun(path, names[i]!));
  return runs;
}

async function whyNone(path: string): Promise<string> {
  try {
    const { isDirectory } = await Deno.stat(path);
    return isDirectory ? "it holds no config.json, and no folder that does" : "it is a file";
  } catch (error) {
    return reasonOf(error);
  }
}

async function runsBelow(path: string, levels: number): Promise<string[]> {
  if (!await isFolder(path)) return [];
  if (await exists(join(path, "config.json"))) return [path];
  if (levels === 0) return [];
  const names = [];
  for await (const { name, isDirectory } of Deno.readDir(path)) {
    if (isDirectory && !name.startsWith(".")) names.push(name);
  }
  // seed-10 comes after seed-9.
  names.sort(new Intl.Collator("en", { numeric: true }).compare);
  const runs: string[] = [];
  for (const name of names) runs.push(...await runsBelow(join(path, name), levels - 1));
  return runs;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch {
    return false;
  }
}

/** The ends of paths that tell them apart: as few parts as do, the same number for all, and more than `seed-1` alone. */
function shortNames(paths: readonly string[]): string[] {
  const nameOf = (path: string, parts: number): string =>
    parts === 1 ? basename(path) : join(nameOf(dirname(path), parts - 1), basename(path));
  for (let parts = paths.some((path) => /^seed-\d+$/.test(basename(path))) ? 2 : 1; parts < 20; parts++) {
    const names = paths.map((path) => nameOf(path, parts));
    if (new Set(names).size === names.length) return names;
  }
  return [...paths];
}
