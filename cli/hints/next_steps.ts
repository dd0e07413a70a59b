/**
 * Suggestions of what to do with a finished run.
 * @module
 */
import type { Plan } from "../plan/plan.ts";
import { pluginFlags } from "./resume_command.ts";
import { readSummary } from "../run_files/run_reader.ts";
import { pathFromHere, shellCommand } from "./shell_command.ts";

/** Returns the commands to try next, each with its use. */
export async function nextSteps({ folder, run }: Plan): Promise<string> {
  const { unlabeled } = await readSummary(folder);
  const path = pathFromHere(folder), { data } = run, plugin = pluginFlags(run);
  const steps: readonly (readonly [what: string, command: string])[] = [
    data === null
      ? ["all test results", shellCommand("evaluate", path, ...plugin)]
      : ["classify pictures", shellCommand("predict", path, pathFromHere(data), ...plugin)],
    ["report as a web page", shellCommand("report", path, ...plugin)],
    unlabeled === 0
      ? ["all training options", shellCommand("train", "--help")]
      : ["images to label next", shellCommand("suggest", path, ...plugin)],
  ];
  const width = Math.max(...steps.map(([what]) => what.length)) + 1;
  return `Next:\n${steps.map(([what, command]) => `  ${`${what}:`.padEnd(width)}  ${command}`).join("\n")}`;
}
