/**
 * The folder of a run: what it holds, and how that is written. It is made when there is something to write, and nothing in
 * it is written over.
 * @module
 */
import { join } from "node:path";
import { writeAtomically } from "../../data/files/mod.ts";
import { exists } from "../command/given_file.ts";
import type { TestError } from "../command/figures.ts";
import { reasonOf } from "../command/reason.ts";
import type { NetworkErrors } from "./run_log.ts";

/** The figures of a summary that other commands read. */
export interface RunSummary {
  /** Of the last test; absent where there were no test images. */
  readonly student?: NetworkErrors;
  readonly teacher?: NetworkErrors;
  /** Absent where no labels were held out. */
  readonly calibration?: { readonly temperature: number };
  /** An estimate of the error from labels that were trained with; absent where there were test images. */
  readonly probe?: TestError;
  /** The error of runs without a part of the labels each, by `--folds`. */
  readonly folds?: { readonly count: number; readonly student: TestError; readonly teacher: TestError };
  /** Completed steps. */
  readonly steps: number;
  /** Number of labels that the run learned from. */
  readonly labels: number;
  /** Number of images to train with that have none; absent in what older versions wrote. */
  readonly unlabeled?: number;
  readonly testImages: number;
  readonly imagesPerSecond: number;
  /** The kernel of each op and shape that was measured. */
  readonly kernels: Readonly<Record<string, unknown>>;
}

/** The files of a run by what they hold. */
export const runFiles = {
  /** All options, and what the data were. */
  config: "config.json",
  /** The labels that the run learned from. */
  labels: "labels.txt",
  /** The labelled images that were held out to test on, where some were. */
  heldOut: "held-out.txt",
  /** A record a line. */
  log: "log.jsonl",
  /** What the run came to. */
  summary: "summary.json",
  /** The teacher with all that it takes to predict. */
  model: "model.safetensors",
  /** The last checkpoint: written after all else, as it says that the run is finished. */
  final: "final.safetensors",
} as const;

/** The folder of a run's supervised twin, within that of the run. */
export const baselineName = "baseline";

/** The path of the default folder: `runs/` and the time. */
export function defaultFolder(now: Date): string {
  return join("runs", now.toISOString().slice(0, 19).replace("T", "_").replaceAll(":", "-"));
}

/** Makes sure that a new run may use a folder. @throws {RangeError} if there is anything in it, or it is a file. */
export async function checkNewFolder(path: string): Promise<void> {
  try {
    for await (const { name } of Deno.readDir(path)) {
      throw new RangeError(
        `Cannot write the run to ${path} as the folder must be new or empty: it holds ${name}. Give another --output.`,
      );
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    if (error instanceof RangeError) throw error;
    throw new RangeError(`Cannot write the run to ${path} as it must be a folder: ${reasonOf(error)}`);
  }
}

/** Makes sure that a run may go on in a folder. @throws {RangeError} if the run there is finished. */
export async function checkUnfinished(path: string): Promise<void> {
  if (!await isFinished(path)) return;
  throw new RangeError(
    `Cannot go on in ${path} as the run there must be unfinished: it holds ${runFiles.final}. Give another --output.`,
  );
}

/** Whether the run in a folder has come to its end. */
export async function isFinished(path: string): Promise<boolean> {
  return await exists(join(path, runFiles.final));
}

/** The path of the checkpoint with the most steps in a folder, where there is one. */
export async function lastCheckpoint(folder: string): Promise<string | undefined> {
  if (!await exists(folder)) return undefined;
  let last: { readonly name: string; readonly step: number } | undefined;
  for await (const { name } of Deno.readDir(folder)) {
    const step = Number(/^checkpoint-(\d+)\.safetensors$/.exec(name)?.[1] ?? NaN);
    if (step > (last?.step ?? -1)) last = { name, step };
  }
  return last && join(folder, last.name);
}

/** Writes the files of a run. */
export class RunFolder {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Makes the folder where it is not there. @throws if that cannot be, as all that writes does. */
  static async open(path: string): Promise<RunFolder> {
    try {
      await Deno.mkdir(path, { recursive: true });
    } catch (error) {
      throw new Error(`Cannot write the run to ${path} as the folder must be made: ${reasonOf(error)}`, {
        cause: error,
      });
    }
    return new RunFolder(path);
  }

  /** Writes texts that say what the run is; those that are there stay. */
  async describe(texts: Readonly<Partial<Record<"config" | "labels" | "heldOut", string>>>): Promise<void> {
    for (const kind of ["config", "labels", "heldOut"] as const) {
      const text = texts[kind];
      if (text !== undefined && !await exists(join(this.#path, runFiles[kind]))) {
        await this.write(kind, text);
      }
    }
  }

  /** Appends a line to the log. */
  async log(record: Readonly<Record<string, unknown>>): Promise<void> {
    const path = join(this.#path, runFiles.log);
    try {
      await Deno.writeTextFile(path, `${JSON.stringify(record)}\n`, { append: true });
    } catch (error) {
      throw new Error(`Cannot write ${path} as the disk must take it: ${reasonOf(error)}`, { cause: error });
    }
  }

  /** Writes what the run came to. */
  async writeSummary<S extends RunSummary>(summary: S): Promise<void> {
    await this.write("summary", `${JSON.stringify(summary, null, 2)}\n`);
  }

  /** Stores a checkpoint, and says where. */
  async writeCheckpoint(step: number, bytes: Uint8Array): Promise<string> {
    const path = join(this.#path, `checkpoint-${String(step).padStart(6, "0")}.safetensors`);
    await writeAtomically(path, bytes);
    return path;
  }

  /** Stores a file as a whole. */
  async write(kind: keyof typeof runFiles, content: string | Uint8Array): Promise<void> {
    await writeAtomically(join(this.#path, runFiles[kind]), content);
  }
}
