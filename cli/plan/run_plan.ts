/**
 * Plans of runs: made from the arguments, the defaults, the recipes, and the settings in a checkpoint.
 * @module
 */
import { dirname } from "node:path";
import { datasets, findDataset } from "../../data/files/mod.ts";
import {
  checkLoaded,
  type Checkpoint,
  comparesEvaluations,
  defaultOptions,
  readCheckpoint,
  resolveOptions,
  type TrainingOptions,
  withInitialWeights,
} from "../../semisup/mod.ts";
import { type OpenedWeights, openInitialWeights } from "../weights/initial_weights.ts";
import { resolveTraining } from "./resolve_training.ts";
import { imageSizeIn, USER_FOLDER } from "./inputs.ts";
import { readingOf, requireLabelList } from "./list_reading.ts";
import { type Arguments, flagOf, runDefaults, type RunOptions } from "../command/options.ts";
import { type FolderSetup, planFolder } from "./folder_plan.ts";
import { checkBaselineTested } from "./held_out.ts";
import { findPreset, trainingOf } from "./presets.ts";
import { readGivenFile } from "../command/given_file.ts";
import { reasonOf } from "../command/reason.ts";
import { findRecipe, type Recipe } from "./recipes.ts";
import { followUpFlags } from "../run/resume_command.ts";
import { checkNewFolder, checkUnfinished, defaultFolder } from "../run/run_folder.ts";

/** A checkpoint with the path of its file. */
export interface SavedCheckpoint {
  readonly path: string;
  readonly checkpoint: Checkpoint;
}

/** Properties of all plans. */
interface PlanBase {
  readonly run: RunOptions;
  readonly training: TrainingOptions;
  /** The folder that the run writes to. */
  readonly folder: string;
  /** Checkpoint to resume from; null for a new run. */
  readonly from: SavedCheckpoint | null;
  /** Kernels that the run of `--config` measured, to compute the same bits; if absent, `--tune` chooses. */
  readonly kernels?: Readonly<Record<string, string>>;
}

/** Properties of plans of new runs. */
interface NewPlan extends PlanBase {
  readonly from: null;
  /** Weights to start from; null for random ones. */
  readonly init: OpenedWeights | null;
}

/** A new run on a known dataset. */
export interface FreshPlan extends NewPlan {
  readonly kind: "fresh";
  /** Number of labels drawn per class if there is no label list. */
  readonly labelsPerClass: number;
  /** Minutes that the run may take on a processor; null = no limit, as in all runs but the demo. */
  readonly processorMinutes: number | null;
}

/** A new run on a user's own folder. */
export interface FolderPlan extends NewPlan {
  readonly kind: "folder";
  /** The folder, with the facts about it and the settings chosen for it. */
  readonly own: FolderSetup;
}

/** A run that is resumed or evaluated. */
export interface ResumedPlan extends PlanBase {
  readonly kind: "resumed";
  readonly from: SavedCheckpoint;
}

/** The supervised baseline of a finished run. */
export interface BaselinePlan extends PlanBase {
  readonly kind: "baseline";
  /** Final checkpoint of the finished run. */
  readonly original: SavedCheckpoint;
}

/** A fold of a finished run: trained without some of its labels, and tested on these. */
export interface FoldPlan extends PlanBase {
  readonly kind: "fold";
  /** Final checkpoint of the finished run, with the labels of this fold. */
  readonly original: SavedCheckpoint;
}

/** A plan of a run. */
export type Plan = FreshPlan | FolderPlan | ResumedPlan | BaselinePlan | FoldPlan;

/** Returns the checkpoint that fixes the settings and data of a run; null for new runs. */
export function sourceCheckpoint(plan: Plan): SavedCheckpoint | null {
  return "original" in plan ? plan.from ?? plan.original : plan.from;
}

/** Options that may be changed when a run is resumed. */
const changeable: ReadonlySet<string> = new Set<keyof TrainingOptions | keyof RunOptions>([
  "epochs",
  "steps",
  "maxSteps",
  "patience",
  "keepCheckpoints",
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
  "resume",
  "evaluate",
  "baseline",
  "folds",
  "show",
  "plugin",
  "debug",
]);

/**
 * Plans a run.
 * @param device Device that the settings for `--data` are chosen for; if absent, a GPU.
 * @throws {RangeError} if options contradict each other, or the output folder is in use.
 * @throws the same as `planFolder`.
 */
export async function planRun(
  chosen: Arguments,
  now: Date,
  device: { readonly isCpu: boolean } = { isCpu: false },
): Promise<FreshPlan | FolderPlan | ResumedPlan> {
  const run = { ...runDefaults, ...chosen.run };
  if (run.baseline && run.folds !== null) {
    throw new RangeError(
      "Cannot use --baseline with --folds: with folds, no test images are held out to compare the baseline on",
    );
  }
  checkFoldsCompared(run, chosen.training);
  if (run.minutes !== null && run.show) {
    throw new RangeError("Cannot use --minutes with --show: the number of steps is measured by training");
  }
  if (run.resume !== null) return await planResumption(chosen, run, run.resume);
  const { data } = run, folder = run.output ?? defaultFolder(now);
  checkExclusions(run, chosen);
  if (!run.show) await checkNewFolder(folder);
  const init = await openInit(run, chosen.training), measured = kernelsOf(chosen);
  if (data === null) return { ...planNew(chosen, folder, init), ...measured };
  const { own, training } = await planFolder(chosen, { ...run, data }, device, init?.weights);
  checkBaseline(run, training);
  checkBaselineTested(run, own.folder.test !== null);
  const planned = { run: { ...run, dataset: USER_FOLDER }, training, folder, own, init };
  return { kind: "folder", from: null, ...planned, ...measured };
}

function kernelsOf({ kernels }: Arguments): Pick<PlanBase, "kernels"> {
  return kernels ? { kernels } : {};
}

/** Opens the weights of `--init`. @throws {RangeError} if options need weights, and there are none. */
async function openInit(
  { init }: RunOptions,
  training: Arguments["training"],
): Promise<OpenedWeights | null> {
  checkLoaded(training, init !== null, flagOf, "--init");
  return init === null ? null : await openInitialWeights(init, training.architecture ?? null);
}

/** Plans a new run on a known dataset. @throws {RangeError} if options contradict each other. */
export function planNew(chosen: Arguments, folder: string, init: OpenedWeights | null = null): FreshPlan {
  const preset = chosen.run.preset ? findPreset(chosen.run.preset) : undefined;
  const run = { ...runDefaults, ...(preset && { dataset: preset.dataset }), ...chosen.run };
  checkExclusions(run, chosen);
  if (run.folds !== null) {
    throw new RangeError(
      `Cannot use --folds without --data: ${run.dataset} has test images already`,
    );
  }
  const recipe: Recipe = preset
    ? { labelsPerClass: preset.labelsPerClass, training: trainingOf(preset) }
    : findRecipe(run.dataset);
  const [, height, width] = findDataset(run.dataset).imageShape;
  const userOptions = withInitialWeights(chosen.training, init?.weights, flagOf);
  const training = resolveTraining(recipe.training, run.augment, [height, width], userOptions);
  checkBaseline(run, training);
  const labelsPerClass = run.labelsPerClass ?? recipe.labelsPerClass;
  // A run that the user has set up in any way shall be as long as asked for.
  const isDefault = Object.keys(chosen.training).every((option) => option === "seed");
  const processorMinutes = isDefault && !preset ? recipe.processorMinutes ?? null : null;
  return { kind: "fresh", run, training, folder, from: null, labelsPerClass, processorMinutes, init };
}

function checkExclusions(run: RunOptions, chosen: Arguments): void {
  if (run.evaluate) {
    throw new RangeError("Cannot use --evaluate without --resume: pass the checkpoint to evaluate");
  }
  if (run.channels !== null && run.data === null) {
    throw new RangeError("Cannot use --channels without --data: it is for arrays");
  }
  if (typeof run.holdOut === "string" && run.data === null) {
    throw new RangeError(
      "Cannot use --hold-out without --data: known datasets have test images already",
    );
  }
  if (run.labels === null && run.data === null) requireLabelList(readingOf(run), "pass one to --labels");
  if (run.labels !== null && chosen.run.labelsPerClass !== undefined && run.data === null) {
    throw new RangeError(
      "Cannot use --labels together with --labels-per-class: the list determines the labels",
    );
  }
}

/** @throws {RangeError} if a run with folds shall compare evaluations. */
function checkFoldsCompared({ folds }: RunOptions, training: Arguments["training"]): void {
  if (folds === null || !comparesEvaluations({ ...defaultOptions, ...training })) return;
  throw new RangeError(
    `Cannot use ${
      training.keep === "best" ? "--keep best" : "--patience"
    } with --folds: with folds, no labels are held out to compare evaluations on`,
  );
}

/** @throws {RangeError} if a baseline is requested for a supervised run. */
function checkBaseline({ baseline }: RunOptions, { excludeUnlabeled }: TrainingOptions): void {
  if (!baseline || !excludeUnlabeled) return;
  throw new RangeError(
    "Cannot use --baseline: the run uses no unlabelled images, so it would equal its baseline",
  );
}

async function planResumption(chosen: Arguments, run: RunOptions, path: string): Promise<ResumedPlan> {
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
  const from = await loadCheckpoint(path), { checkpoint } = from;
  const { plugin } = checkpoint.about;
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
  const folder = run.output ?? dirname(path);
  if (!run.evaluate && !run.show) {
    if (run.output !== null) await checkNewFolder(folder);
    // A finished run may be resumed unchanged, for the runs that follow it.
    else if (followUpFlags(run).length === 0 || Object.keys(chosen.training).length > 0) {
      await checkUnfinished(folder);
    }
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

/**
 * Reads a checkpoint from a file.
 * @throws {RangeError} if it cannot be read.
 * @throws {SyntaxError} if it is damaged.
 */
export async function loadCheckpoint(path: string): Promise<SavedCheckpoint> {
  const bytes = await readGivenFile(path, "checkpoint");
  try {
    return { path, checkpoint: readCheckpoint(bytes, path) };
  } catch (error) {
    const detail = reasonOf(error).replace(`cannot read ${path}: `, "");
    if (error instanceof RangeError) {
      throw new RangeError(
        `Cannot resume from ${path}: ${detail}. If its run used a plugin, pass it with --plugin.`,
        { cause: error },
      );
    }
    throw new SyntaxError(
      `Cannot resume from ${path}: it is not a complete checkpoint (${detail}). Use an older one.`,
      {
        cause: error,
      },
    );
  }
}
