/**
 * All ops. A new op needs one file and one line in the table below.
 * @module
 */
import type { Op } from "../op.ts";
import { augmentOps } from "./augment/augment.ts";
import { colorOps } from "./augment/augment_color.ts";
import { cropOps } from "./augment/augment_crop.ts";
import { resampleOps } from "./augment/augment_resample.ts";
import { cutoutOps } from "./augment/cutout.ts";
import { randAugmentOps } from "./augment/rand_augment.ts";
import { batchNormOps } from "./batch_norm.ts";
import { convOps } from "./conv/conv.ts";
import { gatherOps } from "./gather/gather.ts";
import { matmulOps } from "./matmul/matmul.ts";
import { expansionOps } from "./views/expansion.ts";
import { movementOps } from "./views/movement.ts";
import { pointwiseOps } from "./pointwise.ts";
import { poolOps } from "./pool/pool.ts";
import { randomOps } from "./random/random.ts";
import { reduceOps } from "./reduce.ts";
import { shakeShakeOps } from "./shake_shake.ts";
import { slicingOps } from "./views/slicing.ts";
import { softmaxOps } from "./softmax.ts";
import { blockedOps } from "./texels.ts";

export { batchMean, batchNorm, batchVariance, perChannel } from "./batch_norm.ts";
export { conv2d, conv2dInputGradient, conv2dWeightGradient, type ConvOptions } from "./conv/conv.ts";
export { gatherRows, oneHot, scatterAddRows } from "./gather/gather.ts";
export {
  augmentImages,
  type AugmentOptions,
  type DrawnAugmentation,
  hostAugmentation,
  packPixels,
} from "./augment/augment.ts";
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
export { strongView } from "./augment/strong_view.ts";
export { input, isVariable, type Variable, variable } from "./leaf.ts";
export { matmul, type MatmulOptions } from "./matmul/matmul.ts";
export { broadcastShape, expand, type ReduceOptions, sum, sums } from "./views/expansion.ts";
export { reshape, transpose } from "./views/movement.ts";
export {
  abs,
  add,
  cast,
  constant,
  div,
  equal,
  exp,
  floor,
  full,
  greater,
  iota,
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
export { threefry2x32 } from "./random/threefry.ts";
export { argmax, max, mean } from "./reduce.ts";

/** All ops, for the contract test. */
export const allOps: readonly Op[] = [
  ...movementOps,
  ...expansionOps,
  ...slicingOps,
  ...blockedOps,
  ...pointwiseOps,
  ...reduceOps,
  ...matmulOps,
  ...convOps,
  ...batchNormOps,
  ...shakeShakeOps,
  ...softmaxOps,
  ...gatherOps,
  ...poolOps,
  ...randomOps,
  ...augmentOps,
  ...cropOps,
  ...resampleOps,
  ...colorOps,
  ...cutoutOps,
  ...randAugmentOps,
];
