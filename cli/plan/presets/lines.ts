/**
 * Values of the options in presets, each with its source.
 * @module
 */
import type { OptionValue, OwnName, TrainingOptions } from "../../../semisup/mod.ts";

/** Values of options, each with its source. */
export type Lines =
  & {
    readonly [K in Exclude<keyof TrainingOptions, OwnName>]?: readonly [
      value: TrainingOptions[K],
      source: string,
    ];
  }
  & { readonly [own: OwnName]: readonly [value: OptionValue, source: string] };

const none = "not in the published run";
/** Sources of several values. */
export const paper = "Tarvainen & Valpola 2017";
const convnetPaper = `${paper}, appendix B.1`;
export const resnetPaper = `${paper}, appendix B.2`;
export const epochVersion = "published PyTorch run";
const stepVersion = "published TensorFlow run";
const quickVersion = "published TensorFlow run, short form";
const ours = "chosen here";

/** Neutral values of all options, instead of the general defaults, which are tuned for digits. */
const neutral: Lines = {
  dropout: [0, none],
  inputNoise: [0, none],
  normalize: ["channel", none],
  translate: [0, none],
  translateFill: ["reflect", none],
  rotate: [0, none],
  flip: [false, none],
  randomResizedCrop: [null, none],
  colorJitter: [null, none],
  weakAugment: ["none", none],
  strongAugment: [null, none],
  randaugmentOperations: [2, "unused without strong views"],
  randaugmentMagnitude: [10, "unused without strong views"],
  cutout: [null, "unused without strong views"],
  excludeUnlabeled: [false, none],
  sampling: ["two-stream", none],
  balanceClasses: [false, none],
  algorithm: ["mean-teacher", paper],
  epochs: [1, "unused, since steps are set"],
  steps: [null, none],
  initialLearningRate: [0, none],
  learningRateRampup: [0, none],
  learningRateRampupShape: ["linear", none],
  learningRateRampdown: [0, none],
  learningRateRampdownShape: ["cosine", none],
  learningRateDropFactor: [0.1, "unused without drops"],
  precision: ["float32", none],
  clipNorm: [null, none],
  classWeights: [null, none],
  labelSmoothing: [0, none],
  freeze: [null, none],
  initLrFactor: [1, none],
  patience: [null, none],
  keep: [null, none],
  momentum: [0.9, none],
  nesterov: [true, none],
  beta1: [0.9, none],
  beta1AfterRampdown: [null, none],
  beta2: [0.999, none],
  beta2DuringRampup: [null, none],
  epsilon: [1e-8, none],
  weightDecay: [0, none],
  emaDecayDuringRampup: [null, none],
  emaWarmup: [true, none],
  consistencyTrust: [1, none],
  consistencyToLabeled: [true, none],
  consistencyRampup: [0, none],
  consistencyRampupShape: ["sigmoid", none],
  consistencyRampupPerEpoch: [false, none],
  logitDistanceCost: [-1, none],
  logitDistanceReduction: ["mean", none],
};

/** Common values of the ResNets, from the PyTorch version, which counts epochs. */
const resnet: Lines = {
  ...neutral,
  optimizer: ["sgd", resnetPaper],
  momentum: [0.9, resnetPaper],
  nesterov: [true, resnetPaper],
  emaWarmup: [true, epochVersion],
  consistencyRampup: [5, resnetPaper],
  consistencyRampupPerEpoch: [true, epochVersion],
  logitDistanceCost: [0.01, resnetPaper],
  flip: [true, resnetPaper],
  evaluationEpochs: [1, ours],
  checkpointEpochs: [20, ours],
};

/**
 * Shake-Shake ResNet-26 on CIFAR-10, with batch size and learning rate for one GPU. According to users who
 * ran the published code on four GPUs, the paper's appendix has four times the rate, 0.2, for batches of 512
 * with 124 labelled; this is not verified against the paper.
 */
export const cifarResnet: Lines = {
  ...resnet,
  architecture: ["cifar_shakeshake26", resnetPaper],
  translate: [4, resnetPaper],
  batchSize: [128, `${epochVersion}, of one GPU`],
  labeledBatchSize: [31, `${epochVersion}, of one GPU`],
  learningRate: [0.05, `${epochVersion}, of one GPU`],
  weightDecay: [2e-4, resnetPaper],
  consistency: [100, resnetPaper],
  consistencyType: ["mse", resnetPaper],
};

/** ResNeXt-152 on ImageNet; batch size and learning rate are the totals over ten GPUs. */
export const imagenet: Lines = {
  ...resnet,
  architecture: ["resnext152", resnetPaper],
  rotate: [10, epochVersion],
  randomResizedCrop: [224, epochVersion],
  colorJitter: [[0.4, 0.4, 0.4, 0.1], epochVersion],
  batchSize: [400, `${epochVersion}: 40 for each of 10 GPUs`],
  labeledBatchSize: [200, `${epochVersion}: 20 for each of 10 GPUs`],
  epochs: [60, epochVersion],
  initialLearningRate: [0.1, epochVersion],
  learningRate: [0.25, `${epochVersion}: .025 for each of 10 GPUs`],
  learningRateRampup: [2, epochVersion],
  learningRateRampdown: [75, epochVersion],
  weightDecay: [5e-5, epochVersion],
  emaDecay: [0.9997, epochVersion],
  consistency: [10, epochVersion],
  consistencyType: ["kl", epochVersion],
  checkpointEpochs: [1, ours],
};

/** Common values of the 13-layer ConvNets, from the TensorFlow version, which counts steps. */
const convnet: Lines = {
  ...neutral,
  architecture: ["convnet13", `${paper}, table 5`],
  dropout: [0.5, `${paper}, table 5`],
  inputNoise: [0.15, `${paper}, table 5`],
  translate: [2, `${paper}, table 5`],
  batchSize: [100, convnetPaper],
  optimizer: ["adam", convnetPaper],
  learningRate: [0.003, convnetPaper],
  learningRateRampupShape: ["sigmoid", stepVersion],
  learningRateRampdownShape: ["sigmoid", stepVersion],
  beta1: [0.9, convnetPaper],
  beta1AfterRampdown: [0.5, convnetPaper],
  epsilon: [1e-8, stepVersion],
  emaWarmup: [false, stepVersion],
  consistencyType: ["mse", convnetPaper],
  logitDistanceReduction: ["sum", stepVersion],
  evaluationEpochs: [2, ours],
  checkpointEpochs: [20, ours],
};

/** Input of the ConvNets on CIFAR-10. */
export const cifarInput: Lines = { normalize: ["gcn-zca", convnetPaper], flip: [true, convnetPaper] };
/** Input of the ConvNets on SVHN. */
export const svhnInput: Lines = { normalize: ["per-image", convnetPaper], flip: [false, convnetPaper] };

/** Ramp lengths of the full TensorFlow runs. */
const fullLength: Lines = {
  learningRateRampup: ["40000steps", convnetPaper],
  learningRateRampdown: ["25000steps", convnetPaper],
  consistencyRampup: ["40000steps", convnetPaper],
};

/** Decay rates of the TensorFlow version during and after the ramp-up. */
const twoPhases = (source: string): Lines => ({
  beta2DuringRampup: [0.99, source],
  beta2: [0.999, source],
  emaDecayDuringRampup: [0.99, source],
  emaDecay: [0.999, source],
});

/** ConvNets on CIFAR-10 by their number of labels. */
export const cifarConvnet = (labels: number): Lines => ({
  ...convnet,
  ...cifarInput,
  ...fullLength,
  sampling: ["vary", stepVersion],
  labeledBatchSize: [50, "unused, since sampling is vary"],
  steps: [150_000, convnetPaper],
  beta2: [0.999, stepVersion],
  emaDecay: [0.999, stepVersion],
  consistency: [100 * labels / 50_000, `${stepVersion}: 100 · labels / 50 000`],
});

/** ConvNets on SVHN. */
export const svhnConvnet: Lines = {
  ...convnet,
  ...svhnInput,
  ...fullLength,
  ...twoPhases(convnetPaper),
  sampling: ["two-stream-all", stepVersion],
  labeledBatchSize: [1, convnetPaper],
  steps: [180_000, convnetPaper],
  consistency: [1, stepVersion],
  consistencyToLabeled: [false, stepVersion],
};

/** Short runs of the 13-layer ConvNets. */
export const quickConvnet: Lines = {
  ...convnet,
  ...twoPhases(quickVersion),
  sampling: ["two-stream-all", quickVersion],
  labeledBatchSize: [50, quickVersion],
  steps: [40_000, quickVersion],
  learningRateRampup: ["5000steps", quickVersion],
  learningRateRampdown: [0, quickVersion],
  consistencyRampup: ["5000steps", quickVersion],
  consistency: [50, quickVersion],
};

/** A small network for small images, trained until the teacher's error is stable. */
export const smallConvnet = (labels: number): Lines => ({
  ...neutral,
  architecture: ["convnet_small", ours],
  dropout: [0, ours],
  inputNoise: [0.15, `${paper}, table 5`],
  translate: [2, `${paper}, table 5`],
  rotate: [10, ours],
  batchSize: [100, convnetPaper],
  labeledBatchSize: [Math.min(50, labels), ours],
  steps: [4_000, ours],
  optimizer: ["adam", convnetPaper],
  learningRate: [0.003, convnetPaper],
  learningRateRampup: ["50steps", ours],
  learningRateRampdown: ["4000steps", ours],
  beta2: [0.99, ours],
  emaDecay: [0.99, ours],
  consistency: [100, ours],
  consistencyType: ["mse", ours],
  consistencyRampup: ["1200steps", ours],
  evaluationEpochs: [0.5, ours],
  checkpointEpochs: [1, ours],
});

/** The small network on pictures of clothes, which may be mirrored. */
export const smallFashion = (labels: number): Lines => ({
  ...smallConvnet(labels),
  rotate: [0, ours],
  flip: [true, ours],
  consistency: [10, ours],
});
