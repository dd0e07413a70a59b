/**
 * Tensors are lazy: a {@linkcode Tensor} is a node of a graph that says how to compute a value. Building one
 * does no GPU work; {@linkcode compile} turns a graph into a Program.
 * @module
 */
import type { Op } from "./op.ts";

/** Element type of a tensor. Truth values are float32 0 and 1. */
export type DType = "float32" | "int32" | "uint32";

/** Shapes by their number of axes. */
export type Ranks = {
  any: readonly number[];
  1: readonly [number];
  2: readonly [number, number];
  3: readonly [number, number, number];
  4: readonly [number, number, number, number];
  5: readonly [number, number, number, number, number];
};

/** Sizes of a tensor's axes, outermost first; `[]` is a scalar. `Shape<4>` has four axes, `Shape` any number of them. */
export type Shape<Rank extends keyof Ranks = "any"> = Ranks[Rank];

/** Shapes of several operands. */
export type Shapes = readonly Shape[];

/** A `T` for each entry of a tuple: an operand of an op, or an axis of a shape. */
export type Each<Entries extends readonly unknown[], T> = { readonly [Entry in keyof Entries]: T };

/** A value that parameterises an op, such as a stride; part of a node's identity. */
export type AttributeValue = number | string | boolean | readonly number[];

/** The parameters of a node. */
export type Attributes = { readonly [name: string]: AttributeValue };

/** Typed arrays that hold tensor elements on the host. */
export type HostArray = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** One lazy value: an op applied to inputs. Pure data. */
export interface Tensor<S extends Shape = Shape> {
  /** Position in creation order; inputs have smaller ids. */
  readonly id: number;
  /** What computes it. */
  readonly op: Op;
  /** Operands. */
  readonly inputs: readonly Tensor[];
  /** Parameters of the op. */
  readonly attributes: Attributes;
  /** Sizes of the axes. */
  readonly shape: S;
  /** Element type. */
  readonly dtype: DType;
}

let created = 0;

/** Applies an op to inputs: checks them by its shape rule and makes the node. */
export function apply<A extends Attributes, I extends Shapes>(
  op: Op<A, I>,
  inputs: NoInfer<Each<I, Tensor>>,
  attributes: NoInfer<A>,
): Tensor {
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

/** Whether a shape has so many axes. */
export function hasAxes<Rank extends keyof Ranks>(shape: Shape, rank: Rank): shape is Shape<Rank> {
  return shape.length === rank;
}

/** Shapes, or those of tensors, as they stand in messages: `[2, 3] and [4]`. */
export function formatShapes(shapes: readonly (Shape | Tensor)[]): string {
  return shapes.map((shape) => formatShape("shape" in shape ? shape.shape : shape)).join(" and ");
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

/** @throws {RangeError} where a gradient does not have the shape of the result of `what`. */
export function checkGradient(what: string, gradient: Shape, result: Shape): void {
  if (!sameShape(gradient, result)) {
    const [wanted, given] = [formatShape(result), formatShape(gradient)];
    throw new RangeError(
      `Cannot differentiate ${what} as the gradient must have the shape of its result, ${wanted}: it is ${given}`,
    );
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
