/**
 * The GPU: lazy tensors, their gradients, and compiled Programs that run on WebGPU.
 * @module
 */
export * from "./ops/mod.ts";
export { grad, stopGradient, vjp } from "./autograd.ts";
export { compile, type CompileOptions, type Graph, type InputSpec, type Update } from "./compile/compile.ts";
export { largestTensor } from "./compile/memory_plan.ts";
export type { VariantChoice } from "./compile/lower.ts";
export {
  type Command,
  type Dispatch,
  type InputValues,
  type OutputValues,
  Program,
} from "./compile/program.ts";
export type { TextureCopy } from "./compile/storage.ts";
export type { DeviceOptions, WebGpu } from "./adapter.ts";
export { Device } from "./device.ts";
export { evaluate } from "./evaluate.ts";
export { GpuError, GpuUnavailableError, TensorSizeError } from "./errors.ts";
export type { BindingKind, Pipelines } from "./pipelines.ts";
export type {
  CompositeOp,
  DeviceTraits,
  ElementIndex,
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
export {
  type Attributes,
  type AttributeValue,
  type DType,
  type Each,
  formatShape,
  type HostArray,
  hostArray,
  type Ranks,
  sameShape,
  type Shape,
  type Shapes,
  sizeOf,
  type Tensor,
} from "./tensor.ts";
export { Tuning, type TuningEffort } from "./tuning.ts";
export type { Chunks, SumExtent } from "./workgroups.ts";
