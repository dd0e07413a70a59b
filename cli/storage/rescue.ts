/**
 * The end of a run by an error: names the last good checkpoint, and saves the state in memory elsewhere if the folder
 * of the run cannot be written to.
 * @module
 */
import { basename, join, resolve } from "node:path";
import { tmpdir } from "node:os";
import { createFolder, writeAtomically } from "../../data/files/mod.ts";
import { type Checkpoint, DivergenceError, writeCheckpoint } from "../../semisup/mod.ts";
import { reasonOf } from "../command/reason.ts";
import type { Plan } from "../plan/plan.ts";
import { resumeCommand, resumeFlags } from "../hints/resume_command.ts";
import { checkpointFile, lastCheckpoint } from "../run_files/run_files.ts";
import { printNotice, printWarning } from "../terminal/output.ts";
import { WriteError } from "./write_error.ts";

/**
 * Returns the error to end a run with. If a file could not be written, saves the state of the run in `--fallback`, or in
 * the temporary folder, and prints where.
 * @param readState Returns the state of the run.
 */
export async function endByError(
  error: unknown,
  plan: Plan,
  readState: () => Promise<Checkpoint>,
): Promise<unknown> {
  if (!(error instanceof DivergenceError || error instanceof WriteError)) return error;
  const last = await lastCheckpoint(plan.folder).catch(() => undefined);
  const good = last === undefined
    ? "No checkpoint was saved before."
    : `The last good checkpoint is ${last}.`;
  if (error instanceof DivergenceError) {
    return new DivergenceError(`${error.message} ${good}`, { cause: error });
  }
  await saveElsewhere(plan, readState);
  return new WriteError(`${error.message}. ${good}`, { cause: error });
}

async function saveElsewhere(plan: Plan, readState: () => Promise<Checkpoint>): Promise<void> {
  let checkpoint: Checkpoint;
  try {
    checkpoint = await readState();
  } catch (error) {
    return printWarning(`Cannot save the state of the run elsewhere: ${reasonOf(error)}.`);
  }
  const bytes = writeCheckpoint(checkpoint), { step } = checkpoint;
  const places = [...(plan.run.fallback === null ? [] : [plan.run.fallback]), tmpdir()];
  for (const place of places) {
    try {
      await createFolder(place);
      const folder = await Deno.makeTempDir({ dir: place, prefix: `${basename(resolve(plan.folder))}-` });
      const path = join(folder, checkpointFile(step));
      await writeAtomically(path, bytes);
      const flags = ["--output", resolve(plan.folder), ...resumeFlags(plan)];
      return printNotice(
        `The state of step ${step} is saved in ${path}. To continue, once ${plan.folder} can be written to:\n  ${
          resumeCommand(path, ...flags)
        }`,
      );
    } catch (error) {
      printWarning(`Cannot save the state of step ${step} in ${place}: ${reasonOf(error)}.`);
    }
  }
}
