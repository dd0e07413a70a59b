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
export { Device } from "./device.ts";
export { GpuError, GpuUnavailableError, TensorSizeError } from "./errors.ts";
export type { BindingKind, Pipelines } from "./pipelines.ts";
export {
  type Attributes,
  type AttributeValue,
  type CompositeOp,
  type DeviceTraits,
  type DType,
  type Each,
  type ElementIndex,
  formatShape,
  type HostArray,
  hostArray,
  type Kernel,
  type KernelOp,
  type LeafOp,
  type Op,
  type OpBase,
  type OpNode,
  type PointwiseOp,
  type Ranks,
  type ReduceOp,
  type Refusal,
  sameShape,
  type Sample,
  type Shape,
  type Shapes,
  type Signature,
  sizeOf,
  type Tensor,
  type TexelsOp,
  type Variant,
  type ViewOp,
} from "./tensor.ts";
export { Tuning, type TuningEffort } from "./tuning.ts";
export type { Chunks, SumExtent } from "./workgroups.ts";
