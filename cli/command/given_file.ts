/**
 * Files that the user names.
 * @module
 */
import { reasonOf } from "./reason.ts";

/** Whether there is anything of a path. */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    // Below a file there is nothing either.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

/** Makes sure that nothing is written over. @param what What is to be written. @throws {RangeError} if a file is there. */
export async function checkNewFile(path: string, what: string): Promise<void> {
  if (!await exists(path)) return;
  throw new RangeError(`Cannot write ${what} to ${path} as it must be a new file: it is there`);
}

/** The bytes of a file. @param what What it is to be. @throws {RangeError} if it cannot be read. */
export async function readGivenFile(path: string, what: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    throw new RangeError(`Cannot read the ${what} ${path} as it must be a file: ${reasonOf(error)}`);
  }
}
