/**
 * Ops as data: rules, valid samples and refused operands, read by the compiler and by one contract test.
 * @module
 */
import type { Attributes, DType, Each, Shape, Shapes, Tensor } from "./tensor.ts";
import type { Chunks, SumExtent } from "./workgroups.ts";

/** Tensor as passed to the rules of its op: typed attributes, and operands that `infer` has checked. */
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

/** Valid operands for the contract test. */
export interface Sample<A extends Attributes = Attributes> {
  /** Shapes of the inputs. */
  readonly shapes: readonly Shape[];
  /** Parameters of the op. */
  readonly attributes: A;
  /** Element types of the inputs; float32 if absent. */
  readonly dtypes?: readonly DType[];
  /** Inclusive range of the random inputs; `[-2, 2]` if absent. */
  readonly range?: readonly [number, number];
  /** False if finite differences are meaningless (ties, steps) or too slow; true if absent. */
  readonly differentiable?: boolean;
  /** Inputs that are equal in all processes, by index, of ops that several processes compute together. */
  readonly common?: readonly number[];
}

/** Operands that an op must refuse, and part of the expected error message. */
export interface Refusal<A extends Attributes = Attributes> {
  /** Shapes of the inputs. */
  readonly shapes: readonly Shape[];
  /** Parameters of the op. */
  readonly attributes: A;
  /** Part of the expected error message. */
  readonly message: string;
}

/**
 * Members common to all ops. The rules rely on attributes of type `A` and operands of shapes `I`.
 * Rules are methods, which TypeScript compares bivariantly, so any op is assignable to {@linkcode Op};
 * `infer` must therefore refuse operands of other shapes.
 */
export interface OpBase<A extends Attributes = Attributes, I extends Shapes = Shapes> {
  /** Unique name in snake_case. */
  readonly name: string;
  /**
   * Returns shape and element type of the result.
   * @throws {RangeError} or {TypeError} if the operands do not fit.
   */
  infer(inputs: Each<I, Tensor>, attributes: A): Signature;
  /** Returns the gradient of each input (null if none flows), built of ops, from the result's gradient. */
  vjp?(gradient: Tensor, node: OpNode<A, I>): readonly (Tensor | null)[];
  /** Computes the expected result with plain float64 loops over row-major inputs. */
  reference?(inputs: Each<I, Float64Array>, node: OpNode<A, I>): Float64Array;
  /**
   * Computes the expected results of all processes, from the inputs of each; instead of `reference`, for ops that
   * several processes compute together.
   */
  referenceTogether?(inputs: readonly Each<I, Float64Array>[], node: OpNode<A, I>): readonly Float64Array[];
  /** Valid operands for the contract test. */
  readonly samples?: readonly Sample<A>[];
  /** Invalid operands for the contract test. */
  readonly refusals?: readonly Refusal<A>[];
  /** Element type of a float32 result in memory; float32 if absent. The compiler sets it. */
  readonly storedAs?: "float16";
}

/** Op of values that exist before a Program runs: variables and inputs. */
export interface LeafOp<A extends Attributes = Attributes> extends OpBase<A> {
  /** Discriminant. */
  readonly kind: "leaf";
}

/** Position of an element in a tensor, as WGSL u32 expressions. */
export interface ElementIndex {
  /** Returns the coordinates along the axes. */
  axes(): readonly string[];
  /** Returns the row-major position. */
  linear(): string;
}

/** Op that computes each element from the same element of every input; fused with neighbouring ops. */
export interface PointwiseOp<A extends Attributes = Attributes, I extends Shapes = Shapes>
  extends OpBase<A, I> {
  /** Discriminant. */
  readonly kind: "pointwise";
  /** Returns the WGSL expression of one element, from the expressions of the inputs' elements. */
  expression(args: Each<I, string>, node: OpNode<A, I>, index: ElementIndex): string;
  /** WGSL functions that the expression calls. */
  readonly helpers?: string;
}

/** Op that rearranges elements into shape `S`: coordinates change, values do not. */
export interface ViewOp<
  A extends Attributes = Attributes,
  I extends Shapes = Shapes,
  S extends Shape = Shape,
> extends OpBase<A, I> {
  /** Discriminant. */
  readonly kind: "view";
  /** True if elements keep their row-major order: the result is the same memory with another shape. */
  readonly keepsOrder?: true;
  /** True if all elements come from the input; an input of one element then needs no coordinates. */
  readonly repeats?: true;
  /** Returns shape and element type of the result, as for every op. */
  infer(inputs: Each<I, Tensor>, attributes: A): Signature<S>;
  /** Computes the expected result, as for every op. */
  reference?(inputs: Each<I, Float64Array>, node: OpNode<A, I> & Tensor<S>): Float64Array;
  /**
   * Returns the input's coordinates (u32 expressions) of an element of the result. If some elements come from
   * outside the input, `inside` is the WGSL condition of the others; elements outside are zero.
   */
  source(
    axes: Each<S, string>,
    node: OpNode<A, I>,
  ): { readonly axes: Each<I[0], string>; readonly inside?: string };
}

/**
 * Op that combines elements along axes; the expressions of its inputs are fused into it. Several inputs are
 * reduced in one pass, to results along a new first axis.
 */
export interface ReduceOp<A extends Attributes = Attributes, I extends Shapes = Shapes> extends OpBase<A, I> {
  /** Discriminant. */
  readonly kind: "reduce";
  /** Initial value of the accumulator, as WGSL. */
  readonly identity: string;
  /** Returns the WGSL expression that adds one element to the accumulator. */
  combine(accumulator: string, element: string): string;
}

/** Dispatch of a {@linkcode KernelOp}. */
export interface Kernel {
  /** WGSL source; bindings 0…n−1 are the inputs, n is the result. */
  readonly wgsl: string;
  /** Pipeline-overridable constants. */
  readonly constants: Readonly<Record<string, number>>;
  /**
   * Sizes that differ between nodes, declared as constants, too. Where the driver compiles slowly, the shader
   * reads them from a uniform buffer, so that nodes of different sizes share one pipeline.
   */
  readonly sizes?: Readonly<Record<string, number>>;
  /** Workgroups along x, y, z; if absent, enough for one invocation per result. The shader checks bounds. */
  readonly workgroups?: readonly [number, number, number];
}

/** Op that copies `[…, 4]` into an rgba32float texture, which some adapters read faster than a buffer. */
export interface TexelsOp<A extends Attributes = Attributes, I extends Shapes = Shapes> extends OpBase<A, I> {
  /** Discriminant. */
  readonly kind: "texels";
}

/** Op that the host computes between two parts of a run: a sum over the processes that train together. */
export interface ExchangeOp<A extends Attributes = Attributes, I extends Shapes = Shapes>
  extends OpBase<A, I> {
  /** Discriminant. */
  readonly kind: "exchange";
}

/** Op with a hand-written shader over whole operands. */
export interface KernelOp<A extends Attributes = Attributes, I extends Shapes = Shapes> extends OpBase<A, I> {
  /** Discriminant. */
  readonly kind: "kernel";
  /** Returns the dispatch of a node; with an `extent`, of `[CHUNKS, …shape]` partial sums. */
  kernel(node: OpNode<A, I>, chunks: Chunks): Kernel;
  /** Returns the extent of the sum behind each result, if it may be long: the compiler splits long sums. */
  extent?(node: OpNode<A, I>): SumExtent;
  /** Tensors that are float32 in memory with any precision; none if absent. */
  readonly float32?: readonly ("operands" | "result")[];
  /** True if the result is a weight of two images; in other ops the second operand is the weight. */
  readonly resultIsWeight?: true;
  /** Alternative ways to compute the op, each a graph of other ops. */
  readonly variants?: readonly Variant<A, I>[];
}

/** Traits of a device that the rules for choosing variants depend on. */
export interface DeviceTraits {
  /** True if the adapter is a software adapter, which computes on the processor. */
  readonly isCpu: boolean;
  /** True if kernels can read operands from textures. */
  readonly readsTexels: boolean;
  /** True if kernels can exchange values within subgroups of 8 invocations. */
  readonly hasSubgroups: boolean;
}

/** Alternative way to compute an op, faster for some shapes. */
export interface Variant<A extends Attributes = Attributes, I extends Shapes = Shapes> {
  /** Name, as used in the choice of variants. */
  readonly name: string;
  /**
   * Features this variant requires; it is never chosen on devices without them. "gpu" and "processor" are the
   * kinds of adapter for which the variant is fast enough.
   */
  readonly needs?: readonly ("texels" | "subgroups" | "gpu" | "processor")[];
  /** Returns whether the variant can compute a node. */
  supports(node: OpNode<A, I>): boolean;
  /** Returns whether the variant is expected to be fastest for a node; variants are tried in order. */
  wins(node: OpNode<A, I>, device: DeviceTraits): boolean;
  /** Returns an equal value built of other ops. */
  lower(node: OpNode<A, I>): Tensor;
}

/** Op that stands for a graph of other ops, with its own gradient rule. */
export interface CompositeOp<A extends Attributes = Attributes, I extends Shapes = Shapes>
  extends OpBase<A, I> {
  /** Discriminant. */
  readonly kind: "composite";
  /** Returns the graph that replaces a node. */
  expand(node: OpNode<A, I>): Tensor;
}

/** Union of all kinds of ops. */
export type Op<A extends Attributes = Attributes, I extends Shapes = Shapes> =
  | LeafOp<A>
  | PointwiseOp<A, I>
  | ViewOp<A, I>
  | ReduceOp<A, I>
  | TexelsOp<A, I>
  | ExchangeOp<A, I>
  | KernelOp<A, I>
  | CompositeOp<A, I>;
