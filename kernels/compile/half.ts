/**
 * Storage in float16: images, their gradients and operands of products take half the memory and half the traffic.
 * Kernels convert when they load and store; all arithmetic and all sums are float32.
 * @module
 */
import type { Device } from "../device.ts";
import { GpuError } from "../errors.ts";
import type { KernelOp, PointwiseOp } from "../op.ts";
import { apply, type Attributes, type Shape, sizeOf, type Tensor, withInputs } from "../tensor.ts";
import { bufferBytes } from "../variable_memory.ts";
import { aliasOf, readsWhole, topologicalOrder } from "./fuse.ts";
import halfWgsl from "./half.wgsl" with { type: "text" };
import type { StoredGraph } from "./layout.ts";

/** Element type in which Programs store intermediate images: float16 halves memory and traffic. */
export type Precision = "float32" | "float16";

/** Fewest elements of a tensor that is stored in float16: smaller ones are statistics, or not worth it. */
const fewestElements = 4096;

const toHalf: PointwiseOp<Attributes, [Shape]> = {
  kind: "pointwise",
  name: "to_half",
  storedAs: "float16",
  infer: ([{ shape, dtype }]) => ({ shape, dtype }),
  expression: ([x]) => `half_of(${x})`,
  helpers: halfWgsl,
};

const fromHalf: PointwiseOp<Attributes, [Shape]> = {
  kind: "pointwise",
  name: "from_half",
  infer: ([{ shape, dtype }]) => ({ shape, dtype }),
  expression: ([x]) => `f32(${x})`,
};

/** Throws if a device cannot store with a precision. @throws {GpuError} */
export function checkPrecision(device: Device, precision: Precision): void {
  if (precision === "float32" || device.hasFloat16) return;
  throw new GpuError(
    `Cannot compute with precision float16: ${device.name} lacks the feature shader-f16. Use precision float32.`,
  );
}

/** Returns whether a node is stored in float16. */
export function isHalf({ op }: Tensor): boolean {
  return op.storedAs === "float16";
}

/** Returns the bytes of a node's buffer. */
export function storedBytes(node: Tensor): number {
  return bufferBytes(isHalf(node) ? Math.ceil(sizeOf(node.shape) / 2) : sizeOf(node.shape));
}

/**
 * Returns the graph in which images are stored in float16: kernels write and read them so, and fused kernels read
 * them through a conversion. Outputs, new values of variables, sums, gradients of weights, small tensors and
 * sources of textures stay float32.
 */
export function storeInHalf({ roots, stored }: StoredGraph): StoredGraph {
  const order = topologicalOrder(roots);
  const precise = new Set([...roots.map(aliasOf), ...preciseOperands(order), ...weightGradients(order)]);
  const newStored = new Set<Tensor>();
  // Replacements of each node, for readers of whole buffers and for fused kernels.
  const buffers = new Map<Tensor, Tensor>(), values = new Map<Tensor, Tensor>();
  for (const node of order) {
    const rebuild = (replacements: ReadonlyMap<Tensor, Tensor>) => {
      const inputs = node.inputs.map((input) => replacements.get(input)!);
      return inputs.every((input, i) => input === node.inputs[i]) ? node : withInputs(node, inputs);
    };
    const isAlias = aliasOf(node) !== node;
    const readsBuffers = isAlias || readsWhole(node);
    const isHalved = stored.has(node) && !precise.has(node) && isImage(node);
    const computed = rebuild(readsBuffers ? buffers : values);
    const buffer = isHalved ? halve(computed) : computed;
    buffers.set(node, buffer);
    values.set(node, isHalved ? apply(fromHalf, [buffer], {}) : isAlias ? rebuild(values) : buffer);
    if (stored.has(node)) newStored.add(buffer);
  }
  return { roots: roots.map((root) => buffers.get(root)!), stored: newStored };
}

/** Returns a node that computes the same value and is stored in float16. */
function halve(node: Tensor): Tensor {
  if (node.op.kind !== "kernel") return apply(toHalf, [node], {});
  const op: KernelOp = { ...node.op, storedAs: "float16" };
  return Object.freeze({ ...node, op });
}

/** Returns whether a node is of a kind and size that may be stored in float16. */
function isImage({ op, shape, dtype }: Tensor): boolean {
  const [, , height = 0, width = 0] = shape;
  const isSum = op.kind === "reduce" || op.kind === "exchange" ||
    op.kind === "kernel" && op.float32?.includes("result");
  return !isSum && op.kind !== "texels" && dtype === "float32" && height * width > 1 &&
    sizeOf(shape) >= fewestElements;
}

/** Returns operands that are read in float32: sources of textures, and those that ops demand in float32. */
function preciseOperands(order: readonly Tensor[]): Tensor[] {
  return order.flatMap(({ op, inputs }) =>
    op.kind === "texels" || op.kind === "exchange" || op.kind === "kernel" && op.float32?.includes("operands")
      ? inputs.map(aliasOf)
      : []
  );
}

/** Returns gradients of weights, and all that is computed from them: they are sums, and lead to the optimiser. */
function weightGradients(order: readonly Tensor[]): Set<Tensor> {
  const found = new Set<Tensor>();
  for (const node of order) {
    const isGradient = node.op.kind === "kernel" && node.op.resultIsWeight;
    if (isGradient || node.inputs.some((input) => found.has(input))) found.add(node);
  }
  return found;
}
