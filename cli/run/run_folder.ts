/**
 * The folder of a run: names of its files, and functions that write them. The folder is created when the
 * first file is written, and a new run never overwrites files.
 * @module
 */
import { join } from "node:path";
import { writeAtomically } from "../../data/files/mod.ts";
import { exists } from "../command/given_file.ts";
import type { TestError } from "../terminal/figures.ts";
import { reasonOf } from "../command/reason.ts";
import { writing } from "../storage/write_error.ts";
import { lockName } from "../storage/folder_lock.ts";
import { resumeCommand } from "../hints/resume_command.ts";
import type { NetworkErrors } from "./run_log.ts";

/** The best weights of a run. */
export interface KeptWeights {
  /** Name of their file in the folder of the run. */
  readonly file: string;
  /** Step of these weights. */
  readonly step: number;
  /** Images whose errors were compared. A test set that chose the weights does not measure them fairly. */
  readonly by: "held-out" | "test";
}

/** The part of `summary.json` that other commands read. */
export interface RunSummary {
  /** Errors of the last test; absent without test images. */
  readonly student?: NetworkErrors;
  readonly teacher?: NetworkErrors;
  /** Absent if no labels were held out. */
  readonly calibration?: { readonly temperature: number };
  /** An estimate of the error from training labels; absent with test images. */
  readonly probe?: TestError;
  /** Errors of the cross-validation of `--folds`. */
  readonly folds?: { readonly count: number; readonly student: TestError; readonly teacher: TestError };
  /** The weights that the model has, if they are not the last ones: the best by some labelled images. */
  readonly kept?: KeptWeights;
  /** Reason for an end before the last step; absent without one. */
  readonly ended?: "patience" | "time";
  /** Completed steps. */
  readonly steps: number;
  /** Number of labels that the run was trained with. */
  readonly labels: number;
  /** Number of training images without a label; absent in summaries of older versions. */
  readonly unlabeled?: number;
  readonly testImages: number;
  readonly imagesPerSecond: number;
  /** The fastest kernel of each op and shape that was measured. */
  readonly kernels: Readonly<Record<string, unknown>>;
}

/** Names of the files of a run. */
export const runFiles = {
  /** All options, and a description of the data. */
  config: "config.json",
  /** The labels that the run was trained with. */
  labels: "labels.txt",
  /** The labelled images held out for testing, if any. */
  heldOut: "held-out.txt",
  /** The log: one JSON record per line. */
  log: "log.jsonl",
  /** The records of the log as a table, with `--csv`. */
  csv: "log.csv",
  /** The results. */
  summary: "summary.json",
  /** Message of an attempt of an experiment that diverged. */
  divergence: "diverged.txt",
  /** Checkpoint of the best step, if evaluations are compared: `--keep best`, `--patience`. */
  best: "best.safetensors",
  /** The teacher, with everything needed for predictions. */
  model: "model.safetensors",
  /** The last checkpoint. It marks the run as finished, so it is written last. */
  final: "final.safetensors",
} as const;

/** Returns whether a file of the folder of a run is written by the run itself. */
export function isRunFile(name: string): boolean {
  return isTemporary(name) || isWhole(name);
}

/** Returns whether a file is a part of one of a run's files, which a killed process left. */
export function isTemporary(name: string): boolean {
  const [, file] = /^(.+)\.[0-9a-f-]{36}\.part$/.exec(name) ?? [];
  return file !== undefined && isWhole(file);
}

function isWhole(name: string): boolean {
  return Object.values<string>(runFiles).includes(name) || checkpointName.test(name) || eventName.test(name);
}

const checkpointName = /^checkpoint-(\d+)\.safetensors$/, eventName = /^events\.out\.tfevents\./;

/** Name of the folder of the supervised baseline, within the folder of the run. */
export const baselineName = "baseline";

/** Returns the path of the default folder: `runs/` and the time. */
export function defaultFolder(now: Date): string {
  return join("runs", now.toISOString().slice(0, 19).replace("T", "_").replaceAll(":", "-"));
}

/**
 * Checks that a new run may use a folder.
 * @throws {RangeError} if the folder is not empty, or is a file. If it has a run, the message has the command that
 * continues the run.
 */
export async function checkNewFolder(path: string): Promise<void> {
  const names = await namesIn(path), [first] = names;
  if (first === undefined) return;
  const rule = `Cannot write the run to ${path}: the folder must be new or empty, but holds`;
  if (!names.includes(runFiles.config)) throw new RangeError(`${rule} ${first}. Set another --output.`);
  if (names.includes(runFiles.final)) throw new RangeError(`${rule} a finished run. Set another --output.`);
  throw new RangeError(
    await hasCheckpoint(path)
      ? `${rule} an unfinished run. Add --resume auto to continue it, as \`${
        resumeCommand(path)
      }\` also does, or set another --output.`
      : `${rule} a run that ended before its first checkpoint. Add --resume auto to start it again, or set another --output.`,
  );
}

/** Returns the names of the files in a folder, without its lock and temporary files; none if the folder does not exist. */
async function namesIn(path: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(path))).map(({ name }) => name).filter((name) =>
      name !== lockName && !isTemporary(name)
    );
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw new RangeError(`Cannot write the run to ${path}: it must be a folder (${reasonOf(error)})`);
  }
}

/**
 * Deletes the files of a run that ended before its first checkpoint.
 * @throws {RangeError} if the folder has other files.
 */
export async function clearAttempt(path: string): Promise<void> {
  const names = await namesIn(path), other = names.find((name) => !isRunFile(name));
  if (other !== undefined) {
    throw new RangeError(
      `Cannot start the run in ${path} again: the folder also holds ${other}. Move it away, or set another --output.`,
    );
  }
  for (const name of names) await Deno.remove(join(path, name));
}

/** Checks that the run in a folder may be resumed. @throws {RangeError} if it is finished. */
export async function checkUnfinished(path: string): Promise<void> {
  if (!await isFinished(path)) return;
  throw new RangeError(
    `Cannot resume in ${path}: the run there is finished (it has ${runFiles.final}). Set another --output.`,
  );
}

/** Returns whether the run in a folder is finished. */
export async function isFinished(path: string): Promise<boolean> {
  return await exists(join(path, runFiles.final));
}

/** Returns whether a folder has a checkpoint to resume from. */
export async function hasCheckpoint(folder: string): Promise<boolean> {
  return await isFinished(folder) || (await checkpointsIn(folder)).length > 0;
}

/** Finds the checkpoint with the most steps in a folder; undefined if there is none. */
export async function lastCheckpoint(folder: string): Promise<string | undefined> {
  return (await checkpointsIn(folder)).at(-1)?.path;
}

/** Returns the checkpoints in a folder, in the order of their steps; none if the folder does not exist. */
export async function checkpointsIn(
  folder: string,
): Promise<{ readonly path: string; readonly step: number }[]> {
  const found: { readonly path: string; readonly step: number }[] = [];
  if (!await exists(folder)) return found;
  for await (const { name } of Deno.readDir(folder)) {
    const step = checkpointName.exec(name)?.[1];
    if (step !== undefined) found.push({ path: join(folder, name), step: Number(step) });
  }
  return found.sort((a, b) => a.step - b.step);
}

/** Returns the name of the file of a checkpoint. */
export function checkpointFile(step: number): string {
  return `checkpoint-${String(step).padStart(6, "0")}.safetensors`;
}

/** Deletes the last line of a log if it is incomplete, so that the next record begins a line. */
async function mendLog(path: string): Promise<void> {
  if (!await exists(path)) return;
  await writing(path, async () => {
    const bytes = await Deno.readFile(path), end = bytes.lastIndexOf(0x0a) + 1;
    if (end < bytes.length) await Deno.truncate(path, end);
  });
}

/** Writes the files of a run. */
export class RunFolder {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * Creates the folder if absent, and deletes an incomplete last line of the log, which a killed process left.
   * @throws {Error} if that fails. All methods throw a {@linkcode WriteError} if they cannot write.
   */
  static async open(path: string): Promise<RunFolder> {
    try {
      await Deno.mkdir(path, { recursive: true });
    } catch (error) {
      throw new Error(`Cannot create the folder ${path} for the run: ${reasonOf(error)}`, {
        cause: error,
      });
    }
    await mendLog(join(path, runFiles.log));
    return new RunFolder(path);
  }

  /** Writes the files that describe the run. Existing files stay unchanged. */
  async describe(texts: Readonly<Partial<Record<"config" | "labels" | "heldOut", string>>>): Promise<void> {
    for (const kind of ["config", "labels", "heldOut"] as const) {
      const text = texts[kind];
      if (text !== undefined && !await exists(join(this.#path, runFiles[kind]))) {
        await this.write(kind, text);
      }
    }
  }

  /** Appends a record to the log: all of it or nothing, unless the process is killed meanwhile. */
  async log(record: Readonly<Record<string, unknown>>): Promise<void> {
    const path = join(this.#path, runFiles.log);
    await writing(path, async () => {
      using file = await Deno.open(path, { write: true, append: true, create: true });
      const { size } = await file.stat(), line = new TextEncoder().encode(`${JSON.stringify(record)}\n`);
      try {
        for (let written = 0; written < line.length;) written += await file.write(line.subarray(written));
      } catch (error) {
        await file.truncate(size);
        throw error;
      }
    });
  }

  /** Writes the summary. */
  async writeSummary<S extends RunSummary>(summary: S): Promise<void> {
    await this.write("summary", `${JSON.stringify(summary, null, 2)}\n`);
  }

  /**
   * Writes a checkpoint, then deletes older ones.
   * @param count Number of checkpoints to keep, this one included.
   * @returns the path of the checkpoint.
   */
  async writeCheckpoint(step: number, bytes: Uint8Array, count: number): Promise<string> {
    const path = join(this.#path, checkpointFile(step));
    await writing(path, () => writeAtomically(path, bytes));
    await this.pruneCheckpoints(step, count);
    return path;
  }

  /** Deletes all but the newest checkpoints up to a step; later ones are of an attempt that was resumed before them. */
  async pruneCheckpoints(step: number, count: number): Promise<void> {
    const earlier = (await checkpointsIn(this.#path)).filter((each) => each.step <= step);
    for (const { path } of earlier.slice(0, Math.max(0, earlier.length - count))) {
      await writing(path, () => Deno.remove(path));
    }
  }

  /** Writes a file atomically: all of it or nothing. */
  async write(kind: keyof typeof runFiles, content: string | Uint8Array): Promise<void> {
    const path = join(this.#path, runFiles[kind]);
    await writing(path, () => writeAtomically(path, content));
  }
}
