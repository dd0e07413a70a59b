/**
 * Training of the runs of an experiment, in one or several processes that share a folder.
 * @module
 */
import { join } from "node:path";
import { writeAtomically } from "../../data/files/mod.ts";
import type { Device } from "../../kernels/mod.ts";
import { DivergenceError } from "../../semisup/mod.ts";
import { requestDevice } from "../command/device.ts";
import { executePlan } from "../run/run.ts";
import { runFiles } from "../run_files/run_files.ts";
import { FolderClaims } from "../storage/folder_claims.ts";
import { FolderInUseError } from "../storage/folder_lock.ts";
import { printNote, printProgress, printWarning } from "../terminal/output.ts";
import type { ExperimentRun } from "./groups.ts";

/** End of a run: trained here, found finished, left to the process that trains it, diverged, or stopped by a signal. */
type Ending = "trained" | "finished" | "elsewhere" | "diverged" | "interrupted";

/**
 * Trains runs one after the other. Each run is claimed first: one that another process trains is left to it.
 * @param onEnd Function called after each run that ended.
 * @returns "interrupted" if a signal stopped a run, else "finished".
 */
export async function trainRuns(
  runs: readonly ExperimentRun[],
  signal: AbortSignal,
  onEnd: () => Promise<void>,
): Promise<"finished" | "interrupted"> {
  let device: Device | undefined;
  const deviceOf = async () => device ??= await requestDevice();
  try {
    for (const [i, run] of runs.entries()) {
      const ending = await trainRun(run, `${i + 1} of ${runs.length}`, signal, deviceOf);
      if (ending === "interrupted") return "interrupted";
      if (ending === "trained" || ending === "diverged") await onEnd();
    }
    return "finished";
  } finally {
    device?.[Symbol.dispose]();
  }
}

async function trainRun(
  run: ExperimentRun,
  count: string,
  signal: AbortSignal,
  deviceOf: () => Promise<Device>,
): Promise<Ending> {
  await using claims = new FolderClaims();
  const marker = join(run.folder, runFiles.divergence);
  try {
    await claims.claim(run.folder);
    // Another process may have finished the run meanwhile.
    const { state, plan } = await run.find();
    if (state === "finished") return "finished";
    printProgress(`\n${count}: ${run.title}`);
    await Deno.remove(marker).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
    return await executePlan(await plan(claims), signal, await deviceOf()) === "interrupted"
      ? "interrupted"
      : "trained";
  } catch (error) {
    if (error instanceof FolderInUseError) {
      printNote(`${count}: ${run.title} is left to another process. ${error.message}`);
      return "elsewhere";
    }
    if (!(error instanceof DivergenceError)) throw error;
    printWarning(error.message);
    await writeAtomically(marker, `${error.message}\n`);
    return "diverged";
  }
}
