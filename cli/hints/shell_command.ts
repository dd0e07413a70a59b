/**
 * Commands for users to type.
 * @module
 */
import { commandStart, quoted } from "../command/caller.ts";

export { pathFromHere } from "../command/caller.ts";

/** Returns the command line of a command of this project, quoted for a shell. */
export function shellCommand(
  name: "label" | "train" | "predict" | "evaluate" | "report" | "suggest",
  ...args: readonly string[]
): string {
  return [commandStart(name), ...args.map(quoted)].join(" ");
}
