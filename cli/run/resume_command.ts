/**
 * What to type to go on with a run.
 * @module
 */
import { resolve } from "node:path";
import { shellCommand } from "./shell_command.ts";

/** The command that goes on from a checkpoint. Its path is absolute: it may be typed anywhere. */
export function resumeCommand(checkpoint: string, ...flags: readonly string[]): string {
  return shellCommand("train", "--resume", resolve(checkpoint), ...flags);
}
