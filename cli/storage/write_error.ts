/**
 * Errors of files that a run cannot write.
 * @module
 */
import { reasonOf } from "../command/reason.ts";

/** Thrown if a file of a run cannot be written, as on a full disk: the state of the run is still in memory. */
export class WriteError extends Error {
  override readonly name: string = "WriteError";
}

/** Runs a function that writes a file. @throws {WriteError} naming the file. */
export async function writing<T>(path: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const { cause = error } = error as Error;
    throw new WriteError(`Cannot write ${path}: ${reasonOf(cause)}`, { cause: error });
  }
}
