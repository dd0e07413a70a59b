/**
 * The GPU: lazy tensors, their gradients, and compiled Programs that run on WebGPU.
 *
 * - **Devices**: `Device`, `GpuError`, `GpuLostError`, `GpuMemoryError`,
 *   `GpuUnavailableError`, `TensorSizeError`
 * - **Evaluation and compilation**: `evaluate`, `compile`, `Program`, `largestTensor`, `Tuning`
 * - **Tensors**: `variable`, `input`, `constant`, `full`, `iota`, `formatShape`, `sameShape`, `sizeOf`
 * - **Gradients**: `grad`, `stopGradient`, `vjp`
 * - **Arithmetic**: `add`, `sub`, `mul`, `div`, `neg`, `abs`, `sign`, `floor`, `exp`, `log`, `power`,
 *   `sqrt`, `rsqrt`, `minimum`, `maximum`, `tanh`, `sigmoid`, `relu`, `leakyRelu`
 * - **Comparison and choice**: `equal`, `greater`, `less`, `finite`, `where`, `cast`
 * - **Reductions**: `sum`, `sums`, `mean`, `max`, `argmax`
 * - **Shapes**: `reshape`, `transpose`, `expand`, `concat`, `slice`, `pad`, `flip`
 * - **Linear algebra and rows**: `matmul`, `gatherRows`, `oneHot`
 * - **Networks**: `conv2d`, `avgPool2d`, `maxPool2d`, `globalAvgPool2d`, `globalMaxPool2d`, `batchNorm`,
 *   `batchMean`, `batchVariance`, `perChannel`, `shakeShake`, `softmax`, `logSoftmax`, `crossEntropy`
 * - **Random numbers**: `dropout`, `gaussianNoise`, `randomUniform`, `randomNormal`, `randomBits`,
 *   `hostUniform`, `hostNormal`, `hostBits`
 * - **Augmentations that compose**: `composeAugmentations`, `flipRandomly`, `rotateRandomly`,
 *   `shiftRandomly`, `cropRandomly`, `jitterRandomly`, `warpRandomly`, `cutOutRandomly`, `applyRandAugment`
 * - **Batches shared by several processes**: `sumAcross`, `shareOf`, `rowsOfShare`, `sharedBatchNorm`,
 *   `sharedBatchStatistics`
 * - **Parts of augmentations**: `packPixels`, `augmentImages`, `plainView`, `randomView`,
 *   `viewShape`, `jitterColors`, `cutout`, `randAugment`, `randAugmentOperations`, `centralCropBoxes`,
 *   `randomCropBoxes`, `resampleImages`
 *
 * @module
 */
export { Device } from "./device.ts";
export type { DeviceOptions, WebGpu } from "./adapter.ts";
export type { KnownLoads, LoadTimes } from "./load_probe.ts";
export { GpuError, GpuLostError, GpuMemoryError, GpuUnavailableError, TensorSizeError } from "./errors.ts";

export { evaluate } from "./evaluate.ts";
export { compile, type CompileOptions, type Graph, type InputSpec, type Update } from "./compile/compile.ts";
export { type InputValues, type OutputValues, Program } from "./compile/program.ts";
export type { Exchange, SumAcross } from "./compile/exchange.ts";
export { largestTensor } from "./compile/memory_plan.ts";
export type { Precision } from "./compile/half.ts";
export type { VariantChoice } from "./compile/lower.ts";
export { Tuning, type TuningEffort } from "./tuning.ts";

export {
  type DType,
  type Each,
  formatShape,
  type HostArray,
  sameShape,
  type Shape,
  type Shapes,
  sizeOf,
  type Tensor,
} from "./tensor.ts";
export { grad, stopGradient, vjp } from "./autograd.ts";
export * from "./ops/mod.ts";
