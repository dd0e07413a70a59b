/**
 * What can be done with a run that is finished.
 * @module
 */
import type { Plan } from "../plan/run_plan.ts";
import { readSummary } from "./run_reader.ts";
import { pathFromHere, shellCommand } from "./shell_command.ts";

/** The commands, each with what it is for. */
export async function nextSteps({ folder, run: { data } }: Plan): Promise<string> {
  const { unlabeled } = await readSummary(folder);
  const path = pathFromHere(folder);
  const steps: readonly (readonly [what: string, command: string])[] = [
    data === null
      ? ["all figures of the test", shellCommand("evaluate", path)]
      : ["classes of pictures", shellCommand("predict", path, pathFromHere(data))],
    ["a page about the run", shellCommand("report", path)],
    unlabeled === 0
      ? ["other labels and seeds", shellCommand("train", "--help")]
      : ["what to label next", shellCommand("suggest", path)],
  ];
  const width = Math.max(...steps.map(([what]) => what.length)) + 1;
  return `Next:\n${steps.map(([what, command]) => `  ${`${what}:`.padEnd(width)}  ${command}`).join("\n")}`;
}
