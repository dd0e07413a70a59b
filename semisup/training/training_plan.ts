/**
 * Decisions about a run that need no device: its batches, steps, schedule, views and statistics.
 * @module
 */
import { Tuning, type ViewOptions } from "../../kernels/mod.ts";
import { type ChannelStatistics, measureChannelStatistics } from "../../data/mod.ts";
import { augmentationsOf, createViewMakers, type ViewMaker, viewsOf } from "../augmentations/views.ts";
import { type Sharing, sharingOf } from "../distributed/sharing.ts";
import { methodOf } from "../methods/mod.ts";
import type { TrainingOptions } from "../options/training_options.ts";
import type { Schedule } from "../ramps.ts";
import { runSteps, scheduledLearningRate, scheduleOf, type StepSchedule } from "../schedule.ts";
import { planBatches, type TrainingData } from "../setup.ts";
import type { Sampler } from "../two_stream.ts";
import { comparesEvaluations } from "./selection.ts";
import { customOf, type TrainerSettings } from "./trainer_settings.ts";

/** Mean and standard deviation of each channel. */
type Statistics = Pick<ChannelStatistics, "mean" | "standardDeviation">;

/** Decisions about a run. */
export interface TrainingPlan {
  readonly data: TrainingData;
  readonly options: TrainingOptions;
  /** Texts that every checkpoint contains. */
  readonly about: Readonly<Record<string, string>>;
  /** Names of the settings that are custom functions. */
  readonly custom: readonly string[];
  /** The data's own statistics, or computed ones. */
  readonly channelStatistics: Statistics;
  /** Selection of the images of each step. */
  readonly sampler: Sampler;
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
  /** Returns the scalars of a step, counted from 0. */
  readonly schedule: (step: number) => StepSchedule;
  readonly tuning: Tuning;
  /** Options of views, with the statistics of the training set. */
  readonly view: ViewOptions & Statistics;
  /** Functions that create the views of student and target. */
  readonly viewMakers: readonly [student: ViewMaker, target: ViewMaker];
  /** Function that creates weak views. */
  readonly createWeakView: ViewMaker;
  /** Share of this process in the run; undefined if it trains alone. */
  readonly sharing: Sharing | undefined;
}

/**
 * Plans a run.
 * @throws {RangeError} if the options do not fit the data, the settings or the checkpoint.
 */
export async function planTraining(
  data: TrainingData,
  options: TrainingOptions,
  settings: TrainerSettings,
): Promise<TrainingPlan> {
  const { checkpoint, about = {}, nameOf } = settings, custom = customOf(settings);
  checkComparable(data, options, nameOf);
  const { sampler, stepsPerEpoch } = planBatches(data, options);
  const { mean, standardDeviation } = await chooseStatistics(data, options, settings);
  const { imageShape } = data.train, channelStatistics = { mean, standardDeviation };
  const view = { ...options, imageShape, ...channelStatistics, fill: options.translateFill };
  return {
    data,
    options,
    about,
    custom,
    channelStatistics,
    sampler,
    stepsPerEpoch,
    totalSteps: Math.min(runSteps(options, stepsPerEpoch), options.maxSteps ?? Infinity),
    schedule: createSchedule(options, stepsPerEpoch, settings.schedule),
    // Other kernels would round differently, and the resumed run would have other results than an uninterrupted one.
    tuning: checkpoint ? new Tuning("off", checkpoint.kernels) : settings.tuning ?? new Tuning(),
    view,
    ...createViews(options, view, settings),
    sharing: sharingOf(options, settings),
  };
}

/** Returns the functions that create the views of a step, and weak views. */
export function createViews(
  options: TrainingOptions,
  view: ViewOptions,
  settings: TrainerSettings,
): Pick<TrainingPlan, "viewMakers" | "createWeakView"> {
  const augmentations = augmentationsOf(settings.augmentation);
  const makers = createViewMakers(options, view, augmentations);
  // A custom algorithm does not tell which views it wants.
  const wanted = settings.algorithm ? undefined : methodOf(options).views;
  const [student, target] = viewsOf(options, augmentations, wanted);
  return { viewMakers: [makers[student], makers[target]], createWeakView: makers.weak };
}

/**
 * Returns the statistics that pixels are normalised with: those of the checkpoint, of the initial weights, of
 * the data, or measured ones.
 */
async function chooseStatistics(
  { train, channelStatistics: own }: TrainingData,
  { normalize }: TrainingOptions,
  { checkpoint, init }: TrainerSettings,
): Promise<Statistics> {
  // Statistics of preprocessed images belong to the images, not to the weights.
  const initial = normalize === "channel" ? init?.channelStatistics : undefined;
  return checkpoint?.channelStatistics ?? initial ?? own ?? await measureChannelStatistics(train);
}

/** @throws {RangeError} if the run must compare evaluations, but there are no images for them. */
function checkComparable(
  { test }: TrainingData,
  options: TrainingOptions,
  nameOf: TrainerSettings["nameOf"] = (option) => option,
): void {
  if (!comparesEvaluations(options) || (test && test.labels.length > 0)) return;
  const option = options.patience === null ? `${nameOf("keep")} best` : nameOf("patience");
  throw new RangeError(
    `Cannot use ${option}: evaluations are compared on labelled images that training does not use, but there are none. Hold out some labels, or add a test set.`,
  );
}

/** Returns the schedule of the options, with a custom learning rate if there is one. */
function createSchedule(options: TrainingOptions, stepsPerEpoch: number, custom: Schedule | undefined) {
  return (step: number): StepSchedule => ({
    ...scheduleOf(options, step, stepsPerEpoch),
    ...(custom && { learningRate: scheduledLearningRate(options, step, stepsPerEpoch, custom) }),
  });
}
