/**
 * From what the arguments say to what is to be done: defaults, recipes, and what a checkpoint has laid down.
 * @module
 */
import { dirname, resolve } from "node:path";
import { datasets, findDataset } from "../../data/files/mod.ts";
import { type Checkpoint, readCheckpoint, resolveOptions, type TrainingOptions } from "../../semisup/mod.ts";
import { augmentationOf } from "./augment_option.ts";
import { imageSizeIn, USER_FOLDER } from "./inputs.ts";
import { checkNoReading, readingOf } from "./list_reading.ts";
import { type Arguments, flagOf, runDefaults, type RunOptions } from "../command/options.ts";
import { type FolderSetup, planFolder } from "./folder_plan.ts";
import { checkTested } from "./held_out.ts";
import { findPreset, trainingOf } from "./presets.ts";
import { readGivenFile } from "../command/given_file.ts";
import { reasonOf } from "../command/reason.ts";
import { findRecipe, type Recipe } from "./recipes.ts";
import { followingFlags } from "../run/resume_command.ts";
import { checkNewFolder, checkUnfinished, defaultFolder } from "../run/run_folder.ts";

/** A checkpoint, and the file that it is in. */
export interface SavedCheckpoint {
  readonly path: string;
  readonly checkpoint: Checkpoint;
}

/** What all plans have. */
interface PlanBase {
  readonly run: RunOptions;
  readonly training: TrainingOptions;
  /** The folder that the run writes to. */
  readonly folder: string;
  /** Where the run goes on from; null where it begins. */
  readonly from: SavedCheckpoint | null;
}

/** A run from its beginning, on a known dataset. */
export interface FreshPlan extends PlanBase {
  readonly kind: "fresh";
  readonly from: null;
  /** Labels drawn of each class where there is no list. */
  readonly labelsPerClass: number;
}

/** A run from its beginning, on a user's own folder. */
export interface FolderPlan extends PlanBase {
  readonly kind: "folder";
  readonly from: null;
  /** What is known of the folder. */
  readonly own: FolderSetup;
}

/** A run that goes on, or is evaluated. */
export interface ResumedPlan extends PlanBase {
  readonly kind: "resumed";
  readonly from: SavedCheckpoint;
}

/** The supervised twin of a finished run. */
export interface TwinPlan extends PlanBase {
  readonly kind: "twin";
  /** The end of the run that it is the twin of. */
  readonly original: SavedCheckpoint;
}

/** A finished run again, without some of its labels, which are tested on. */
export interface FoldPlan extends PlanBase {
  readonly kind: "fold";
  /** The end of the run, with the labels that are left and those that are held out. */
  readonly original: SavedCheckpoint;
}

/** What is to be done. */
export type Plan = FreshPlan | FolderPlan | ResumedPlan | TwinPlan | FoldPlan;

/** The checkpoint that lays down what a run is, where one does. */
export function layingDown(plan: Plan): SavedCheckpoint | null {
  return "original" in plan ? plan.from ?? plan.original : plan.from;
}

/** What may differ from the run that a checkpoint is of. */
const changeable: ReadonlySet<string> = new Set<keyof TrainingOptions | keyof RunOptions>([
  "epochs",
  "steps",
  "maxSteps",
  "evaluationEpochs",
  "checkpointEpochs",
  "recordSteps",
  "data",
  "dataDir",
  "download",
  "memoryLimit",
  "output",
  "resume",
  "evaluate",
  "baseline",
  "folds",
  "show",
  "debug",
]);

/**
 * Makes the plan.
 * @param device What `--data` chooses for; a GPU where absent.
 * @throws {RangeError} if it is impossible, or would write over something. @throws as `planFolder`
 */
export async function planRun(
  chosen: Arguments,
  now: Date,
  device: { readonly isCpu: boolean } = { isCpu: false },
): Promise<FreshPlan | FolderPlan | ResumedPlan> {
  const run = { ...runDefaults, ...chosen.run };
  if (run.baseline && run.folds !== null) {
    throw new RangeError(
      "Cannot use --baseline with --folds as the two runs must be compared on images that are held out of both: folds leave none",
    );
  }
  if (run.resume !== null) return await planResumption(chosen, run, run.resume);
  const { data } = run;
  if (data !== null) {
    checkExclusions(run, chosen);
    const folder = run.output ?? defaultFolder(now);
    if (!run.show) await checkNewFolder(folder);
    const { own, training } = await planFolder(chosen, { ...run, data }, device);
    checkBaseline(run, training);
    checkTested(run, own.folder.test !== null);
    return { kind: "folder", run: { ...run, dataset: USER_FOLDER }, training, folder, from: null, own };
  }
  const plan = planNew(chosen, run.output ?? defaultFolder(now));
  if (!run.show) await checkNewFolder(plan.folder);
  return plan;
}

/** The plan of a run from its beginning. @throws {RangeError} if it is impossible. */
export function planNew(chosen: Arguments, folder: string): FreshPlan {
  const preset = chosen.run.preset ? findPreset(chosen.run.preset) : undefined;
  const run = { ...runDefaults, ...(preset && { dataset: preset.dataset }), ...chosen.run };
  checkExclusions(run, chosen);
  if (run.folds !== null) {
    throw new RangeError(
      `Cannot use --folds as they are for the labels of --data: ${run.dataset} has test images of its own`,
    );
  }
  const recipe: Recipe = preset
    ? { labelsPerClass: preset.labelsPerClass, training: trainingOf(preset) }
    : findRecipe(run.dataset);
  const [, height, width] = findDataset(run.dataset).imageShape;
  const augmented = run.augment === null ? {} : augmentationOf(run.augment, recipe.training, [height, width]);
  const training = resolveOptions({ ...recipe.training, ...augmented, ...chosen.training }, flagOf);
  checkBaseline(run, training);
  const labelsPerClass = run.labelsPerClass ?? recipe.labelsPerClass;
  return { kind: "fresh", run, training, folder, from: null, labelsPerClass };
}

function checkExclusions(run: RunOptions, chosen: Arguments): void {
  if (run.evaluate) {
    throw new RangeError("Cannot evaluate as --evaluate needs the checkpoint of --resume: none is given");
  }
  if (run.channels !== null && run.data === null) {
    throw new RangeError("Cannot use --channels as it is for arrays of --data: there is none");
  }
  if (typeof run.holdOut === "string" && run.data === null) {
    throw new RangeError(
      "Cannot use --hold-out without --data as known datasets have test images of their own",
    );
  }
  if (run.labels === null && run.data === null) checkNoReading(readingOf(run), "--labels names none");
  if (run.labels !== null && chosen.run.labelsPerClass !== undefined && run.data === null) {
    throw new RangeError(
      "Cannot use --labels and --labels-per-class together as the list says what is labelled",
    );
  }
}

/** @throws {RangeError} if a twin is asked for of what has none. */
function checkBaseline({ baseline }: RunOptions, { excludeUnlabeled }: TrainingOptions): void {
  if (!baseline || !excludeUnlabeled) return;
  throw new RangeError(
    "Cannot use --baseline as the run must have unlabelled images to be compared without: it is supervised itself",
  );
}

async function planResumption(chosen: Arguments, run: RunOptions, path: string): Promise<ResumedPlan> {
  const fixed = Object.keys({ ...chosen.run, ...chosen.training }).filter((option) =>
    !changeable.has(option)
  );
  if (fixed.length > 0) {
    const flags = fixed.map(flagOf).join(", ");
    throw new RangeError(`Cannot use ${flags} with --resume as the checkpoint lays it down`);
  }
  checkEvaluation(run);
  const from = await loadCheckpoint(path), { checkpoint } = from;
  // A step to stop at is not laid down: going on means going beyond it.
  const training = resolveOptions({ ...checkpoint.options, maxSteps: null, ...chosen.training }, flagOf);
  checkBaseline(run, training);
  const dataset = checkpoint.about["dataset"] ?? "";
  const isOwn = dataset === USER_FOLDER;
  if (!isOwn && !datasets.some(({ name }) => name === dataset)) {
    throw new RangeError(`Cannot resume ${path} as its dataset must be known: it is "${dataset}"`);
  }
  if (run.folds !== null && (!isOwn || checkpoint.about["heldOut"] !== undefined)) {
    throw new RangeError(
      `Cannot use --folds as the run must have no test images: that of ${path} has some, which tell the error`,
    );
  }
  const folder = run.output ?? dirname(path);
  if (!run.evaluate && !run.show) {
    if (run.output !== null) await checkNewFolder(folder);
    // Of a run that is finished, and stays as it is, what follows it may not be.
    else if (followingFlags(run).length === 0 || Object.keys(chosen.training).length > 0) {
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

/** @throws {RangeError} if what only evaluates is to train, or to write. */
function checkEvaluation(run: RunOptions): void {
  if (!run.evaluate) return;
  if (run.output !== null) {
    throw new RangeError("Cannot use --output with --evaluate as evaluating writes nothing");
  }
  const [flag] = followingFlags(run);
  if (flag !== undefined) {
    throw new RangeError(`Cannot use ${flag} with --evaluate as evaluating trains nothing`);
  }
}

/** All options of a plan by their names, as the file `config.json` of its run has them too. */
export function describePlan(plan: Plan): Record<string, unknown> {
  const { preset, dataset, data } = plan.run;
  return {
    ...(preset !== null && { preset }),
    dataset,
    ...(data !== null && { data }),
    ...(plan.kind === "folder" && { classes: plan.own.folder.classes }),
    ...describeOrigin(plan, (path) => path),
    ...plan.training,
  };
}

/** Where the labels and weights of a run come from. @param pathOf What is said of the path of a file. */
export function describeOrigin(plan: Plan, pathOf: (path: string) => string): Record<string, unknown> {
  if (plan.from) return { resume: pathOf(plan.from.path) };
  if (plan.kind === "twin") return { twinOf: pathOf(dirname(plan.original.path)) };
  if (plan.kind === "fold") return { foldOf: pathOf(dirname(plan.original.path)) };
  const { labels, labelsPerClass, holdOut } = plan.run;
  if (plan.kind === "fresh") {
    return labels === null
      ? { labelsPerClass: plan.labelsPerClass }
      : { labels: labels.map((path) => pathOf(path)).join(","), ...readingOf(plan.run) };
  }
  return {
    ...(labels !== null && { labels: labels.map((path) => resolve(path)).join(",") }),
    ...readingOf(plan.run),
    ...(labelsPerClass !== null && { labelsPerClass }),
    ...(holdOut !== null && { holdOut: holdOut && pathOf(holdOut) }),
  };
}

/** Reads a checkpoint from a file. @throws {RangeError} or {SyntaxError} if it cannot be. */
export async function loadCheckpoint(path: string): Promise<SavedCheckpoint> {
  const bytes = await readGivenFile(path, "checkpoint");
  try {
    return { path, checkpoint: readCheckpoint(bytes, path) };
  } catch (error) {
    const detail = reasonOf(error).replace(`cannot read ${path}`, "").replace(
      /^(:| as it must be a checkpoint:| as) /,
      "",
    );
    throw new SyntaxError(`Cannot go on from ${path} as it must be a whole checkpoint: ${detail}`, {
      cause: error,
    });
  }
}
