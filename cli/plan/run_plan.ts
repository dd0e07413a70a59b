/**
 * From what the arguments say to what is to be done: defaults, recipes, and what a checkpoint has laid down.
 * @module
 */
import { resolve } from "node:path";
import { datasets, findDataset } from "../../data/files/mod.ts";
import { type Checkpoint, readCheckpoint, resolveOptions, type TrainingOptions } from "../../semisup/mod.ts";
import { augmentationOf } from "./augment_option.ts";
import { imageSizeIn, OWN } from "./inputs.ts";
import { flagOf, runDefaults, type RunOptions } from "../command/options.ts";
import { type OwnPlan, planOwn } from "./folder_plan.ts";
import type { Arguments } from "../command/parse.ts";
import { findPreset, trainingOf } from "./presets.ts";
import { reasonOf } from "../command/reason.ts";
import { type Recipe, recipes } from "./recipes.ts";
import { checkNewFolder, checkUnfinished, defaultFolder, folderOfCheckpoint } from "../run/run_folder.ts";

/** What is to be done. */
export interface Plan {
  readonly run: RunOptions;
  readonly training: TrainingOptions;
  /** Labels drawn of each class where there is neither a list nor a checkpoint. */
  readonly labelsPerClass: number;
  /** The folder that the run writes to. */
  readonly folder: string;
  /** Where the run goes on from. */
  readonly checkpoint?: Checkpoint;
  /** Of a supervised twin: the folder of the run that it is the twin of, and how that ended. */
  readonly twin?: { readonly of: string; readonly checkpoint: Checkpoint };
  /** What is known of a user's own folder, where a run begins on one. */
  readonly own?: OwnPlan;
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
  "show",
  "debug",
]);

/**
 * Makes the plan.
 * @param device What `--data` chooses for; a GPU where absent.
 * @throws {RangeError} if it is impossible, or would write over something. @throws as `planOwn`
 */
export async function planRun(
  said: Arguments,
  now: Date,
  device: { readonly isCpu: boolean } = { isCpu: false },
): Promise<Plan> {
  const run = { ...runDefaults, ...said.run };
  if (run.resume !== null) return await planResumption(said, run, run.resume);
  const { data } = run;
  if (data !== null) {
    checkTogether(run, said);
    const folder = run.output ?? defaultFolder(now);
    if (!run.show) await checkNewFolder(folder);
    const { own, training } = await planOwn(said, { ...run, data }, device);
    checkBaseline(run, training);
    return { run: { ...run, dataset: OWN }, training, labelsPerClass: 0, folder, own };
  }
  const plan = planNew(said, run.output ?? defaultFolder(now));
  if (!run.show) await checkNewFolder(plan.folder);
  return plan;
}

/** The plan of a run from its beginning. @throws {RangeError} if it is impossible. */
export function planNew(said: Arguments, folder: string): Plan {
  const preset = said.run.preset ? findPreset(said.run.preset) : undefined;
  const run = { ...runDefaults, ...(preset && { dataset: preset.dataset }), ...said.run };
  checkTogether(run, said);
  const recipe: Recipe | undefined = preset
    ? { labelsPerClass: preset.labelsPerClass, training: trainingOf(preset) }
    : recipes[run.dataset];
  if (!recipe) throw new RangeError(`Cannot train on ${run.dataset} as it has no recipe`);
  const [, height, width] = findDataset(run.dataset).imageShape;
  const augmented = run.augment === null ? {} : augmentationOf(run.augment, recipe.training, [height, width]);
  const training = resolveOptions({ ...recipe.training, ...augmented, ...said.training }, flagOf);
  checkBaseline(run, training);
  return { run, training, labelsPerClass: run.labelsPerClass ?? recipe.labelsPerClass, folder };
}

function checkTogether(run: RunOptions, said: Arguments): void {
  if (run.evaluate) {
    throw new RangeError("Cannot evaluate as --evaluate needs the checkpoint of --resume: none is given");
  }
  if (run.labels !== null && said.run.labelsPerClass !== undefined && run.data === null) {
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

async function planResumption(said: Arguments, run: RunOptions, path: string): Promise<Plan> {
  const fixed = Object.keys({ ...said.run, ...said.training }).filter((option) => !changeable.has(option));
  if (fixed.length > 0) {
    const flags = fixed.map((option) => flagOf(option as keyof TrainingOptions)).join(", ");
    throw new RangeError(`Cannot use ${flags} with --resume as the checkpoint lays it down`);
  }
  if (run.evaluate && run.output !== null) {
    throw new RangeError("Cannot use --output with --evaluate as evaluating writes nothing");
  }
  if (run.evaluate && run.baseline) {
    throw new RangeError("Cannot use --baseline with --evaluate as evaluating trains nothing");
  }
  const checkpoint = await loadCheckpoint(path);
  // A step to stop at is not laid down: going on means going beyond it.
  const training = resolveOptions({ ...checkpoint.options, maxSteps: null, ...said.training }, flagOf);
  checkBaseline(run, training);
  const dataset = checkpoint.about["dataset"] ?? "";
  const isOwn = dataset === OWN;
  if (!isOwn && !datasets.some(({ name }) => name === dataset)) {
    throw new RangeError(`Cannot resume ${path} as its dataset must be known: it is "${dataset}"`);
  }
  const folder = run.output ?? folderOfCheckpoint(path);
  if (!run.evaluate && !run.show) {
    if (run.output !== null) await checkNewFolder(folder);
    // Of a run that is finished, and stays as it is, the twin may not be.
    else if (!run.baseline || Object.keys(said.training).length > 0) await checkUnfinished(folder);
  }
  const dataDir = run.dataDir ?? checkpoint.about["dataDir"] ?? null;
  const data = isOwn ? run.data ?? checkpoint.about["data"] ?? null : null;
  const preset = checkpoint.about["preset"] ?? null;
  const imageSize = imageSizeIn(checkpoint.about);
  return {
    run: { ...run, preset, dataset, data, dataDir, imageSize },
    training,
    labelsPerClass: 0,
    folder,
    checkpoint,
  };
}

/** All options of a plan by their names, as the file `config.json` of its run has them too. */
export function describePlan({ run, training, labelsPerClass, checkpoint }: Plan): Record<string, unknown> {
  const origin = checkpoint
    ? { resume: run.resume }
    : run.data !== null
    ? labelsOfOwn(run)
    : run.labels === null
    ? { labelsPerClass }
    : { labels: run.labels };
  const dataset = run.data === null ? { dataset: run.dataset } : { dataset: run.dataset, data: run.data };
  return { ...(run.preset !== null && { preset: run.preset }), ...dataset, ...origin, ...training };
}

/** What was said of the labels of a user's own folder. */
export function labelsOfOwn({ labels, labelsPerClass }: RunOptions): Record<string, string | number> {
  return {
    ...(labels !== null && { labels: resolve(labels) }),
    ...(labelsPerClass !== null && { labelsPerClass }),
  };
}

/** Reads a checkpoint from a file. @throws {RangeError} or {SyntaxError} if it cannot be. */
export async function loadCheckpoint(path: string): Promise<Checkpoint> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (error) {
    throw new RangeError(`Cannot read the checkpoint ${path} as it must be a file: ${reasonOf(error)}`);
  }
  try {
    return readCheckpoint(bytes, path);
  } catch (error) {
    const detail = reasonOf(error).replace(`cannot read ${path} as `, "").replace(
      "it must be a checkpoint: ",
      "",
    );
    throw new SyntaxError(`Cannot go on from ${path} as it must be a whole checkpoint: ${detail}`, {
      cause: error,
    });
  }
}
