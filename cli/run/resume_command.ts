/**
 * What to type to go on with a run.
 * @module
 */
import { resolve } from "node:path";
import type { RunOptions } from "../command/options.ts";
import { shellCommand } from "./shell_command.ts";

/** The command that goes on from a checkpoint. Its path is absolute: it may be typed anywhere. */
export function resumeCommand(checkpoint: string, ...flags: readonly string[]): string {
  return shellCommand("train", "--resume", resolve(checkpoint), ...flags);
}

/** What asked for the runs that follow a run. */
export function followingFlags(
  { baseline, folds }: Pick<RunOptions, "baseline" | "folds">,
): readonly string[] {
  return [...(baseline ? ["--baseline"] : []), ...(folds === null ? [] : [`--folds=${folds}`])];
}
