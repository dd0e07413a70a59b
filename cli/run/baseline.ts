/**
 * `--baseline`: trains the supervised twin of a run after it, and says what unlabelled images brought.
 * @module
 */
import { join } from "node:path";
import { Device } from "../../kernels/mod.ts";
import { resolveOptions, supervisedTwin } from "../../semisup/mod.ts";
import { gainOf, gainText, readSummary } from "./gain.ts";
import { flagOf } from "../command/options.ts";
import { loadCheckpoint, type Plan } from "../plan/run_plan.ts";
import { lastCheckpoint } from "../plan/planned_run.ts";
import type { Outcome } from "../command/process.ts";
import { resumeCommand } from "./resume_command.ts";
import { carryOut } from "./run.ts";
import { exists, finalName, RunFolder } from "./run_folder.ts";

/** The folder of the twin, within that of its run. */
export const baselineName = "baseline";

/**
 * Carries a plan out, then its supervised twin's; what of both is finished already is left as it is.
 * @param shared The device to do it on; one of its own where absent.
 * @throws as `carryOut` does.
 */
export async function carryOutWithBaseline(
  plan: Plan,
  signal: AbortSignal,
  shared?: Device,
): Promise<Outcome> {
  using own = shared ? undefined : await Device.request();
  const device = shared ?? own;
  if (!await exists(join(plan.folder, finalName)) && await carryOut(plan, signal, device) === "interrupted") {
    return "interrupted";
  }
  try {
    const twin = await planTwin(plan);
    const isFinished = await exists(join(twin.folder, finalName));
    if (!isFinished && await carryOut(twin, signal, device) === "interrupted") return "interrupted";
  } catch (error) {
    if (signal.aborted) {
      console.error(
        `The run is finished, its baseline is not. To go on:\n  ${
          resumeCommand(join(plan.folder, finalName), "--baseline")
        }`,
      );
    }
    throw error;
  }
  await tellGain(plan.folder);
  return "finished";
}

/** The plan of the twin of a finished run: all that the run was, without its unlabelled images. */
async function planTwin({ run, folder: of, labelsPerClass }: Plan): Promise<Plan> {
  const checkpoint = await loadCheckpoint(join(of, finalName));
  const { preset: _, ...about } = checkpoint.about;
  const folder = join(of, baselineName);
  const last = await exists(folder) ? await lastCheckpoint(folder) : undefined;
  const resume = last === undefined ? null : join(folder, last);
  return {
    run: { ...run, preset: null, baseline: false, resume },
    training: resolveOptions({ ...checkpoint.options, ...supervisedTwin }, flagOf),
    labelsPerClass,
    folder,
    twin: { of, checkpoint: { ...checkpoint, about } },
    ...(resume !== null && { checkpoint: await loadCheckpoint(resume) }),
  };
}

/** Says what unlabelled images brought, and adds it to the run's summary. */
async function tellGain(folder: string): Promise<void> {
  const [own, twin] = [await readSummary(folder), await readSummary(join(folder, baselineName))];
  const { student, teacher, steps } = twin;
  const gain = gainOf(own, twin);
  const baseline = { folder: baselineName, student, teacher, steps };
  await (await RunFolder.open(folder)).writeJson("summary.json", { ...own, baseline, gain });
  console.log(`\n${gainText(own, twin)}`);
}
