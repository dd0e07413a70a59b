/**
 * Runs that are trained after another run, from its final checkpoint: `--baseline`, `--folds`.
 * @module
 */
import { join } from "node:path";
import type { Device } from "../../kernels/mod.ts";
import type { Outcome } from "../command/process.ts";
import type { Plan } from "../plan/plan.ts";
import type { FolderClaims } from "../storage/folder_claims.ts";
import { loadCheckpoint, type SavedCheckpoint } from "../plan/saved_checkpoint.ts";
import { followUpFlags, resumeCommand, resumeFlags } from "../hints/resume_command.ts";
import { executePlan, type Execution } from "./run.ts";
import { isFinished, runFiles } from "../run_files/run_files.ts";
import { printNotice } from "../terminal/output.ts";
import { requestDevice } from "../command/device.ts";

/** Runs that follow another one. */
export interface FollowUp {
  /**
   * Plans the following runs.
   * @param plan The finished run.
   * @param final The final checkpoint of that run.
   */
  planRuns(plan: Plan, final: SavedCheckpoint): Promise<readonly Plan[]>;
  /**
   * Prints the result of the following runs, and adds it to the run's summary.
   * @param folder Folder of the finished run.
   */
  reportResult(folder: string): Promise<void>;
}

/**
 * Executes a plan, then the runs that follow it. Skips runs that are finished already.
 * @param shared Device to run on; if absent, one is requested and destroyed at the end.
 * @param claims Claims the folders of the runs that follow.
 * @param execution Clock of the command, and an observer of all runs.
 * @throws the same as `executePlan`.
 */
export async function executeWithFollowUps(
  plan: Plan,
  followUp: FollowUp,
  signal: AbortSignal,
  shared?: Device,
  claims?: FolderClaims,
  execution: Partial<Pick<Execution, "now" | "observer">> = {},
): Promise<Outcome> {
  using own = shared ? undefined : await requestDevice();
  const device = shared ?? own;
  const executeUnfinished = async (plan: Plan): Promise<Outcome> =>
    await isFinished(plan.folder) ? "finished" : await executePlan(plan, signal, device, execution);
  if (await executeUnfinished(plan) === "interrupted") return "interrupted";
  const final = join(plan.folder, runFiles.final);
  try {
    for (const next of await followUp.planRuns(plan, await loadCheckpoint(final))) {
      await claims?.claim(next.folder);
      if (await executeUnfinished(next) === "interrupted") return "interrupted";
    }
  } catch (error) {
    if (signal.aborted) {
      printNotice(
        `The run itself is finished; the runs for ${followUpFlags(plan.run)[0]} are not. To continue:\n  ${
          resumeCommand(
            plan.folder,
            ...resumeFlags({ ...plan, training: { ...plan.training, maxSteps: null } }),
          )
        }`,
      );
    }
    throw error;
  }
  await followUp.reportResult(plan.folder);
  return "finished";
}
