/**
 * Tensors are lazy: a {@linkcode Tensor} is a node of a graph that says how to compute a value. Building one
 * does no GPU work; {@linkcode compile} turns a graph into a Program.
 * @module
 */
import type { Chunks, SumExtent } from "./workgroups.ts";

/** Element type of a tensor. Truth values are float32 0 and 1. */
export type DType = "float32" | "int32" | "uint32";

/** Sizes of a tensor's axes, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/** A value that parameterises an op, such as a stride; part of a node's identity. */
export type AttributeValue = number | string | boolean | readonly number[];

/** The parameters of a node. */
export type Attributes = { readonly [name: string]: AttributeValue };

/** Typed arrays that hold tensor elements on the host. */
export type HostArray = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** One lazy value: an op applied to inputs. Pure data. */
export interface Tensor<A extends Attributes = Attributes> {
  /** Position in creation order; inputs have smaller ids. */
  readonly id: number;
  /** What computes it. */
  readonly op: Op<A>;
  /** Operands. */
  readonly inputs: readonly Tensor[];
  /** Parameters of the op. */
  readonly attributes: A;
  /** Sizes of the axes. */
  readonly shape: Shape;
  /** Element type. */
  readonly dtype: DType;
}

/** Shape and element type of a result. */
export interface Signature {
  /** Sizes of the axes. */
  readonly shape: Shape;
  /** Element type. */
  readonly dtype: DType;
}

/** An example of valid operands that the contract test walks. */
export interface Sample<A extends Attributes = Attributes> {
  /** Shapes of the inputs. */
  readonly shapes: readonly Shape[];
  /** Parameters of the op. */
  readonly attributes: A;
  /** Element types of the inputs; float32 where absent. */
  readonly dtypes?: readonly DType[];
  /** Inclusive range of the random inputs; `[-2, 2]` where absent. */
  readonly range?: readonly [number, number];
  /** `false` where a finite difference means nothing (ties, steps) or would take too long. */
  readonly differentiable?: boolean;
}

/** Operands that an op must refuse, and words its error must contain. */
export interface Refusal<A extends Attributes = Attributes> {
  /** Shapes of the inputs. */
  readonly shapes: readonly Shape[];
  /** Parameters of the op. */
  readonly attributes: A;
  /** Part of the expected error message. */
  readonly message: string;
}

/** What every op has, however it is computed. */
export interface OpBase<A extends Attributes = Attributes> {
  /** Unique name in snake_case. */
  readonly name: string;
  /** Shape rule. @throws {RangeError} or {TypeError} where the operands do not fit. */
  infer(inputs: readonly Tensor[], attributes: A): Signature;
  /** Vector-Jacobian product, in ops: the gradient of each input from the gradient of the result; null = none flows. */
  vjp?(gradient: Tensor, node: Tensor<A>): readonly (Tensor | null)[];
  /** The definition of correct: plain float64 loops over row-major inputs. */
  reference?(inputs: readonly Float64Array[], node: Tensor<A>): Float64Array;
  /** Valid operands for the contract test. */
  readonly samples?: readonly Sample<A>[];
  /** Invalid operands for the contract test. */
  readonly refusals?: readonly Refusal<A>[];
}

/** A value that exists before the Program runs: a variable or an input of the run. */
export interface LeafOp<A extends Attributes = Attributes> extends OpBase<A> {
  /** Discriminant. */
  readonly kind: "leaf";
}

/** Where in a tensor an element is, as WGSL u32 expressions. */
export interface ElementIndex {
  /** Coordinates along the axes. */
  axes(): readonly string[];
  /** Row-major position. */
  linear(): string;
}

/** One element from the same element of every input; fused with its neighbours. */
export interface PointwiseOp<A extends Attributes = Attributes> extends OpBase<A> {
  /** Discriminant. */
  readonly kind: "pointwise";
  /** The WGSL expression of one element, from the expressions of the inputs' elements. */
  expression(args: readonly string[], node: Tensor<A>, index: ElementIndex): string;
  /** WGSL functions that the expression calls. */
  readonly helpers?: string;
}

/** A result whose element says where it comes from: no arithmetic, only other coordinates. */
export interface ViewOp<A extends Attributes = Attributes> extends OpBase<A> {
  /** Discriminant. */
  readonly kind: "view";
  /** Whether elements keep their row-major order: the result is the same memory under another shape. */
  readonly keepsOrder?: true;
  /** Whether every element of the result is one of the input's: if there is only one, its place does not matter. */
  readonly repeats?: true;
  /** Coordinates in the input (u32 expressions) of a result's coordinates, with a condition if some are outside (zero there). */
  source(
    axes: readonly string[],
    node: Tensor<A>,
  ): { readonly axes: readonly string[]; readonly inside?: string };
}

/**
 * Combines elements along axes; the expressions of its inputs are fused into it. Several inputs are reduced in one pass,
 * to results along a new first axis.
 */
export interface ReduceOp<A extends Attributes = Attributes> extends OpBase<A> {
  /** Discriminant. */
  readonly kind: "reduce";
  /** Value before the first element, as WGSL. */
  readonly identity: string;
  /** WGSL expression that takes one more element in. */
  combine(accumulator: string, element: string): string;
}

/** One dispatch that a {@linkcode KernelOp} asks for. */
export interface Kernel {
  /** WGSL source; bindings 0…n−1 are the inputs, n is the result. */
  readonly wgsl: string;
  /** Pipeline-overridable constants. */
  readonly constants: Readonly<Record<string, number>>;
  /** Workgroups along x, y, z; the shader guards its bounds. */
  readonly workgroups: readonly [number, number, number];
}

/** Copies its input `[…, 4]` into an rgba32float texture, which some adapters read several times faster than a buffer. */
export interface TexelsOp<A extends Attributes = Attributes> extends OpBase<A> {
  /** Discriminant. */
  readonly kind: "texels";
}

/** A hand-written shader over whole operands. */
export interface KernelOp<A extends Attributes = Attributes> extends OpBase<A> {
  /** Discriminant. */
  readonly kind: "kernel";
  /** The dispatch that computes a node; where it has an `extent`, `[CHUNKS, …shape]` partial sums. */
  kernel(node: Tensor<A>, chunks: Chunks): Kernel;
  /** The sum that each result is, where it may be long: the compiler splits it. */
  extent?(node: Tensor<A>): SumExtent;
  /** Whether the result is a weight and both operands are images; of other ops the second operand is the weight. */
  readonly givesWeight?: true;
  /** Other ways to compute the same, each a graph of other ops. */
  readonly variants?: readonly Variant<A>[];
}

/** What the choice of a variant may depend on where none was measured. */
export interface DeviceTraits {
  /** Whether the adapter computes on the processor. */
  readonly isCpu: boolean;
  /** Whether kernels can read operands in textures. */
  readonly readsTexels: boolean;
  /** Whether kernels can pass values around in subgroups, and these are of 8 invocations. */
  readonly hasSubgroups: boolean;
}

/** A faster way to compute an op for some shapes. */
export interface Variant<A extends Attributes = Attributes> {
  /** Name, as used in the choice of variants. */
  readonly name: string;
  /** What it cannot do without: operands in textures, subgroups, or a GPU or processor, as it would be far too slow elsewhere. */
  readonly needs?: readonly ("texels" | "subgroups" | "gpu" | "processor")[];
  /** Whether it can compute this node. */
  supports(node: Tensor<A>): boolean;
  /** Whether it should be expected to win on this node; variants are tried in order. */
  wins(node: Tensor<A>, device: DeviceTraits): boolean;
  /** The same value from other ops. */
  lower(node: Tensor<A>): Tensor;
}

/** An op that stands for a graph of other ops, with a gradient of its own. */
export interface CompositeOp<A extends Attributes = Attributes> extends OpBase<A> {
  /** Discriminant. */
  readonly kind: "composite";
  /** The graph. */
  expand(node: Tensor<A>): Tensor;
}

/** Any op. */
export type Op<A extends Attributes = Attributes> =
  | LeafOp<A>
  | PointwiseOp<A>
  | ViewOp<A>
  | ReduceOp<A>
  | TexelsOp<A>
  | KernelOp<A>
  | CompositeOp<A>;

let created = 0;

/** Applies an op to inputs: checks them by its shape rule and makes the node. */
export function apply<A extends Attributes>(op: Op<A>, inputs: readonly Tensor[], attributes: A): Tensor<A> {
  return Object.freeze({ id: created++, op, inputs, attributes, ...op.infer(inputs, attributes) });
}

/** The node with other inputs, which must have the shapes of its own: a node of its own. */
export function withInputs(node: Tensor, inputs: readonly Tensor[]): Tensor {
  return Object.freeze({ ...node, id: created++, inputs });
}

/** Number of elements of a shape: the product of its sizes. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Distance in elements between neighbours along each axis of a row-major array. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

/** Whether two shapes are equal. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** A shape as it stands in messages: `[2, 3]`. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** @throws {RangeError} where a shape has a size that is not a whole number ≥ 0. */
export function checkShape(shape: Shape): void {
  if (shape.some((size) => !Number.isSafeInteger(size) || size < 0)) {
    throw new RangeError(
      `Cannot shape a tensor as sizes must be whole numbers ≥ 0: shape is ${formatShape(shape)}`,
    );
  }
}

/** @throws {TypeError} where tensors have other elements than float32; `verb` says what cannot be done with them. */
export function checkFloats(verb: string, tensors: readonly Tensor[]): void {
  for (const { dtype } of tensors) {
    if (dtype !== "float32") {
      throw new TypeError(`Cannot ${verb} as elements must be float32: they are ${dtype}`);
    }
  }
}

const hostArrays = { float32: Float32Array, int32: Int32Array, uint32: Uint32Array };

/** Elements as a host array of a dtype: themselves where they are one. */
export function asHostArray(dtype: DType, elements: ArrayLike<number>): HostArray {
  return elements instanceof hostArrays[dtype] ? elements as HostArray : hostArray(dtype, elements);
}

/** A new host array of a dtype. */
export function hostArray(dtype: DType, source: number | ArrayLike<number> | ArrayBuffer): HostArray {
  return new (hostArrays[dtype] as unknown as new (
    source: number | ArrayLike<number> | ArrayBuffer,
  ) => HostArray)(source);
}
