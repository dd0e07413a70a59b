/**
 * Functions that build graphs of ops; the ops themselves are in `table.ts`.
 * @module
 */
export { type BatchShare, rowsOfShare, shareOf, sumAcross } from "./across.ts";
export {
  batchMean,
  batchNorm,
  batchVariance,
  perChannel,
  type SharedBatch,
  sharedBatchNorm,
  sharedBatchStatistics,
} from "./batch_norm.ts";
export { conv2d, type ConvOptions } from "./conv/conv.ts";
export { gatherRows, oneHot } from "./gather/gather.ts";
export { augmentImages, type AugmentOptions, packPixels } from "./augment/augment.ts";
export {
  applyRandAugment,
  type Augmentation,
  type AugmentationContext,
  composeAugmentations,
  cropRandomly,
  cutOutRandomly,
  flipRandomly,
  jitterRandomly,
  type RandomCropOptions,
  rotateRandomly,
  shiftRandomly,
  warpRandomly,
} from "./augment/augmentations.ts";
export { jitterColors } from "./augment/augment_color.ts";
export { centralCropBoxes, type CropOptions, randomCropBoxes } from "./augment/augment_crop.ts";
export { resampleImages, type ResampleOptions } from "./augment/augment_resample.ts";
export {
  type ImageBatch,
  plainView,
  randomView,
  type ViewOptions,
  viewShape,
} from "./augment/augment_views.ts";
export { cutout } from "./augment/cutout.ts";
export {
  randAugment,
  type RandAugmentOperation,
  randAugmentOperations,
  type RandAugmentOptions,
} from "./augment/rand_augment.ts";
export { input, type Variable, variable } from "./leaf.ts";
export { matmul, type MatmulOptions } from "./matmul/matmul.ts";
export { expand, type ReduceOptions, sum, sums } from "./views/expansion.ts";
export { reshape, transpose } from "./views/movement.ts";
export { constant, full, iota } from "./constants.ts";
export {
  abs,
  add,
  cast,
  div,
  equal,
  exp,
  finite,
  floor,
  greater,
  leakyRelu,
  less,
  log,
  maximum,
  minimum,
  mul,
  neg,
  type Operand,
  power,
  relu,
  rsqrt,
  sigmoid,
  sign,
  sqrt,
  sub,
  tanh,
  where,
} from "./pointwise.ts";
export { concat } from "./views/concat.ts";
export { shakeShake } from "./shake_shake.ts";
export { flip, pad, slice } from "./views/slicing.ts";
export { crossEntropy, logSoftmax, softmax } from "./softmax.ts";
export { avgPool2d, globalAvgPool2d, globalMaxPool2d, maxPool2d, type PoolOptions } from "./pool/pool.ts";
export {
  dropout,
  gaussianNoise,
  hostBits,
  hostNormal,
  hostUniform,
  randomBits,
  type RandomKey,
  randomNormal,
  randomUniform,
} from "./random/random.ts";
export { argmax, max, mean } from "./reduce.ts";
