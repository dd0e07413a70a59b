/**
 * Runs, read from their folders.
 * @module
 */
import { basename, dirname, join, resolve } from "node:path";
import { reasonOf } from "../command/reason.ts";
import { exists } from "../command/given_file.ts";
import { baselineName, runFiles } from "../run_files/run_files.ts";
import type { LoggedEvaluation, NetworkErrors, RunLog } from "../run_files/run_log.ts";
import {
  findWeights,
  notARunError,
  readHeldOutNames,
  readLabelCounts,
  readLog,
  readSetup,
  readSummary,
  type RunSetup,
  type RunWeights,
} from "../run_files/run_reader.ts";
import type { RunSummary } from "../run_files/run_summary.ts";
import type { TestResults } from "./test_results.ts";

/** A run, read from its folder. */
export interface RunRecord extends RunSetup {
  /** Path of the folder, as passed by the user. */
  readonly path: string;
  /** Real path of the folder, which identifies the run. */
  readonly realPath: string;
  /** Name in the report. */
  readonly name: string;
  readonly log: RunLog;
  /** Results; null if the run is not finished. */
  readonly summary: RunSummary | null;
  /** Number of labels of each class that has any; null if the folder has no list of labels. */
  readonly labelsByClass: ReadonlyMap<string, number> | null;
  /** True if the test images were held out of the user's labelled images. */
  readonly isHeldOut: boolean;
  /** Identifies the test images: the names of held-out images, otherwise their number; null = none. */
  readonly testSet: string | null;
  /** Real path of the folder that the run was resumed from; null for a new run. */
  readonly continues: string | null;
  /** Last weights; null if the folder has neither final weights nor a checkpoint. */
  readonly weights: RunWeights | null;
  /** Supervised baseline; null if there is none. */
  readonly baseline: RunRecord | null;
}

/** Returns the number of labels that a run was trained with; null if unknown. */
export function labelCountOf({ labelsByClass, summary }: RunRecord): number | null {
  if (labelsByClass) return [...labelsByClass.values()].reduce((sum, count) => sum + count, 0);
  return summary && summary.labels;
}

/** Returns the last test of both networks, or that of the best weights if the run keeps these; null if there was none. */
export function lastErrorsOf({ log, summary }: Pick<RunRecord, "log" | "summary">): LoggedEvaluation | null {
  const { kept, student, teacher } = summary ?? {};
  if (kept && student && teacher) return { kind: "evaluation", step: kept.step, student, teacher };
  return log.evaluations.at(-1) ?? null;
}

/**
 * Returns the errors to report of a run: the last test in its log, or a later one of its newest checkpoint.
 * @param results Results of the test of its checkpoint; null if it was not tested.
 */
export function reportedErrorsOf(
  record: Pick<RunRecord, "log" | "summary">,
  results: Pick<TestResults, "step" | "student" | "teacher"> | null,
): LoggedEvaluation | null {
  const logged = lastErrorsOf(record);
  if (!results || record.summary || (logged && logged.step >= results.step)) return logged;
  const { step, student, teacher } = results;
  return { kind: "evaluation", step, student, teacher };
}

/**
 * Returns the last errors of a run's better network, which favours the run in comparisons; null if it was not
 * tested.
 */
export function betterErrorOf(run: RunRecord): NetworkErrors | null {
  const errors = lastErrorsOf(run);
  return errors && (errors.student.testError < errors.teacher.testError ? errors.student : errors.teacher);
}

/** Returns the number of completed steps, as far as known. */
export function stepsOf({ log, summary }: RunRecord): number {
  if (summary) return summary.steps;
  // Records of each kind are in the order of steps.
  return Math.max(0, ...[log.costs, log.evaluations, log.starts].map((records) => records.at(-1)?.step ?? 0));
}

/**
 * Reads the folder of a run, and of its supervised baseline if there is one.
 * @throws {RangeError} if it is not the folder of a run.
 * @throws {SyntaxError} if one of its files is damaged.
 */
export async function readRun(path: string, name: string = basename(resolve(path))): Promise<RunRecord> {
  const hasBaseline = await exists(join(path, baselineName, runFiles.config));
  const setup = await readSetup(path), log = await readLog(path), heldOut = await readHeldOutNames(path);
  return {
    path,
    realPath: await Deno.realPath(path),
    name,
    ...setup,
    log,
    summary: await exists(join(path, runFiles.summary)) ? await readSummary(path) : null,
    labelsByClass: await readLabelCounts(path),
    isHeldOut: heldOut !== null,
    testSet: heldOut ?? countOfTests(log),
    continues: await folderBefore(setup.config),
    weights: await findWeights(path),
    baseline: hasBaseline ? await readRun(join(path, baselineName), `${name}/${baselineName}`) : null,
  };
}

function countOfTests({ evaluations }: RunLog): string | null {
  const last = evaluations.at(-1);
  return last ? `${last.teacher.examples} images` : null;
}

/** Returns the real path of the folder of the checkpoint that a run was resumed from; null for a new run. */
async function folderBefore({ resume }: RunSetup["config"]): Promise<string | null> {
  if (typeof resume !== "string") return null;
  const folder = dirname(resume);
  return await Deno.realPath(folder).catch(() => folder);
}

/** Levels of folders that are searched for runs: `runs/experiment` has `PRESET/seed-N`. */
const maxLevels = 3;

/**
 * Reads the runs of some folders. Each is the folder of a run, or contains such folders. Duplicates are read
 * once.
 * @throws {RangeError} if a folder neither is nor contains a run.
 * @throws {SyntaxError} if a file of a run is damaged.
 */
export async function readRuns(paths: readonly string[]): Promise<RunRecord[]> {
  const found: string[] = [];
  for (const path of paths) {
    const below = await runsBelow(path, maxLevels);
    if (below.length === 0) throw notARunError(path, await describeMissing(path));
    for (const folder of below) found.push(folder);
  }
  const folders = new Map<string, string>();
  for (const path of found) {
    const realPath = await Deno.realPath(path);
    if (!folders.has(realPath)) folders.set(realPath, path);
  }
  const names = shortNames([...folders.keys()]).values();
  const runs: RunRecord[] = [];
  for (const path of folders.values()) runs.push(await readRun(path, names.next().value));
  return runs;
}

async function describeMissing(path: string): Promise<string> {
  try {
    const { isDirectory } = await Deno.stat(path);
    return isDirectory ? `neither it nor a folder in it has a ${runFiles.config}` : "it is a file";
  } catch (error) {
    return reasonOf(error);
  }
}

async function runsBelow(path: string, levels: number): Promise<string[]> {
  if (!await isFolder(path)) return [];
  if (await exists(join(path, runFiles.config))) return [path];
  if (levels === 0) return [];
  const names = [];
  for await (const { name, isDirectory } of Deno.readDir(path)) {
    if (isDirectory && !name.startsWith(".")) names.push(name);
  }
  // seed-10 comes after seed-9.
  names.sort(new Intl.Collator("en", { numeric: true }).compare);
  const runs: string[] = [];
  for (const name of names) {
    for (const folder of await runsBelow(join(path, name), levels - 1)) runs.push(folder);
  }
  return runs;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch {
    return false;
  }
}

/**
 * Shortens paths to their last parts: the same number for all, as few as keep them distinct, and more than
 * `seed-1` alone.
 */
function shortNames(paths: readonly string[]): string[] {
  const nameOf = (path: string, parts: number): string =>
    parts === 1 ? basename(path) : join(nameOf(dirname(path), parts - 1), basename(path));
  for (let parts = paths.some((path) => /^seed-\d+$/.test(basename(path))) ? 2 : 1; parts < 20; parts++) {
    const names = paths.map((path) => nameOf(path, parts));
    if (new Set(names).size === names.length) return names;
  }
  return [...paths];
}
