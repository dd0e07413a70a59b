/**
 * `--baseline`: trains the supervised twin of a run after it, and says what unlabelled images brought.
 * @module
 */
import { dirname, join } from "node:path";
import { Device } from "../../kernels/mod.ts";
import { resolveOptions, supervisedTwin } from "../../semisup/mod.ts";
import { flagOf } from "../command/options.ts";
import type { Outcome } from "../command/process.ts";
import { loadCheckpoint, type Plan, type TwinPlan } from "../plan/run_plan.ts";
import { gainOf, gainText } from "./gain.ts";
import { resumeCommand } from "./resume_command.ts";
import { executePlan } from "./run.ts";
import { baselineName, isFinished, lastCheckpoint, runFiles, RunFolder } from "./run_folder.ts";
import { readSummary } from "./run_reader.ts";

/**
 * Executes a plan, then its supervised twin's; what of both is finished already is left as it is.
 * @param shared The device to do it on; one of its own where absent.
 * @throws as `executePlan` does.
 */
export async function executeWithBaseline(
  plan: Plan,
  signal: AbortSignal,
  shared?: Device,
): Promise<Outcome> {
  using own = shared ? undefined : await Device.request();
  const device = shared ?? own;
  const executeRest = async (plan: Plan): Promise<Outcome> =>
    await isFinished(plan.folder) ? "finished" : await executePlan(plan, signal, device);
  if (await executeRest(plan) === "interrupted") return "interrupted";
  const final = join(plan.folder, runFiles.final);
  try {
    if (await executeRest(await planTwin(plan, final)) === "interrupted") return "interrupted";
  } catch (error) {
    if (signal.aborted) {
      console.error(
        `The run is finished, its baseline is not. To go on:\n  ${resumeCommand(final, "--baseline")}`,
      );
    }
    throw error;
  }
  await tellGain(plan.folder);
  return "finished";
}

/** The plan of the twin of a finished run: all that the run was, without its unlabelled images. */
async function planTwin({ run }: Plan, final: string): Promise<TwinPlan> {
  const { checkpoint } = await loadCheckpoint(final);
  const { preset: _, ...about } = checkpoint.about;
  const folder = join(dirname(final), baselineName);
  const last = await lastCheckpoint(folder);
  return {
    kind: "twin",
    run: { ...run, preset: null, baseline: false },
    training: resolveOptions({ ...checkpoint.options, ...supervisedTwin }, flagOf),
    folder,
    from: last === undefined ? null : await loadCheckpoint(last),
    original: { path: final, checkpoint: { ...checkpoint, about } },
  };
}

/** Says what unlabelled images brought, and adds it to the run's summary. */
async function tellGain(folder: string): Promise<void> {
  const own = await readSummary(folder), twin = await readSummary(join(folder, baselineName));
  const { student, teacher, steps } = twin;
  const gain = gainOf(own, twin);
  const baseline = { folder: baselineName, student, teacher, steps };
  await (await RunFolder.open(folder)).writeSummary({ ...own, baseline, gain });
  console.log(`\n${gainText(own, twin)}`);
}
