/**
 * The parts of a trainer, created in order.
 * @module
 */
import { type Augmentation, type Device, Tuning, type Variable, type ViewOptions } from "../kernels/mod.ts";
import { type ChannelStatistics, type FedBatches, feedOf, measureChannelStatistics } from "../data/mod.ts";
import { loadState, type NetworkMaker, type PretrainedWeights, stateOf } from "../nn/mod.ts";
import type { Algorithm } from "./algorithm.ts";
import { type Augmentations, augmentationsOf, createViewMakers, viewsOf } from "./augmentations/views.ts";
import { type BatchViews, readViews } from "./batch_views.ts";
import { type Checkpoint, groups, type RunState } from "./checkpoint.ts";
import type { ConsistencyCost } from "./consistency_costs.ts";
import type { Collective } from "./distributed/collective.ts";
import { SharedRun } from "./distributed/shared_run.ts";
import { sharingOf } from "./distributed/sharing.ts";
import { Evaluator } from "./evaluation/evaluation.ts";
import { methodOf } from "./methods/mod.ts";
import { createStartingNetworks, type Initialization, loadInitialWeights } from "./initial_weights.ts";
import { startEqual } from "./networks.ts";
import type { Schedule } from "./ramps.ts";
import { runSteps, scheduledLearningRate, scheduleOf, type StepSchedule } from "./schedule.ts";
import type { TrainingPictures } from "./picture_watch.ts";
import { comparesEvaluations } from "./selection.ts";
import { Diagnostics } from "./self_check/diagnostics.ts";
import { type AlgorithmMaker, createAlgorithm, planBatches, statesOf, type TrainingData } from "./setup.ts";
import { chooseClassification } from "./options/chosen_classification.ts";
import type { OptimizerMaker } from "./options/chosen_optimizer.ts";
import type { TrainingOptions } from "./options/training_options.ts";
import { compileStep, initializeFromBatch, type TrainingStep } from "./training_step.ts";

/** Settings of {@linkcode Trainer.create}. */
export interface TrainerSettings {
  /** Checkpoint to resume from; if absent, training starts anew. */
  readonly checkpoint?: Checkpoint;
  /**
   * Weights that student and teacher start with, see {@linkcode readInitialWeights}; options `architecture` and
   * `normalize` follow them, and pixels are normalised with their statistics. Leave them out to resume: a
   * checkpoint contains all values.
   */
  readonly init?: PretrainedWeights | undefined;
  /**
   * Choice of kernels, and whether to measure which are fastest; default: by rule. A checkpoint's own choice
   * has priority.
   */
  readonly tuning?: Tuning;
  /** Texts to store in every checkpoint, such as the name of the dataset. */
  readonly about?: Readonly<Record<string, string>>;
  /**
   * Creates a custom network, called once for the student and once for the teacher, which starts with the
   * student's values. To resume the run or load its model, pass the same maker. The options must
   * not name an architecture.
   */
  readonly network?: NetworkMaker;
  /**
   * Creates a custom algorithm, used instead of the one that the options choose. The self-check still goes by
   * the options `algorithm` and `excludeUnlabeled`.
   */
  readonly algorithm?: AlgorithmMaker;
  /**
   * The caller's own consistency cost, used instead of the one of option `consistencyType`. A checkpoint does not
   * contain it: pass it again to resume.
   */
  readonly consistencyCost?: ConsistencyCost;
  /**
   * Creates a custom optimiser, used instead of the one that the options choose. To resume, pass the same one.
   */
  readonly optimizer?: OptimizerMaker;
  /**
   * Factor of option `learningRate` at each step, instead of the options' warm-up and ramp-down. To resume,
   * pass the same one.
   */
  readonly schedule?: Schedule;
  /**
   * Custom augmentation of all views, or of weak and of strong ones, applied after the random changes of the
   * options. With an own augmentation of weak views, `translate`, `rotate` and `flip` are off unless set. A
   * checkpoint does not contain augmentations: pass the same ones to resume.
   */
  readonly augmentation?: Augmentation | Augmentations;
  /**
   * Names of the student's layers, such as `features.0`, whose activations and gradients
   * {@linkcode Trainer.layerStatistics} describes; none if absent. `summarizeNetwork` lists the names.
   */
  readonly observe?: readonly string[];
  /** Processes that train this run together; each calls the same functions with the same options and data. */
  readonly collective?: Collective | undefined;
  /**
   * True if batch normalisation uses statistics of the whole batch of all processes, false if of the rows of each;
   * by default true with fewer than 32 rows per process.
   */
  readonly syncBatchNorm?: boolean | undefined;
  /** Returns an option's name for warnings of the self-check; if absent, the option's own name is used. */
  readonly nameOf?: (option: keyof TrainingOptions) => string;
}

/** Settings that are functions, or hold some. */
const customSettings = ["algorithm", "optimizer", "schedule", "augmentation", "consistencyCost"] as const;

/**
 * Returns the names of the custom functions of settings.
 * @throws {RangeError} if a checkpoint's run had one that the settings lack.
 */
function customOf(settings: TrainerSettings): string[] {
  const custom: string[] = customSettings.filter((name) => settings[name] !== undefined);
  const missing = settings.checkpoint?.custom.find((name) => !custom.includes(name));
  if (missing === undefined) return custom;
  throw new RangeError(
    `Cannot resume: the run had a custom ${missing}, which a checkpoint does not contain. Pass the same one in the settings.`,
  );
}

/** Evaluator of student and teacher. */
export type TestEvaluator = Evaluator<"student" | "teacher">;

/** Parts of a trainer. */
export interface TrainerParts {
  readonly device: Device;
  readonly data: TrainingData;
  /** The data's own statistics, or computed ones. */
  readonly channelStatistics: Pick<ChannelStatistics, "mean" | "standardDeviation">;
  readonly options: TrainingOptions;
  readonly about: Readonly<Record<string, string>>;
  /** Names of the settings that are custom functions. */
  readonly custom: readonly string[];
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
  readonly algorithm: Algorithm;
  /** Weights that the run started with; undefined if it did not load any, or is resumed. */
  readonly initialization: Initialization | undefined;
  /** Names of the parameters that the run loaded at its start. */
  readonly loaded: readonly string[];
  readonly tuning: Tuning;
  readonly batches: FedBatches;
  /** Returns the scalars of a step, counted from 0. */
  readonly schedule: (step: number) => StepSchedule;
  readonly program: TrainingStep["program"];
  readonly diagnostics: Diagnostics;
  /** Computes the views of the first images in the batch of a step, counted from 0. */
  readonly readViews: (step: number, limit: number) => Promise<BatchViews>;
  /** The training images, with what their views are made of. */
  readonly pictures: TrainingPictures;
  /** Undefined if there are no test images. */
  readonly evaluator: TestEvaluator | undefined;
  /** The run as the processes that train it share it; undefined if this process trains alone. */
  readonly shared: SharedRun | undefined;
}

/**
 * Creates the parts of a trainer.
 * @param resources Receives each part that holds device memory once it exists; dispose of them last to first.
 */
export async function createTrainerParts(
  device: Device,
  data: TrainingData,
  options: TrainingOptions,
  settings: TrainerSettings,
  resources: Disposable[],
): Promise<TrainerParts> {
  const { checkpoint, about = {}, nameOf } = settings, { train, classes } = data;
  const custom = customOf(settings);
  checkComparable(data, options, nameOf);
  // Other kernels would round differently, and the resumed run would have other results than an uninterrupted one.
  const tuning = checkpoint ? new Tuning("off", checkpoint.kernels) : settings.tuning ?? new Tuning();
  const { sampler, stepsPerEpoch } = planBatches(data, options);
  const totalSteps = Math.min(runSteps(options, stepsPerEpoch), options.maxSteps ?? Infinity);
  const channelStatistics = await chooseStatistics(data, options, settings);
  const { networks, initialization, loaded } = createStartingNetworks(data, options, settings);
  const sharing = sharingOf(options, settings), share = sharing?.share;
  const classification = chooseClassification(options, data, nameOf, sharing !== undefined);
  const { cost: classificationCost } = classification;
  const algorithm = createAlgorithm(
    networks,
    options,
    { ...settings, classificationCost },
    new Set(loaded),
    share,
  );
  const shared = sharing && new SharedRun({ device, algorithm, ...sharing });
  const feed = feedOf(train, share?.rows ?? options.batchSize, device);
  const rowsOf = (step: number) => shared ? shared.rowsOf(sampler.batch(step)) : sampler.batch(step);
  const batches = feed.batches((step) => step < totalSteps ? rowsOf(step) : undefined);
  const states = [...Object.values(statesOf(algorithm)), ...Object.values(networks).map(stateOf)];
  const variables = [...feed.variables, ...classification.variables, ...states.flatMap(Object.values)];
  resources.push(holdVariables(device, batches, variables));
  if (!checkpoint) startEqual(device, networks);
  if (initialization) loadInitialWeights(device, networks, initialization);
  const { mean, standardDeviation } = channelStatistics, { imageShape } = train;
  const view = { ...options, imageShape, mean, standardDeviation, fill: options.translateFill };
  const { viewMakers, weak } = createViews(options, view, settings);
  const schedule = createSchedule(options, stepsPerEpoch, settings.schedule);
  const step = await compileStep(device, algorithm, feed, {
    viewMakers,
    tuning,
    precision: options.precision,
    hyperparameterNames: Object.keys(schedule(0)),
    observedLayers: settings.observe ?? [],
    sharing,
  });
  resources.push(step);
  classification.checkUsed();
  const evaluator = await createEvaluator(device, algorithm, data.test, view, tuning, settings.collective);
  if (evaluator) resources.push(evaluator);
  if (checkpoint) loadStates(device, algorithm, checkpoint);
  else if (initialization?.match.drawnHeads.length !== 0) {
    const indices = sampler.batch(0), { seed } = options, headsOnly = initialization !== undefined;
    // Every process computes the values from the whole batch.
    const whole = shared ? feedOf(train, options.batchSize, device) : feed;
    await initializeFromBatch(device, algorithm, whole, {
      indices,
      seed,
      createView: weak,
      tuning,
      headsOnly,
    });
    if (whole !== feed) { for (const each of whole.variables) device.release(each); }
  }
  await shared?.startEqual();
  const { program } = step, { observation } = program.extras;
  const facts = { options, stepsPerEpoch, classes, nameOf };
  const diagnostics = new Diagnostics({ device, algorithm, observation, settings: facts });
  const run = { schedule, options, stepsPerEpoch, totalSteps, algorithm, tuning, channelStatistics };
  const viewsOfStep = async (step: number, limit: number) => {
    const batch = { indices: rowsOf(step), seed: options.seed, step, share };
    const views = await readViews(device, feed, viewMakers, batch, limit);
    return { ...views, channelStatistics: { mean, standardDeviation } };
  };
  const pictures = { feed, sampler, viewMakers, view, seed: options.seed };
  const start = { initialization, loaded, about, custom };
  return {
    ...run,
    device,
    data,
    ...start,
    batches,
    program,
    diagnostics,
    evaluator,
    readViews: viewsOfStep,
    pictures,
    shared,
  };
}

/**
 * Returns the statistics that pixels are normalised with: those of the checkpoint, of the initial weights, of
 * the data, or measured ones.
 */
async function chooseStatistics(
  { train, channelStatistics: own }: TrainingData,
  { normalize }: TrainingOptions,
  { checkpoint, init }: TrainerSettings,
): Promise<TrainerParts["channelStatistics"]> {
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

/** Returns a resource that ends the reading of batches and frees variables. */
export function holdVariables(
  device: Device,
  batches: Pick<FedBatches, "close">,
  variables: readonly Variable[],
): Disposable {
  return {
    [Symbol.dispose]() {
      batches.close();
      for (const each of variables) device.release(each);
    },
  };
}

/** Returns the functions that create the views of a step, and weak views. */
export function createViews(options: TrainingOptions, view: ViewOptions, settings: TrainerSettings) {
  const augmentations = augmentationsOf(settings.augmentation);
  const makers = createViewMakers(options, view, augmentations);
  // A custom algorithm does not tell which views it wants.
  const wanted = settings.algorithm ? undefined : methodOf(options).views;
  const [student, target] = viewsOf(options, augmentations, wanted);
  return { viewMakers: [makers[student], makers[target]], weak: makers.weak } as const;
}

/** Returns the schedule of the options, with a custom learning rate if there is one. */
function createSchedule(options: TrainingOptions, stepsPerEpoch: number, custom: Schedule | undefined) {
  return (step: number): StepSchedule => ({
    ...scheduleOf(options, step, stepsPerEpoch),
    ...(custom && { learningRate: scheduledLearningRate(options, step, stepsPerEpoch, custom) }),
  });
}

/** Returns the evaluator of student and teacher; undefined if there are no test images. */
async function createEvaluator(
  device: Device,
  { student, teacher }: Algorithm,
  test: TrainingData["test"],
  view: ViewOptions,
  tuning: Tuning,
  collective: Collective | undefined,
): Promise<TestEvaluator | undefined> {
  if (!test || test.labels.length === 0) return undefined;
  return await Evaluator.create(device, { student, teacher }, test, view, tuning, collective);
}

/** Sets all values of a run to those of a checkpoint. */
export function loadStates(device: Device, algorithm: Algorithm, state: RunState): void {
  const states = statesOf(algorithm);
  for (const group of groups) {
    loadState(device, states[group], state[group], { source: `the checkpoint's ${group}` });
  }
}

/** Returns options whose architecture is null if the network is custom. */
export function withCustomNetwork(
  options: Partial<TrainingOptions>,
  { network }: TrainerSettings,
): Partial<TrainingOptions> {
  if (!network) return options;
  const { architecture = null } = options;
  if (architecture === null) return { ...options, architecture };
  throw new RangeError(
    `Cannot train: architecture is ${architecture}, but a network is passed too. Leave one of them out.`,
  );
}

/** Disposes of resources, the last one first. */
export function disposeAll(resources: readonly Disposable[]): void {
  for (const each of resources.toReversed()) each[Symbol.dispose]();
}
