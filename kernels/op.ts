/**
 * What an op is: data. Its rules, samples and refusals stand in it; the compiler and one contract test read them.
 * @module
 */
import type { Attributes, DType, Each, Shape, Shapes, Tensor } from "./tensor.ts";
import type { Chunks, SumExtent } from "./workgroups.ts";

/** A tensor as the rules of its op see it: with the op's attributes, and operands of shapes that the shape rule has checked. */
export interface OpNode<A extends Attributes = Attributes, I extends Shapes = Shapes> extends Tensor {
  /** Operands. */
  readonly inputs: { readonly [Operand in keyof I]: Tensor<I[Operand]> };
  /** Parameters of the op. */
  readonly attributes: A;
}

/** Shape and element type of a result. */
export interface Signature<S extends Shape = Shape> {
  /** Sizes of the axes. */
  readonly shape: S;
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

/**
 * What every op has, however it is computed. Its types say what its rules rely on: attributes `A`, and operands of shapes `I`.
 * Rules are methods, which TypeScript compares loosely, so that any op is an {@linkcode Op}; `infer` must refuse all else.
 */
export interface OpBase<A extends Attributes = Attributes, I extends Shapes = Shapes> {
  /** Unique name in snake_case. */
  readonly name: string;
  /** Shape rule. @throws {RangeError} or {TypeError} where the operands do not fit. */
  infer(inputs: Each<I, Tensor>, attributes: A): Signature;
  /** Vector-Jacobian product, in ops: the gradient of each input from the gradient of the result; null = none flows. */
  vjp?(gradient: Tensor, node: OpNode<A, I>): readonly (Tensor | null)[];
  /** The definition of correct: plain float64 loops over row-major inputs. */
  reference?(inputs: Each<I, Float64Array>, node: OpNode<A, I>): Float64Array;
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
export interface PointwiseOp<A extends Attributes = Attributes, I extends Shapes = Shapes>
  extends OpBase<A, I> {
  /** Discriminant. */
  readonly kind: "pointwise";
  /** The WGSL expression of one element, from the expressions of the inputs' elements. */
  expression(args: Each<I, string>, node: OpNode<A, I>, index: ElementIndex): string;
  /** WGSL functions that the expression calls. */
  readonly helpers?: string;
}

/** A result of shape `S` whose element says where it comes from: no arithmetic, only other coordinates. */
export interface ViewOp<
  A extends Attributes = Attributes,
  I extends Shapes = Shapes,
  S extends Shape = Shape,
> extends OpBase<A, I> {
  /** Discriminant. */
  readonly kind: "view";
  /** Whether elements keep their row-major order: the result is the same memory under another shape. */
  readonly keepsOrder?: true;
  /** Whether every element of the result is one of the input's: if there is only one, its place does not matter. */
  readonly repeats?: true;
  /** As of every op. */
  infer(inputs: Each<I, Tensor>, attributes: A): Signature<S>;
  /** As of every op. */
  reference?(inputs: Each<I, Float64Array>, node: OpNode<A, I> & Tensor<S>): Float64Array;
  /** Coordinates in the input (u32 expressions) of a result's coordinates, with a condition if some are outside (zero there). */
  source(
    axes: Each<S, string>,
    node: OpNode<A, I>,
  ): { readonly axes: Each<I[0], string>; readonly inside?: string };
}

/**
 * Combines elements along axes; the expressions of its inputs are fused into it. Several inputs are reduced in one pass,
 * to results along a new first axis.
 */
export interface ReduceOp<A extends Attributes = Attributes, I extends Shapes = Shapes> extends OpBase<A, I> {
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
  /** Workgroups along x, y, z, whose bounds the shader guards; where absent, enough for an invocation to each result. */
  readonly workgroups?: readonly [number, number, number];
}

/** Copies its input `[…, 4]` into an rgba32float texture, which some adapters read several times faster than a buffer. */
export interface TexelsOp<A extends Attributes = Attributes, I extends Shapes = Shapes> extends OpBase<A, I> {
  /** Discriminant. */
  readonly kind: "texels";
}

/** A hand-written shader over whole operands. */
export interface KernelOp<A extends Attributes = Attributes, I extends Shapes = Shapes> extends OpBase<A, I> {
  /** Discriminant. */
  readonly kind: "kernel";
  /** The dispatch that computes a node; where it has an `extent`, `[CHUNKS, …shape]` partial sums. */
  kernel(node: OpNode<A, I>, chunks: Chunks): Kernel;
  /** The sum that each result is, where it may be long: the compiler splits it. */
  extent?(node: OpNode<A, I>): SumExtent;
  /** Whether the result is a weight and both operands are images; of other ops the second operand is the weight. */
  readonly givesWeight?: true;
  /** Other ways to compute the same, each a graph of other ops. */
  readonly variants?: readonly Variant<A, I>[];
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
export interface Variant<A extends Attributes = Attributes, I extends Shapes = Shapes> {
  /** Name, as used in the choice of variants. */
  readonly name: string;
  /** What it cannot do without: operands in textures, subgroups, or a GPU or processor, as it would be far too slow elsewhere. */
  readonly needs?: readonly ("texels" | "subgroups" | "gpu" | "processor")[];
  /** Whether it can compute this node. */
  supports(node: OpNode<A, I>): boolean;
  /** Whether it should be expected to win on this node; variants are tried in order. */
  wins(node: OpNode<A, I>, device: DeviceTraits): boolean;
  /** The same value from other ops. */
  lower(node: OpNode<A, I>): Tensor;
}

/** An op that stands for a graph of other ops, with a gradient of its own. */
export interface CompositeOp<A extends Attributes = Attributes, I extends Shapes = Shapes>
  extends OpBase<A, I> {
  /** Discriminant. */
  readonly kind: "composite";
  /** The graph. */
  expand(node: OpNode<A, I>): Tensor;
}

/** Any op. */
export type Op<A extends Attributes = Attributes, I extends Shapes = Shapes> =
  | LeafOp<A>
  | PointwiseOp<A, I>
  | ViewOp<A, I>
  | ReduceOp<A, I>
  | TexelsOp<A, I>
  | KernelOp<A, I>
  | CompositeOp<A, I>;
