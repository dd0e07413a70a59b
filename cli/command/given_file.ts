/**
 * Files named by the user.
 * @module
 */
import { checkRegular } from "../../data/files/mod.ts";
import { reasonOf } from "./reason.ts";

/** Returns whether a file or folder exists. */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    // A file has nothing below it.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

/** Checks that nothing would be overwritten. @param content The content of the file, for errors. @throws {RangeError} if the file exists. */
export async function checkNewFile(path: string, content: string): Promise<void> {
  if (!await exists(path)) return;
  throw new RangeError(`Cannot write ${content} to ${path}: the file exists. Name a new file.`);
}

/** Returns the bytes of a file. @param kind The kind of file, for errors. @throws {RangeError} if it cannot be read. */
export async function readGivenFile(path: string, kind: string): Promise<Uint8Array> {
  try {
    await checkRegular(path);
    return await Deno.readFile(path);
  } catch (error) {
    throw new RangeError(`Cannot read the ${kind} ${path}: ${reasonOf(error)}`);
  }
}
