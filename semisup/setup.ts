/**
 * From options to what is trained: batches, networks, algorithm.
 * @module
 */
import { type Dataset, splitByLabel } from "../data/mod.ts";
import { Adam, findArchitecture, type NamedVariables, Sgd, stateOf } from "../nn/mod.ts";
import type { Algorithm, AlgorithmParts } from "./algorithm.ts";
import { MeanTeacher } from "./mean_teacher.ts";
import type { TrainingOptions } from "./options.ts";
import { Supervised } from "./supervised.ts";
import { type Sampler, ShuffledSampler, TwoStreamSampler } from "./two_stream.ts";

/** What to train on: labels of the training set are NO_LABEL (−1) where an example has none. */
export type TrainingData = Pick<Dataset, "train" | "test" | "classes" | "channelStatistics">;

/** Which examples are in which batch, and how many batches are an epoch. */
export interface BatchPlan {
  readonly sampler: Sampler;
  readonly stepsPerEpoch: number;
}

/** Plans batches. The supervised baseline takes as many steps to an epoch as Mean Teacher would, so that runs compare. */
export function planBatches({ train }: TrainingData, options: TrainingOptions): BatchPlan {
  const { labeled, unlabeled } = splitByLabel(train.labels);
  const { batchSize, labeledBatchSize, seed } = options;
  if (!options.excludeUnlabeled) {
    const sampler = new TwoStreamSampler({ labeled, unlabeled, batchSize, labeledBatchSize, seed });
    return { sampler, stepsPerEpoch: sampler.stepsPerEpoch };
  }
  const sampler = new ShuffledSampler({ indices: labeled, batchSize, seed });
  const unlabeledSteps = Math.floor(unlabeled.length / (batchSize - labeledBatchSize));
  return { sampler, stepsPerEpoch: unlabeledSteps > 0 ? unlabeledSteps : sampler.stepsPerEpoch };
}

/** Builds student and teacher, and what trains them. */
export function createAlgorithm({ train, classes }: TrainingData, options: TrainingOptions): Algorithm {
  const { architecture, seed, dropout, inputNoise, logitDistanceCost, consistencyType } = options;
  const { build } = findArchitecture(architecture);
  const network = () =>
    build({
      imageShape: train.imageShape,
      classCount: classes.length,
      headCount: logitDistanceCost < 0 ? 1 : 2,
      dropout,
      inputNoise,
      seed,
    });
  const parts: AlgorithmParts = {
    student: network(),
    teacher: network(),
    optimizer: (parameters) =>
      options.optimizer === "sgd" ? new Sgd(parameters, options) : new Adam(parameters, options),
  };
  return options.excludeUnlabeled
    ? new Supervised(parts)
    : new MeanTeacher(parts, { consistencyType, logitDistanceCost });
}

/** All variables that make up a run. */
export function statesOf(
  { student, teacher, optimizer }: Algorithm,
): Record<"student" | "teacher" | "optimizer", NamedVariables> {
  return { student: stateOf(student), teacher: stateOf(teacher), optimizer: optimizer.state };
}
