/**
 * Checks of the folder that a run is going to use: a new run never overwrites files.
 * @module
 */
import { join } from "node:path";
import { reasonOf } from "../command/reason.ts";
import { resumeCommand } from "../hints/resume_command.ts";
import { lockName } from "../storage/folder_lock.ts";
import { hasCheckpoint, isFinished, isRunFile, isTemporary, runFiles } from "./run_files.ts";

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
