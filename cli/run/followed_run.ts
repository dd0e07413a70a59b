/**
 * Runs that are followed by others, which begin from what their ends laid down: `--baseline`, `--folds`.
 * @module
 */
import { join } from "node:path";
import type { Device } from "../../kernels/mod.ts";
import type { Outcome } from "../command/process.ts";
import { loadCheckpoint, type Plan, type SavedCheckpoint } from "../plan/run_plan.ts";
import { followingFlags, resumeCommand } from "./resume_command.ts";
import { executePlan } from "./run.ts";
import { isFinished, lastCheckpoint, runFiles } from "./run_folder.ts";
import { printNotice } from "../command/output.ts";
import { requestDevice } from "../command/device.ts";

/** What follows a run. */
export interface Following {
  /** The plans, from the run's and the checkpoint of its end. */
  plans(plan: Plan, final: SavedCheckpoint): Promise<readonly Plan[]>;
  /** Says what they came to, and adds it to the run's summary. @param folder Of the run. */
  tell(folder: string): Promise<void>;
}

/**
 * Executes a plan, then those that follow; what is finished already is left as it is.
 * @param shared The device to do it on; one of its own where absent.
 * @throws as `executePlan` does.
 */
export async function executeFollowed(
  plan: Plan,
  following: Following,
  signal: AbortSignal,
  shared?: Device,
): Promise<Outcome> {
  using own = shared ? undefined : await requestDevice();
  const device = shared ?? own;
  const executeRest = async (plan: Plan): Promise<Outcome> =>
    await isFinished(plan.folder) ? "finished" : await executePlan(plan, signal, device);
  if (await executeRest(plan) === "interrupted") return "interrupted";
  const final = join(plan.folder, runFiles.final);
  try {
    for (const next of await following.plans(plan, await loadCheckpoint(final))) {
      if (await executeRest(next) === "interrupted") return "interrupted";
    }
  } catch (error) {
    if (signal.aborted) {
      printNotice(
        `The run is finished, what ${followingFlags(plan.run)[0]} asks for is not. To go on:\n  ${
          resumeCommand(final, ...followingFlags(plan.run))
        }`,
      );
    }
    throw error;
  }
  await following.tell(plan.folder);
  return "finished";
}

/** The last checkpoint in the folder of a run that follows, where it has begun. */
export async function begunIn(folder: string): Promise<SavedCheckpoint | null> {
  const last = await lastCheckpoint(folder);
  return last === undefined ? null : await loadCheckpoint(last);
}
