/**
 * Creation of what a run needs from its options: batches, networks and algorithm.
 * @module
 */
import { type BatchShare, concat, full, sizeOf, slice } from "../kernels/mod.ts";
import { type Dataset, NO_LABEL, splitByLabel } from "../data/mod.ts";
import { LossScalingOptimizer, type NamedVariables, stateOf } from "../nn/mod.ts";
import type { Algorithm, AlgorithmParts } from "./algorithm.ts";
import type { ConsistencyCost } from "./consistency_costs.ts";
import type { ClassificationCost } from "./costs.ts";
import { ownOptionsOf } from "./methods/method.ts";
import { methodOf } from "./methods/mod.ts";
import type { Networks } from "./networks.ts";
import { createOptimizer, groupLoaded, type OptimizerMaker } from "./options/chosen_optimizer.ts";
import type { TrainingOptions } from "./options/training_options.ts";
import { checkSchedule } from "./schedule.ts";
import { EndlessSampler, type Sampler, ShuffledSampler, TwoStreamSampler } from "./two_stream.ts";

/** Data to train and test on. */
export interface TrainingData extends Pick<Dataset, "train" | "classes"> {
  /** Training images; their labels are NO_LABEL (−1) for examples without a label. */
  readonly train: Dataset["train"];
  /** Test images; if absent, nothing is evaluated. */
  readonly test?: Dataset["test"];
  /** Statistics that pixels are normalised with; if absent, they are computed from the training images. */
  readonly channelStatistics?: Dataset["channelStatistics"];
}

/** Assignment of examples to batches, and the number of batches in an epoch. */
export interface BatchPlan {
  readonly sampler: Sampler;
  readonly stepsPerEpoch: number;
}

/** Options that turn a run into its supervised baseline, which keeps the same labels, steps and schedule. */
export const supervisedBaseline = {
  excludeUnlabeled: true,
  consistency: 0,
} as const satisfies Partial<TrainingOptions>;

/**
 * Plans batches. The supervised baseline has as many steps per epoch as Mean Teacher, for comparable runs.
 * @throws {RangeError} if there are too few examples, or the options do not fit the data.
 */
export function planBatches(data: TrainingData, options: TrainingOptions): BatchPlan {
  checkNormalized(data, options);
  const plan = options.excludeUnlabeled ? planSupervised(data, options) : planStreams(data, options);
  checkSchedule(options, plan.stepsPerEpoch);
  return plan;
}

function planStreams({ train }: TrainingData, options: TrainingOptions): BatchPlan {
  const { labeled, unlabeled } = splitByLabel(train.labels);
  const { batchSize, labeledBatchSize, seed, sampling } = options;
  const all = Int32Array.from(train.labels, (_, i) => i);
  const sampler = sampling === "vary"
    ? new ShuffledSampler({ indices: all, batchSize, seed, kind: "training" })
    : new TwoStreamSampler({
      unlabeled: sampling === "two-stream-all" ? all : unlabeled,
      labeled,
      batchSize,
      labeledBatchSize,
      seed,
      ...(options.balanceClasses && { balanced: train.labels }),
    });
  return { sampler, stepsPerEpoch: sampler.stepsPerEpoch };
}

function planSupervised({ train }: TrainingData, options: TrainingOptions): BatchPlan {
  const { labeled, unlabeled } = splitByLabel(train.labels);
  const { batchSize, labeledBatchSize, seed, sampling } = options;
  // Labels that do not fill a batch are enough for Mean Teacher, so they must be for its baseline.
  const isEndless = options.balanceClasses || (labeled.length > 0 && labeled.length < batchSize);
  const sampler = isEndless
    ? new EndlessSampler({
      labeled,
      batchSize,
      seed,
      ...(options.balanceClasses && { balanced: train.labels }),
    })
    : new ShuffledSampler({ indices: labeled, batchSize, seed });
  const [epochExamples, perBatch] = sampling === "vary"
    ? [train.labels.length, batchSize]
    : [sampling === "two-stream" ? unlabeled.length : train.labels.length, batchSize - labeledBatchSize];
  const meanTeacherSteps = perBatch > 0 ? Math.floor(epochExamples / perBatch) : 0;
  return { sampler, stepsPerEpoch: meanTeacherSteps > 0 ? meanTeacherSteps : sampler.stepsPerEpoch };
}

/** Throws if `normalize` requires preprocessed images, and these are not. */
function checkNormalized({ train }: TrainingData, { normalize }: TrainingOptions): void {
  if (normalize === "channel" || train.images instanceof Float32Array) return;
  throw new RangeError(
    `Cannot train with normalize ${normalize}: images must be floats made by preprocess, but they are bytes`,
  );
}

/** Creates a custom algorithm, which replaces the one that the options choose. */
export type AlgorithmMaker = (parts: AlgorithmParts, options: TrainingOptions) => Algorithm;

/** Custom parts of a run; see `TrainerSettings`. */
export interface AlgorithmSettings {
  /** Creates a custom algorithm; if absent, the options choose the method. */
  readonly algorithm?: AlgorithmMaker;
  /** Custom consistency cost; if absent, the options choose it. */
  readonly consistencyCost?: ConsistencyCost;
  /** Creates a custom optimiser; if absent, the options choose the optimiser. */
  readonly optimizer?: OptimizerMaker;
  /** The classification cost; if absent, the plain one. */
  readonly classificationCost?: ClassificationCost;
}

/**
 * Creates the algorithm that trains student and teacher.
 * @param loaded Names of the parameters that option `initLrFactor` applies to.
 * @param share Share of this process in each batch; the whole batch if absent.
 */
export function createAlgorithm(
  networks: Networks,
  options: TrainingOptions,
  { algorithm: maker = algorithmOf, consistencyCost, optimizer: create, classificationCost }:
    AlgorithmSettings,
  loaded: ReadonlySet<string> = new Set(),
  share?: BatchShare,
): Algorithm {
  const { initLrFactor: factor, precision } = options;
  const optimizerOf: OptimizerMaker = (parameters) =>
    create
      ? groupLoaded(parameters, { loaded, factor, create })
      : createOptimizer(parameters, options, loaded);
  const parts: AlgorithmParts = {
    ...networks,
    optimizer: precision === "float32"
      ? optimizerOf
      : (parameters) => new LossScalingOptimizer(optimizerOf(parameters)),
    ...(consistencyCost && { consistencyCost }),
    ...(classificationCost && { classificationCost }),
  };
  const algorithm = maker(parts, options);
  const { excludeUnlabeled, sampling, batchSize, labeledBatchSize } = options;
  const mustHideLabels = !excludeUnlabeled && sampling === "two-stream-all";
  if (!mustHideLabels) return algorithm;
  const { rank, ranks } = share ?? { rank: 0, ranks: 1 };
  return hideFirstLabels(algorithm, Math.ceil(Math.max(0, batchSize - labeledBatchSize - rank) / ranks));
}

/** Creates the algorithm of the method that the options choose. */
function algorithmOf(parts: AlgorithmParts, options: TrainingOptions): Algorithm {
  const method = methodOf(options);
  return method.create(parts, options, ownOptionsOf(method, options));
}

/** Wraps an algorithm so that it does not see the labels of the first `count` examples of a batch. */
function hideFirstLabels(algorithm: Algorithm, count: number): Algorithm {
  const { student, teacher, optimizer } = algorithm;
  return {
    student,
    teacher,
    optimizer,
    step(inputs) {
      const visible = slice(inputs.labels, [count], [sizeOf(inputs.labels.shape) - count]);
      const labels = concat([full([count], NO_LABEL, "int32"), visible], 0);
      return algorithm.step({ ...inputs, labels });
    },
  };
}

/** Returns all variables of a run, by group and name. */
export function statesOf(
  { student, teacher, optimizer }: Algorithm,
): Record<"student" | "teacher" | "optimizer", NamedVariables> {
  return { student: stateOf(student), teacher: stateOf(teacher), optimizer: optimizer.state };
}
