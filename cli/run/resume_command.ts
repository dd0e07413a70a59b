/**
 * The command that resumes a run.
 * @module
 */
import { resolve } from "node:path";
import { runDefaults, type RunOptions } from "../command/options.ts";
import { shellCommand } from "./shell_command.ts";

/**
 * Returns the command that resumes from a checkpoint. The path is absolute, so that the command works in any
 * folder.
 */
export function resumeCommand(checkpoint: string, ...flags: readonly string[]): string {
  return shellCommand("train", "--resume", resolve(checkpoint), ...flags);
}

/** Returns the flags that load the plugin of a run, from any folder. */
export function pluginFlags({ plugin }: Pick<RunOptions, "plugin">): readonly string[] {
  return plugin === null ? [] : ["--plugin", resolve(plugin)];
}

/** Returns the flags that request files of records. */
export function recordFlags(
  { tensorboard, csv }: Pick<RunOptions, "tensorboard" | "csv">,
): readonly string[] {
  return [...(tensorboard ? ["--tensorboard"] : []), ...(csv ? ["--csv"] : [])];
}

/** Returns the flags that request runs after a run. */
export function followUpFlags(
  { baseline, folds }: Pick<RunOptions, "baseline" | "folds">,
): readonly string[] {
  return [...(baseline ? ["--baseline"] : []), ...(folds === null ? [] : [`--folds=${folds}`])];
}

/** Returns the flags of the files that a resumed run keeps; none for the default. */
export function checkpointFlags({ keepCheckpoints }: Pick<RunOptions, "keepCheckpoints">): readonly string[] {
  return keepCheckpoints === runDefaults.keepCheckpoints ? [] : [`--keep-checkpoints=${keepCheckpoints}`];
}
