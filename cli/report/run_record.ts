/**
 * Runs as they are in their folders.
 * @module
 */
import { basename, dirname, join, resolve } from "node:path";
import { reasonOf } from "../command/reason.ts";
import { exists } from "../command/given_file.ts";
import { baselineName, runFiles } from "../run/run_folder.ts";
import type { LoggedEvaluation, NetworkErrors, RunLog } from "../run/run_log.ts";
import {
  findWeights,
  noRun,
  readHeldOutNames,
  readLabelCounts,
  readLog,
  readSetup,
  readSummary,
  type RunSetup,
  type RunWeights,
} from "../run/run_reader.ts";
import type { RunSummary } from "../run/run_folder.ts";

/** A run, as its folder tells it. */
export interface RunRecord extends RunSetup {
  /** The folder, as it was given. */
  readonly path: string;
  /** The folder's real path, which says whether two are one. */
  readonly realPath: string;
  /** What the report calls it. */
  readonly name: string;
  readonly log: RunLog;
  /** Null where the run did not come to its end. */
  readonly summary: RunSummary | null;
  /** Number of labels of each class that has any; null where the folder has no list of them. */
  readonly labelsByClass: ReadonlyMap<string, number> | null;
  /** What tells its test images from others: their names where they were held out, their number where not; null = none. */
  readonly testSet: string | null;
  /** The real path of the folder of the run that it goes on from; null where it began anew. */
  readonly continues: string | null;
  /** Null where the folder has neither the final weights nor a checkpoint. */
  readonly weights: RunWeights | null;
  /** The same run on the labels alone, where it was trained beside it. */
  readonly baseline: RunRecord | null;
}

/** Number of labels that a run learned from; null where it is not known. */
export function labelCountOf({ labelsByClass, summary }: RunRecord): number | null {
  if (labelsByClass) return [...labelsByClass.values()].reduce((sum, count) => sum + count, 0);
  return summary && summary.labels;
}

/** The last test of both networks; null where they never were tested. */
export function lastErrorsOf({ log }: RunRecord): LoggedEvaluation | null {
  return log.evaluations.at(-1) ?? null;
}

/** The last errors of the better of a run's two networks: of a run to compare with, what favours it. */
export function betterErrorOf(run: RunRecord): NetworkErrors | null {
  const errors = lastErrorsOf(run);
  return errors && (errors.student.testError < errors.teacher.testError ? errors.student : errors.teacher);
}

/** Steps that a run has done, as far as its folder says. */
export function stepsOf({ log, summary }: RunRecord): number {
  if (summary) return summary.steps;
  // Each kind is in the order of steps.
  return Math.max(0, ...[log.costs, log.evaluations, log.starts].map((records) => records.at(-1)?.step ?? 0));
}

/**
 * Reads the folder of a run, and that of its supervised twin where there is one.
 * @throws {RangeError} if it is no folder of a run. @throws {SyntaxError} if one of its files is damaged.
 */
export async function readRun(path: string, name: string = basename(resolve(path))): Promise<RunRecord> {
  const hasBaseline = await exists(join(path, baselineName, runFiles.config));
  const setup = await readSetup(path), log = await readLog(path);
  return {
    path,
    realPath: await Deno.realPath(path),
    name,
    ...setup,
    log,
    summary: await exists(join(path, runFiles.summary)) ? await readSummary(path) : null,
    labelsByClass: await readLabelCounts(path),
    testSet: await readHeldOutNames(path) ?? countOfTests(log),
    continues: await folderBefore(setup.config),
    weights: await findWeights(path),
    baseline: hasBaseline ? await readRun(join(path, baselineName), `${name}/${baselineName}`) : null,
  };
}

function countOfTests({ evaluations }: RunLog): string | null {
  const last = evaluations.at(-1);
  return last ? `${last.teacher.examples} images` : null;
}

/** The folder of the checkpoint that a run was resumed from. */
async function folderBefore({ resume }: RunSetup["config"]): Promise<string | null> {
  if (typeof resume !== "string") return null;
  const folder = dirname(resume);
  return await Deno.realPath(folder).catch(() => folder);
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
    if (below.length === 0) throw noRun(path, await whyNone(path));
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

async function whyNone(path: string): Promise<string> {
  try {
    const { isDirectory } = await Deno.stat(path);
    return isDirectory ? `it holds no ${runFiles.config}, and no folder that does` : "it is a file";
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
