/**
 * Internals of `kernels` for its tests, benchmarks and new ops: the table of ops with their types, gradients of
 * convolutions as ops of their own, reference computations on the host, and the commands of a Program. Unlike
 * `mod.ts`, this module may change at any time.
 * @module
 */
// Ops
export type {
  CompositeOp,
  DeviceTraits,
  ElementIndex,
  ExchangeOp,
  Kernel,
  KernelOp,
  LeafOp,
  Op,
  OpBase,
  OpNode,
  PointwiseOp,
  ReduceOp,
  Refusal,
  Sample,
  Signature,
  TexelsOp,
  Variant,
  ViewOp,
} from "./op.ts";
export { allOps } from "./ops/table.ts";
export { conv2dInputGradient, conv2dWeightGradient } from "./ops/conv/conv.ts";
export { scatterAddRows } from "./ops/gather/gather.ts";
export { isVariable } from "./ops/leaf.ts";
export { broadcastShape } from "./ops/views/expansion.ts";
export type { Chunks, SumExtent } from "./workgroups.ts";
export { type Attributes, type AttributeValue, hostArray, type Ranks } from "./tensor.ts";

// References on the host
export { type DrawnAugmentation, hostAugmentation } from "./ops/augment/augment.ts";
export { threefry2x32 } from "./ops/random/threefry.ts";

// Programs
export type { Command, Dispatch } from "./compile/encode.ts";
export type { Traffic } from "./compile/commands.ts";
export type { TextureCopy } from "./compile/storage.ts";
export type { BindingKind, Pipelines } from "./pipelines.ts";
