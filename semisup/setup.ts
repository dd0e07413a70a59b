/**
 * From options to what is trained: batches, networks, algorithm.
 * @module
 */
import { concat, full, sizeOf, slice, viewShape } from "../kernels/mod.ts";
import { type Dataset, NO_LABEL, splitByLabel } from "../data/mod.ts";
import { Adam, findArchitecture, type NamedVariables, Sgd, stateOf } from "../nn/mod.ts";
import type { Algorithm, AlgorithmParts } from "./algorithm.ts";
import { MeanTeacher } from "./mean_teacher.ts";
import type { TrainingOptions } from "./options/training_options.ts";
import { checkSchedule } from "./schedule.ts";
import { Supervised } from "./supervised.ts";
import { EndlessSampler, type Sampler, ShuffledSampler, TwoStreamSampler } from "./two_stream.ts";

/** What to train on: labels of the training set are NO_LABEL (−1) where an example has none. */
export type TrainingData = Pick<Dataset, "train" | "test" | "classes" | "channelStatistics">;

/** Which examples are in which batch, and how many batches are an epoch. */
export interface BatchPlan {
  readonly sampler: Sampler;
  readonly stepsPerEpoch: number;
}

/** What makes a run its own supervised twin: with all else the same it has the same labels, steps and schedule. */
export const supervisedTwin = {
  excludeUnlabeled: true,
  consistency: 0,
} as const satisfies Partial<TrainingOptions>;

/**
 * Plans batches. The supervised baseline takes as many steps to an epoch as Mean Teacher would, so that runs compare.
 * @throws {RangeError} if there are too few examples, or options do not fit.
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
    ? new ShuffledSampler({ indices: all, batchSize, seed, what: "training" })
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
  // Fewer labels than a batch takes are enough for Mean Teacher, so they are for its baseline.
  const isEndless = options.balanceClasses || (labeled.length > 0 && labeled.length < batchSize);
  const sampler = isEndless
    ? new EndlessSampler({
      labeled,
      batchSize,
      seed,
      ...(options.balanceClasses && { balanced: train.labels }),
    })
    : new ShuffledSampler({ indices: labeled, batchSize, seed });
  const [primary, chunk] = sampling === "vary"
    ? [train.labels.length, batchSize]
    : [sampling === "two-stream" ? unlabeled.length : train.labels.length, batchSize - labeledBatchSize];
  const twinSteps = chunk > 0 ? Math.floor(primary / chunk) : 0;
  return { sampler, stepsPerEpoch: twinSteps > 0 ? twinSteps : sampler.stepsPerEpoch };
}

/** Refuses images that are not as `normalize` says: `preprocess` makes them so, once, before training. */
function checkNormalized({ train }: TrainingData, { normalize }: TrainingOptions): void {
  if (normalize === "channel" || train.images instanceof Float32Array) return;
  throw new RangeError(
    `Cannot train with normalize ${normalize} as images must have been preprocessed to floats: they are bytes`,
  );
}

/** Makes an algorithm of its parts: a method of one's own, in the place of that of the options. */
export type AlgorithmMaker = (parts: AlgorithmParts, options: TrainingOptions) => Algorithm;

/**
 * Builds student and teacher, which start alike, and what trains them.
 * @param isLoaded Whether all values are those of a checkpoint: then none are drawn.
 * @param maker Makes a method of one's own; that of the options where absent.
 */
export function createAlgorithm(
  { train, classes }: TrainingData,
  options: TrainingOptions,
  isLoaded: boolean,
  maker: AlgorithmMaker = methodOf,
): Algorithm {
  const { architecture, dropout, inputNoise, logitDistanceCost } = options;
  const { build } = findArchitecture(architecture);
  const network = (seed: number | null) =>
    build({
      imageShape: viewShape({ ...options, imageShape: train.imageShape }),
      classCount: classes.length,
      headCount: logitDistanceCost < 0 ? 1 : 2,
      dropout,
      inputNoise,
      seed,
    });
  const [student, teacher] = [network(isLoaded ? null : options.seed), network(null)];
  // Copied, as it takes seconds to draw the weights of large networks.
  const drawn = stateOf(student);
  for (const [name, { initial }] of Object.entries(stateOf(teacher))) initial.set(drawn[name]?.initial ?? []);
  const parts: AlgorithmParts = {
    student,
    teacher,
    optimizer: (parameters) =>
      options.optimizer === "sgd" ? new Sgd(parameters, options) : new Adam(parameters, adamOptions(options)),
  };
  const method = maker(parts, options);
  const { excludeUnlabeled, sampling, batchSize, labeledBatchSize } = options;
  const isHiding = !excludeUnlabeled && sampling === "two-stream-all";
  return isHiding ? hidingLabels(method, batchSize - labeledBatchSize) : method;
}

/** The method of the options. */
function methodOf(parts: AlgorithmParts, options: TrainingOptions): Algorithm {
  if (options.excludeUnlabeled) return new Supervised(parts);
  return new MeanTeacher(parts, { ...options, target: options.algorithm === "pi" ? "student" : "teacher" });
}

/** Betas that change are told to Adam at each step. */
function adamOptions(
  { beta1, beta1AfterRampdown, beta2, beta2DuringRampup, epsilon, weightDecay }: TrainingOptions,
) {
  return {
    beta1: beta1AfterRampdown === null ? beta1 : "input",
    beta2: beta2DuringRampup === null ? beta2 : "input",
    epsilon,
    weightDecay,
  } as const;
}

/** An algorithm that does not see the labels of the first examples of a batch, which were drawn as if they had none. */
function hidingLabels(algorithm: Algorithm, count: number): Algorithm {
  const { student, teacher, optimizer } = algorithm;
  return {
    student,
    teacher,
    optimizer,
    step(inputs) {
      const shown = slice(inputs.labels, [count], [sizeOf(inputs.labels.shape) - count]);
      const labels = concat([full([count], NO_LABEL, "int32"), shown], 0);
      return algorithm.step({ ...inputs, labels });
    },
  };
}

/** All variables that make up a run. */
export function statesOf(
  { student, teacher, optimizer }: Algorithm,
): Record<"student" | "teacher" | "optimizer", NamedVariables> {
  return { student: stateOf(student), teacher: stateOf(teacher), optimizer: optimizer.state };
}
