/**
 * The parts of a trainer, created in order.
 * @module
 */
import { type Augmentation, type Device, Tuning } from "../kernels/mod.ts";
import { type ChannelStatistics, type FedBatches, feedOf, measureChannelStatistics } from "../data/mod.ts";
import { loadState, type NetworkMaker, type Schedule, stateOf } from "../nn/mod.ts";
import type { Algorithm } from "./algorithm.ts";
import { type Augmentations, augmentationsOf, createViewMakers, viewsOf } from "./augmentations/views.ts";
import { type Checkpoint, groups } from "./checkpoint.ts";
import type { ConsistencyCost } from "./consistency_costs.ts";
import { Evaluator } from "./evaluation.ts";
import { methodOf } from "./methods/mod.ts";
import { createNetworks, startEqual } from "./networks.ts";
import { runSteps, scheduledLearningRate, scheduleOf, type StepSchedule } from "./schedule.ts";
import { Diagnostics } from "./self_check/diagnostics.ts";
import { type AlgorithmMaker, createAlgorithm, planBatches, statesOf, type TrainingData } from "./setup.ts";
import type { OptimizerMaker } from "./options/chosen_optimizer.ts";
import type { TrainingOptions } from "./options/training_options.ts";
import { compileStep, initializeFromBatch, type TrainingStep } from "./training_step.ts";

/** Settings of {@linkcode Trainer.create}. */
export interface TrainerSettings {
  /** Checkpoint to resume from; if absent, training starts anew. */
  readonly checkpoint?: Checkpoint;
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
  readonly tuning: Tuning;
  readonly batches: FedBatches;
  /** Returns the scalars of a step, counted from 0. */
  readonly schedule: (step: number) => StepSchedule;
  readonly program: TrainingStep["program"];
  readonly diagnostics: Diagnostics;
  /** Undefined if there are no test images. */
  readonly evaluator: TestEvaluator | undefined;
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
  const { checkpoint, about = {}, nameOf, tuning: chosen = new Tuning() } = settings;
  const custom = customOf(settings);
  // Other kernels would round differently, and the resumed run would have other results than an uninterrupted one.
  const tuning = checkpoint ? new Tuning("off", checkpoint.kernels) : chosen;
  const { train, test, classes } = data;
  const { sampler, stepsPerEpoch } = planBatches(data, options);
  const totalSteps = Math.min(runSteps(options, stepsPerEpoch), options.maxSteps ?? Infinity);
  const channelStatistics = data.channelStatistics ?? checkpoint?.channelStatistics ??
    await measureChannelStatistics(train);
  const networks = createNetworks(data, options, checkpoint !== undefined, settings.network);
  const algorithm = createAlgorithm(networks, options, settings);
  const { student, teacher } = algorithm, states = statesOf(algorithm);
  const feed = feedOf(train, options.batchSize, device);
  const batches = feed.batches((step) => step < totalSteps ? sampler.batch(step) : undefined);
  resources.push({
    [Symbol.dispose]() {
      batches.close();
      const groups = [...Object.values(states), ...Object.values(networks).map(stateOf)];
      for (const each of [...feed.variables, ...groups.flatMap(Object.values)]) device.release(each);
    },
  });
  if (!checkpoint) startEqual(device, networks);
  const view = {
    ...options,
    imageShape: train.imageShape,
    mean: channelStatistics.mean,
    standardDeviation: channelStatistics.standardDeviation,
    fill: options.translateFill,
  };
  const augmentations = augmentationsOf(settings.augmentation);
  const makers = createViewMakers(options, view, augmentations);
  // A custom algorithm does not tell which views it wants.
  const wanted = settings.algorithm ? undefined : methodOf(options).views;
  const [studentView, targetView] = viewsOf(options, augmentations, wanted);
  const step = await compileStep(device, algorithm, feed, {
    viewMakers: [makers[studentView], makers[targetView]],
    tuning,
    hyperparameterNames: Object.keys(scheduleOf(options, 0, stepsPerEpoch)),
    observedLayers: settings.observe ?? [],
  });
  resources.push(step);
  let evaluator: TestEvaluator | undefined;
  if (test && test.labels.length > 0) {
    resources.push(
      evaluator = await Evaluator.create(device, { student, teacher }, test, view, tuning),
    );
  }
  if (checkpoint) {
    for (const group of groups) {
      loadState(device, states[group], checkpoint[group], { source: `the checkpoint's ${group}` });
    }
  } else {
    const { seed } = options;
    await initializeFromBatch(device, algorithm, feed, {
      indices: sampler.batch(0),
      seed,
      createView: makers.weak,
      tuning,
    });
  }
  const { program } = step;
  const diagnostics = new Diagnostics({
    device,
    algorithm,
    observation: program.extras.observation,
    settings: { options, stepsPerEpoch, classes, nameOf },
  });
  const { schedule: ownSchedule } = settings;
  const schedule = (step: number): StepSchedule => ({
    ...scheduleOf(options, step, stepsPerEpoch),
    ...(ownSchedule && { learningRate: scheduledLearningRate(options, step, stepsPerEpoch, ownSchedule) }),
  });
  const run = { schedule, options, stepsPerEpoch, totalSteps, algorithm, tuning };
  return { ...run, device, data, channelStatistics, about, custom, batches, program, diagnostics, evaluator };
}
