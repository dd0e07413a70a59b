/**
 * `--baseline`: trains the supervised twin of a run after it, and says what unlabelled images brought.
 * @module
 */
import { dirname, join } from "node:path";
import { resolveOptions, supervisedBaseline } from "../../semisup/mod.ts";
import { flagOf } from "../command/options.ts";
import type { Plan, SavedCheckpoint, TwinPlan } from "../plan/run_plan.ts";
import { begunIn, type Following } from "./followed_run.ts";
import { gainOf, gainText } from "./gain.ts";
import { baselineName, RunFolder } from "./run_folder.ts";
import { readSummary } from "./run_reader.ts";
import { printResult } from "../command/output.ts";

/** The twin of a run. */
export const baseline: Following = {
  plans: async (plan, final) => [await planTwin(plan, final)],
  tell: tellGain,
};

/** The plan of the twin of a finished run: all that the run was, without its unlabelled images. */
async function planTwin({ run }: Plan, { path, checkpoint }: SavedCheckpoint): Promise<TwinPlan> {
  const { preset: _, ...about } = checkpoint.about;
  const folder = join(dirname(path), baselineName);
  return {
    kind: "twin",
    run: { ...run, preset: null },
    training: resolveOptions({ ...checkpoint.options, ...supervisedBaseline }, flagOf),
    folder,
    from: await begunIn(folder),
    original: { path, checkpoint: { ...checkpoint, about } },
  };
}

/** Says what unlabelled images brought, and adds it to the run's summary. */
async function tellGain(folder: string): Promise<void> {
  const own = await readSummary(folder), twin = await readSummary(join(folder, baselineName));
  const { student, teacher, steps } = twin;
  const gain = gainOf(own, twin);
  const baseline = { folder: baselineName, student, teacher, steps };
  await (await RunFolder.open(folder)).writeSummary({ ...own, baseline, gain });
  printResult(`\n${gainText(own, twin)}`, { kind: "gain", folder, ...gain });
}
