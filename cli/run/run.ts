/**
 * Executes plans.
 * @module
 */
import { resolve } from "node:path";
import type { Dataset } from "../../data/mod.ts";
import { type Device, Tuning } from "../../kernels/mod.ts";
import type { PretrainedWeights } from "../../nn/mod.ts";
import { Trainer, type TrainerSettings, type TrainingOptions } from "../../semisup/mod.ts";
import { evaluateWeights, testErrors } from "../weights/evaluate_weights.ts";
import { aboutFolder, bitsOf, digestOf } from "../plan/about_data.ts";
import { damageReporter, loadDataset, loadDatasetOf, preprocessDataset } from "../plan/inputs.ts";
import { chooseLabels } from "../plan/training_labels.ts";
import { checkContents } from "../plan/contents.ts";
import { readingOf } from "../plan/list_reading.ts";
import { reportDownload } from "../terminal/download_progress.ts";
import { flagOf } from "../command/options.ts";
import { checkFolds } from "../plan/folds_option.ts";
import { openPlannedFolder } from "../plan/folder_plan.ts";
import { describeFolder } from "../plan/folder_text.ts";
import { checkBaselineTested } from "../plan/held_out.ts";
import { type Plan, sourceCheckpoint } from "../plan/plan.ts";
import type { SavedCheckpoint } from "../plan/saved_checkpoint.ts";
import type { Outcome } from "../command/process.ts";
import { type Clock, sinceStart } from "./time_limit.ts";
import { adviseOnMemory } from "./fitting_batch.ts";
import { fixLength } from "./timed_plan.ts";
import { describeInitialization } from "./initialization_text.ts";
import { openInitialWeights } from "../weights/initial_weights.ts";
import { trainInFolder, type TrainingParts } from "./train_in_folder.ts";
import { checkSpace, spaceNeed } from "../storage/disk_space.ts";
import { syncBatchNormOf } from "../distributed/distributed_options.ts";
import { followRun } from "../distributed/follow_run.ts";
import { requireSameData } from "../distributed/agreement.ts";
import { introduceRanks } from "../distributed/introduction.ts";
import type { Ranks } from "../distributed/ranks.ts";
import { loadTuning, saveTuning } from "./tuning_cache.ts";
import { weightsOf } from "../weights/weights_file.ts";
import { printNote, printProgress, printResult } from "../terminal/output.ts";
import { RunDevice } from "./run_device.ts";
import type { RunObserver } from "./run_observer.ts";

/**
 * Trains or evaluates.
 * @param shared Device to run on; if absent, one is requested and destroyed at the end.
 * @param execution The command's clock, in milliseconds since it was started, the processes that train together, and
 * an observer.
 * @throws {RangeError} if options, data and checkpoint do not fit together, before training starts if
 * possible.
 */
export async function executePlan(
  planned: Plan,
  signal: AbortSignal,
  shared?: Device,
  execution: Partial<Execution> = {},
): Promise<Outcome> {
  const { plan, dataset } = await openDataset(planned, signal);
  const { run, from } = plan;
  const reportDamage = damageReporter(dataset);
  reportDamage();
  if (plan.kind === "resumed" && from) {
    const { checkpoint: { labels }, path } = from;
    const { classes, test } = dataset;
    checkFolds(run, {
      name: path,
      testImages: test.labels.length,
      labels,
      classes,
      seed: plan.training.seed,
    });
  }
  const labels = await labelsOf(plan, dataset);
  // Evaluating needs no training images, so their number may have changed.
  if (!run.evaluate && labels.length !== dataset.train.labels.length) {
    throw new RangeError(
      `Cannot resume from ${
        sourceCheckpoint(plan)?.path
      }: the dataset has ${dataset.train.labels.length} training examples, but the checkpoint's dataset has ${labels.length}`,
    );
  }
  checkBaselineTested(
    { ...run, baseline: run.baseline || plan.kind === "baseline" },
    dataset.test.labels.length > 0,
  );
  using gpu = await RunDevice.open(shared);
  try {
    if (!run.evaluate || !from) {
      const { now = sinceStart, ranks, observer } = execution;
      return await train(plan, { dataset, labels, gpu }, signal, { now, ranks, observer });
    }
    const weights = weightsOf(from.path, from.checkpoint);
    const reports = await evaluateWeights(gpu.current, weights, dataset, null);
    printResult(testErrors(dataset, reports), { kind: "evaluation", ...reports });
    return "finished";
  } finally {
    reportDamage();
  }
}

/** Loads the dataset of a plan. The plan changes where decoding the images has shown something new. */
async function openDataset(
  plan: Plan,
  signal: AbortSignal,
): Promise<{ readonly plan: Plan; readonly dataset: Dataset }> {
  const { run, training } = plan;
  const options = { signal, onProgress: reportDownload() };
  const start = sourceCheckpoint(plan);
  if (start) {
    const { data, dataDir, download, memoryLimit, evaluate } = run;
    const testOnly = evaluate && training.normalize === "channel";
    const directory = data ?? dataDir;
    const directoryOption = data === null ? "--data-dir" : "--data";
    const reloading = { directory, directoryOption, download, memoryLimit, testOnly, ...options };
    return { plan, dataset: await loadDatasetOf(start.checkpoint, reloading) };
  }
  if (plan.kind !== "folder") return { plan, dataset: await loadDataset(run, options) };
  const { dataset, ...opened } = await openPlannedFolder(plan.own, run, signal);
  return { plan: { ...plan, ...opened }, dataset };
}

/** Returns the labels that a run trains with. */
async function labelsOf(plan: Plan, dataset: Dataset): Promise<Int32Array> {
  const start = sourceCheckpoint(plan);
  if (start) return start.checkpoint.labels;
  if (plan.kind !== "fresh") return dataset.train.labels;
  const { run, labelsPerClass, training: { seed } } = plan;
  return await chooseLabels(dataset, { labels: run.labels, labelsPerClass, seed, reading: readingOf(run) });
}

/** Circumstances of an execution. */
export interface Execution {
  /** Milliseconds since the command was started. */
  readonly now: Clock;
  /** Processes that train the run together; undefined if this one does alone. */
  readonly ranks: Ranks | undefined;
  /** Follows the training; undefined if nothing does. */
  readonly observer: RunObserver | undefined;
}

/** Data and device of a run. */
interface RunInputs extends Pick<TrainingParts, "dataset" | "labels"> {
  readonly gpu: RunDevice;
}

/** State that a trainer starts from. */
type TrainerStart = Pick<TrainerSettings, "checkpoint" | "tuning" | "init">;

async function train(
  planned: Plan,
  { dataset, labels, gpu }: RunInputs,
  signal: AbortSignal,
  { now, ranks, observer }: Execution,
): Promise<Outcome> {
  if (ranks) await introduceRanks(ranks, gpu.current);
  const { from, training: { normalize } } = planned, { isCpu } = gpu.current;
  const preprocessing = { device: gpu.current, signal };
  const { train, whitening, ...rest } = await preprocessDataset(dataset, normalize, preprocessing);
  const data = { ...rest, train: { ...train, labels } };
  const about = {
    ...aboutOf(planned, dataset),
    ...await checkContents(planned, dataset, signal),
    adapter: gpu.current.name,
  };
  let space = "";
  const start: TrainerStart = from
    ? { checkpoint: from.checkpoint }
    : { tuning: await tuningOf(planned, gpu.current, ranks), init: await initOf(planned, signal) };
  if (ranks) await requireSameData(ranks, planned.training, { labels, about });
  const together = { collective: ranks, syncBatchNorm: syncBatchNormOf(planned.run) };
  const createTrainer = async (training: TrainingOptions, state = start) => {
    const trainer = await Trainer.create(gpu.current, data, training, {
      about,
      nameOf: flagOf,
      ...together,
      ...state,
    });
    try {
      // Before the speed is measured too.
      if (ranks?.isWriter ?? true) space = await checkSpace(planned, spaceNeed(planned, trainer, labels));
      return trainer;
    } catch (error) {
      trainer[Symbol.dispose]();
      throw error;
    }
  };
  // Trials with other batch sizes would be those of one rank alone.
  const create = (training: TrainingOptions, state = start) =>
    ranks
      ? createTrainer(training, state)
      : adviseOnMemory(planned, training, (options) => createTrainer(options, state), signal);
  const { plan, limit } = ranks
    ? { plan: planned, limit: undefined }
    : await fixLength(planned, create, { isCpu, now, signal });
  if (plan.kind === "folder") printProgress(describeFolder(plan.own, plan.training, plan.run));
  let state = start;
  for (;;) {
    let step = state.checkpoint?.step ?? 0;
    try {
      using trainer = await create(plan.training, state);
      const device = gpu.current;
      await saveTuning(device, trainer.tuning);
      tellStart(trainer, from, device);
      if (ranks && !ranks.isWriter) return await followRun(trainer, signal);
      if (!ranks) signal.throwIfAborted();
      const whole = { trainer, dataset, labels, device, about, whitening, space, observer };
      const parts = { ...whole, ...(limit && { limit }) };
      return await trainInFolder(plan, parts, signal, (checkpoint) => state = { checkpoint })
        .finally(() => step = trainer.step);
    } catch (error) {
      // Other processes cannot go back to the last checkpoint meanwhile.
      if (ranks) throw error;
      await gpu.replace(error, step);
    }
  }
}

/**
 * Prints what a trainer starts from, and a note if its checkpoint is of another GPU, which rounds differently.
 * @throws {RangeError} if its checkpoint is beyond the end of the run.
 */
function tellStart(trainer: Trainer, from: SavedCheckpoint | null, { name }: Device): void {
  const adapter = from?.checkpoint.about["adapter"] ?? name;
  if (adapter !== name) {
    printNote(
      `The run began on ${adapter}; on ${name} it will not give the same bits as without the interruption`,
    );
  }
  const started = describeInitialization(trainer);
  if (started !== undefined) printProgress(started);
  if (from && trainer.step > trainer.totalSteps) {
    throw new RangeError(
      `Cannot resume from ${from.path}: the run ends at step ${trainer.totalSteps}, but the checkpoint is from step ${trainer.step}. Increase --max-steps, --steps or --epochs.`,
    );
  }
}

async function tuningOf({ kernels, run: { tune } }: Plan, device: Device, ranks?: Ranks): Promise<Tuning> {
  if (kernels) return new Tuning("off", kernels);
  if (!ranks) return await loadTuning(device, tune);
  // All processes must use the same kernels, and none may measure alone.
  const known = (await loadTuning(device, tune)).choices;
  const choices: unknown = JSON.parse(await ranks.share(JSON.stringify(Object.fromEntries(known))));
  return new Tuning("off", choices as Readonly<Record<string, string>>);
}

/** Returns the weights that a new run starts from. The baseline and folds of a run start from the same ones. */
async function initOf(plan: Plan, signal: AbortSignal): Promise<PretrainedWeights | undefined> {
  if (plan.kind === "fresh" || plan.kind === "folder") return plan.init?.weights;
  const reference = sourceCheckpoint(plan)?.checkpoint.about["init"];
  if (reference === undefined) return undefined;
  return (await openInitialWeights(reference, plan.training.architecture, signal)).weights;
}

/** Returns the texts about the run that checkpoints store. */
function aboutOf(plan: Plan, dataset: Dataset): Readonly<Record<string, string>> {
  const { plugin } = plan.run;
  const init = plan.kind === "fresh" || plan.kind === "folder"
    ? plan.init?.reference
    : sourceCheckpoint(plan)?.checkpoint.about["init"];
  return {
    ...aboutData(plan, dataset),
    ...(init !== undefined && { init }),
    ...(plugin !== null && { plugin: resolve(plugin) }),
  };
}

/** Returns the texts about the data that checkpoints store. */
function aboutData(plan: Plan, dataset: Dataset): Readonly<Record<string, string>> {
  if (plan.kind === "folder") return aboutFolder(plan.own.folder, dataset, plan.run, readingOf(plan.run));
  if (plan.kind === "baseline") return plan.original.checkpoint.about;
  if (plan.kind === "fold") {
    return { ...plan.original.checkpoint.about, files: digestOf(dataset.train.names ?? []) };
  }
  const { preset, data, dataDir, imageSize } = plan.run;
  if (plan.kind === "resumed" && data !== null) {
    return { ...plan.from.checkpoint.about, data: resolve(data) };
  }
  return {
    ...(preset !== null && { preset }),
    dataset: plan.run.dataset,
    ...(dataDir !== null && { dataDir: resolve(dataDir) }),
    ...(imageSize !== null && { imageSize: `${imageSize}` }),
    ...bitsOf(dataset),
  };
}
