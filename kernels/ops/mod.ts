/**
 * All ops. A new op is one file here and one line in the table.
 * @module
 */
import type { Op } from "../tensor.ts";
import { augmentOps } from "./augment.ts";
import { colorOps } from "./augment_color.ts";
import { cropOps } from "./augment_crop.ts";
import { resampleOps } from "./augment_resample.ts";
import { batchNormOps } from "./batch_norm.ts";
import { convOps } from "./conv.ts";
import { gatherOps } from "./gather.ts";
import { matmulOps } from "./matmul.ts";
import { expansionOps } from "./expansion.ts";
import { movementOps } from "./movement.ts";
import { pointwiseOps } from "./pointwise.ts";
import { poolOps } from "./pool.ts";
import { randomOps } from "./random.ts";
import { reduceOps } from "./reduce.ts";
import { shakeShakeOps } from "./shake_shake.ts";
import { slicingOps } from "./slicing.ts";
import { softmaxOps } from "./softmax.ts";
import { blockedOps } from "./texels.ts";

export { batchMean, batchNorm, batchVariance, perChannel } from "./batch_norm.ts";
export { conv2d, conv2dInputGradient, conv2dWeightGradient, type ConvOptions } from "./conv.ts";
export { gatherRows, oneHot, scatterAddRows } from "./gather.ts";
export {
  type Augmentation,
  augmentImages,
  type AugmentOptions,
  hostAugmentation,
  packPixels,
} from "./augment.ts";
export { jitterColors } from "./augment_color.ts";
export { centralCropBoxes, type CropOptions, randomCropBoxes } from "./augment_crop.ts";
export { resampleImages, type ResampleOptions } from "./augment_resample.ts";
export { type ImageBatch, plainView, randomView, type ViewOptions, viewShape } from "./augment_views.ts";
export { input, isVariable, type Variable, variable } from "./leaf.ts";
export { matmul, type MatmulOptions } from "./matmul.ts";
export { broadcastShape, expand, type ReduceOptions, sum, sums } from "./expansion.ts";
export { reshape, transpose } from "./movement.ts";
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
export { concat } from "./concat.ts";
export { shakeShake } from "./shake_shake.ts";
export { flip, pad, slice } from "./slicing.ts";
export { crossEntropy, logSoftmax, softmax } from "./softmax.ts";
export { avgPool2d, globalAvgPool2d, globalMaxPool2d, maxPool2d, type PoolOptions } from "./pool.ts";
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
} from "./random.ts";
export { threefry2x32 } from "./threefry.ts";
export { argmax, max, mean } from "./reduce.ts";

/** Every op, for the contract test. */
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
] as unknown as readonly Op[];
