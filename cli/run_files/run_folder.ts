/**
 * The folder of a run, as the run writes it.
 * @module
 */
import { join } from "node:path";
import { writeAtomically } from "../../data/files/mod.ts";
import { exists } from "../command/given_file.ts";
import { reasonOf } from "../command/reason.ts";
import { writing } from "../storage/write_error.ts";
import { checkpointFile, checkpointsIn, runFiles } from "./run_files.ts";
import type { RunSummary } from "./run_summary.ts";

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
