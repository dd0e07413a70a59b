/**
 * Plans of runs that are resumed: from a checkpoint, from the folder of a run, or by `--resume auto`.
 * @module
 */
import { dirname, join } from "node:path";
import { datasets } from "../../data/files/mod.ts";
import { resolveOptions, type TrainingOptions } from "../../semisup/mod.ts";
import { type Arguments, flagOf, type RunOptions } from "../command/options.ts";
import { checkNewFolder, checkUnfinished } from "../run_files/new_folder.ts";
import { hasCheckpoint, isFinished, runFiles } from "../run_files/run_files.ts";
import { readSetup } from "../run_files/run_reader.ts";
import { exists } from "../command/given_file.ts";
import { followUpFlags } from "../hints/resume_command.ts";
import type { FolderClaims } from "../storage/folder_claims.ts";
import { checkBaseline } from "./exclusions.ts";
import { imageSizeIn, USER_FOLDER } from "./about_data.ts";
import type { Plan, ResumedPlan } from "./plan.ts";
import { loadCheckpoint, loadNewestCheckpoint, type SavedCheckpoint } from "./saved_checkpoint.ts";

/** Value of `--resume` that continues the run in `--output`, or starts it. */
export const automatic = "auto";

/** Options that may be changed when a run is resumed. */
export const changeable: ReadonlySet<string> = new Set<keyof TrainingOptions | keyof RunOptions>([
  "epochs",
  "steps",
  "maxSteps",
  "patience",
  "keepCheckpoints",
  "fallback",
  "evaluationEpochs",
  "checkpointEpochs",
  "recordSteps",
  "data",
  "dataDir",
  "download",
  "memoryLimit",
  "verify",
  "output",
  "tensorboard",
  "csv",
  "dashboard",
  "resume",
  "evaluate",
  "baseline",
  "folds",
  "show",
  "plugin",
  "distributed",
  "syncBatchNorm",
  "debug",
  "json",
  "quiet",
]);

/**
 * Plans a run that is resumed from a file or folder.
 * @param claims Claims the folder that the run writes to; if absent, nothing is claimed.
 * @throws {RangeError} if options contradict the checkpoint, or the folder is in use.
 */
export async function planResumption(
  chosen: Arguments,
  run: RunOptions,
  path: string,
  claims: FolderClaims | undefined,
): Promise<ResumedPlan> {
  const fixed = Object.keys({ ...chosen.run, ...chosen.training }).filter((option) =>
    !changeable.has(option)
  );
  if (fixed.length > 0) {
    const flags = fixed.map(flagOf).join(", ");
    throw new RangeError(
      `Cannot use ${flags} with --resume: the checkpoint determines ${fixed.length === 1 ? "it" : "them"}`,
    );
  }
  checkEvaluation(run);
  const isFolder = await Deno.stat(path).then((info) => info.isDirectory, () => false);
  if (isFolder && !await hasCheckpoint(path)) {
    throw new RangeError(
      `Cannot resume the run in ${path}: the folder has no checkpoint. To start the run again, repeat its command with --resume auto and this folder as --output.`,
    );
  }
  const first = isFolder ? null : await loadCheckpoint(path);
  const folder = run.output ?? (isFolder ? path : dirname(path));
  const isWriting = !run.evaluate && !run.show;
  if (isWriting && run.output !== null && !(first && await isOfRun(folder, first))) {
    await checkNewFolder(folder);
  }
  if (isWriting) await claims?.claim(folder);
  const from = first ?? await loadNewestCheckpoint(path);
  if (!from) throw new RangeError(`Cannot resume the run in ${path}: its checkpoints were deleted meanwhile`);
  const plan = resumedPlan(chosen, run, from, folder);
  // A finished run may be resumed unchanged, for the runs that follow it.
  const isUnchanged = followUpFlags(run).length > 0 && Object.keys(chosen.training).length === 0;
  if (isWriting && run.output === null && !isUnchanged) await checkUnfinished(folder);
  return plan;
}

/**
 * Returns whether a folder has the unfinished run of a checkpoint, which was saved elsewhere because the folder could
 * not be written to: runs of the same options and data are equal.
 */
async function isOfRun(
  folder: string,
  { checkpoint: { options, about } }: SavedCheckpoint,
): Promise<boolean> {
  if (!await exists(join(folder, runFiles.config)) || await isFinished(folder)) return false;
  const { config, dataset } = await readSetup(folder);
  return dataset === about["dataset"] &&
    Object.entries(options).every(([name, value]) =>
      changeable.has(name) || JSON.stringify(config[name]) === JSON.stringify(value)
    );
}

/** Returns the plan of a run that is resumed. @throws {RangeError} if options contradict the checkpoint. */
export function resumedPlan(
  chosen: Arguments,
  run: RunOptions,
  from: SavedCheckpoint,
  folder: string,
): ResumedPlan {
  const { path, checkpoint } = from, { plugin } = checkpoint.about;
  if (plugin !== undefined && run.plugin === null) {
    throw new RangeError(
      `Cannot resume from ${path}: its run uses the plugin ${plugin}. Pass it with --plugin.`,
    );
  }
  // The step to stop at is not taken from the checkpoint: resuming means going beyond it.
  const training = resolveOptions({ ...checkpoint.options, maxSteps: null, ...chosen.training }, flagOf);
  checkBaseline(run, training);
  const dataset = checkpoint.about["dataset"] ?? "";
  const isOwn = dataset === USER_FOLDER;
  if (!isOwn && !datasets.some(({ name }) => name === dataset)) {
    throw new RangeError(`Cannot resume from ${path}: unknown dataset "${dataset}"`);
  }
  if (run.folds !== null && (!isOwn || checkpoint.about["heldOut"] !== undefined)) {
    throw new RangeError(
      `Cannot use --folds: the run of ${path} has test images already, which measure the error`,
    );
  }
  const dataDir = run.dataDir ?? checkpoint.about["dataDir"] ?? null;
  const data = isOwn ? run.data ?? checkpoint.about["data"] ?? null : null;
  const preset = checkpoint.about["preset"] ?? null;
  const imageSize = imageSizeIn(checkpoint.about);
  return {
    kind: "resumed",
    run: { ...run, preset, dataset, data, dataDir, imageSize },
    training,
    folder,
    from,
  };
}

/** Returns whether a plan resumes from the final checkpoint of its folder, so that no step is left. */
export async function isComplete({ from, folder }: Pick<Plan, "from" | "folder">): Promise<boolean> {
  return from?.path === join(folder, runFiles.final) && await isFinished(folder);
}

/** @throws {RangeError} if --evaluate is combined with options of training. */
function checkEvaluation(run: RunOptions): void {
  if (!run.evaluate) return;
  if (run.output !== null) {
    throw new RangeError("Cannot use --output with --evaluate: evaluating writes no files");
  }
  const [flag] = followUpFlags(run);
  if (flag !== undefined) {
    throw new RangeError(`Cannot use ${flag} with --evaluate: evaluating trains nothing`);
  }
}
