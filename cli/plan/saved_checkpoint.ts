/**
 * Checkpoints in files.
 * @module
 */
import { join } from "node:path";
import { type Checkpoint, readCheckpoint } from "../../semisup/mod.ts";
import { readGivenFile } from "../command/given_file.ts";
import { reasonOf } from "../command/reason.ts";
import { checkpointsIn, isFinished, runFiles } from "../run_files/run_files.ts";
import { printWarning } from "../terminal/output.ts";

/** A checkpoint with the path of its file. */
export interface SavedCheckpoint {
  readonly path: string;
  readonly checkpoint: Checkpoint;
}

/**
 * Loads the newest checkpoint of a run that is whole: the final one, or the one with the most steps. Prints a warning
 * for each newer one that is damaged.
 * @returns null if the folder has no checkpoint.
 * @throws {SyntaxError} if it has checkpoints, but all are damaged.
 */
export async function loadNewestCheckpoint(folder: string): Promise<SavedCheckpoint | null> {
  const final = await isFinished(folder) ? [join(folder, runFiles.final)] : [];
  const paths = [...final, ...(await checkpointsIn(folder)).map(({ path }) => path).reverse()];
  for (const [i, path] of paths.entries()) {
    try {
      return await loadCheckpoint(path);
    } catch (error) {
      if (!(error instanceof SyntaxError) || i === paths.length - 1) throw error;
      printWarning(error.message);
    }
  }
  return null;
}

/**
 * Reads a checkpoint from a file.
 * @throws {RangeError} if it cannot be read.
 * @throws {SyntaxError} if it is damaged.
 */
export async function loadCheckpoint(path: string): Promise<SavedCheckpoint> {
  const bytes = await readGivenFile(path, "checkpoint");
  try {
    return { path, checkpoint: readCheckpoint(bytes, path) };
  } catch (error) {
    const detail = reasonOf(error).replace(`cannot read ${path}: `, "");
    if (error instanceof RangeError) {
      throw new RangeError(
        `Cannot resume from ${path}: ${detail}. If its run used a plugin, pass it with --plugin.`,
        { cause: error },
      );
    }
    throw new SyntaxError(
      `Cannot resume from ${path}: it is not a complete checkpoint (${detail}). Use an older one.`,
      {
        cause: error,
      },
    );
  }
}
