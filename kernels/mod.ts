/**
 * The GPU: lazy tensors, their gradients, and compiled Programs that run on WebGPU.
 * @module
 */
export * from "./ops/mod.ts";
export { grad, stopGradient, vjp } from "./autograd.ts";
export { compile, type CompileOptions, type Graph, type InputSpec, type Update } from "./compile/compile.ts";
export type { VariantChoice } from "./compile/lower.ts";
export { type InputValues, type OutputValues, Program } from "./compile/program.ts";
export { Device, GpuError, GpuUnavailableError } from "./device.ts";
export { type DType, formatShape, type HostArray, type Shape, sizeOf, type Tensor } from "./tensor.ts";
