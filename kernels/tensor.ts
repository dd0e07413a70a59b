/**
 * Lazy tensors: a {@linkcode Tensor} is a node of a graph that describes a computation. Building a graph
 * does no GPU work; {@linkcode compile} turns it into a Program.
 * @module
 */
import type { Op } from "./op.ts";

/** Element type of a tensor. Booleans are represented by float32 0 and 1. */
export type DType = "float32" | "int32" | "uint32";

/** Shape types by number of axes. */
export type Ranks = {
  any: readonly number[];
  1: readonly [number];
  2: readonly [number, number];
  3: readonly [number, number, number];
  4: readonly [number, number, number, number];
  5: readonly [number, number, number, number, number];
};

/** Sizes of a tensor's axes, outermost first; `[]` is a scalar, `Shape` has any number of axes. */
export type Shape<Rank extends keyof Ranks = "any"> = Ranks[Rank];

/** Shapes of several operands. */
export type Shapes = readonly Shape[];

/** Tuple with one `T` per entry of another tuple, such as one per operand of an op or per axis of a shape. */
export type Each<Entries extends readonly unknown[], T> = { readonly [Entry in keyof Entries]: T };

/** Parameter of an op, such as a stride; part of a node's identity. */
export type AttributeValue = number | string | boolean | readonly number[];

/** Parameters of a node. */
export type Attributes = { readonly [name: string]: AttributeValue };

/** Typed array with the elements of a tensor on the host. */
export type HostArray = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** Lazy value: an op applied to inputs. Immutable. */
export interface Tensor<S extends Shape = Shape> {
  /** Position in creation order; inputs have smaller ids than results. */
  readonly id: number;
  /** Op that computes the value. */
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

/** Applies an op to inputs: checks them with the op's shape rule and returns the new node. */
export function apply<A extends Attributes, I extends Shapes>(
  op: Op<A, I>,
  inputs: NoInfer<Each<I, Tensor>>,
  attributes: NoInfer<A>,
): Tensor {
  return Object.freeze({ id: created++, op, inputs, attributes, ...op.infer(inputs, attributes) });
}

/** Returns a new node that applies the op of `node` to other inputs of the same shapes. */
export function withInputs(node: Tensor, inputs: readonly Tensor[]): Tensor {
  return Object.freeze({ ...node, id: created++, inputs });
}

/** Returns the number of elements of a shape: the product of its sizes. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Returns the distance in elements between neighbours along each axis of a row-major array. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  return strides;
}

/** Returns whether two shapes are equal. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** Returns whether a shape has `rank` axes. */
export function hasAxes<Rank extends keyof Ranks>(shape: Shape, rank: Rank): shape is Shape<Rank> {
  return shape.length === rank;
}

/** Formats shapes, or shapes of tensors, for messages: `[2, 3] and [4]`. */
export function formatShapes(shapes: readonly (Shape | Tensor)[]): string {
  return shapes.map((shape) => formatShape("shape" in shape ? shape.shape : shape)).join(" and ");
}

/** Formats a shape for messages: `[2, 3]`. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** Throws unless all sizes are whole numbers ≥ 0. @throws {RangeError} if one is not. */
export function checkShape(shape: Shape): void {
  if (shape.some((size) => !Number.isSafeInteger(size) || size < 0)) {
    throw new RangeError(
      `Cannot create a tensor: sizes must be whole numbers ≥ 0, but the shape is ${formatShape(shape)}`,
    );
  }
}

/**
 * Throws unless all tensors are float32. `action` completes "Cannot …" in the message.
 * @throws {TypeError}
 */
export function checkFloats(action: string, tensors: readonly Tensor[]): void {
  for (const { dtype } of tensors) {
    if (dtype !== "float32") {
      throw new TypeError(`Cannot ${action}: elements must be float32, but are ${dtype}`);
    }
  }
}

/** Throws unless a gradient has the shape of the result of `opName`. @throws {RangeError} */
export function checkGradient(opName: string, gradient: Shape, result: Shape): void {
  if (!sameShape(gradient, result)) {
    const [expected, actual] = [formatShape(result), formatShape(gradient)];
    throw new RangeError(
      `Cannot differentiate ${opName}: the gradient must have the shape of the result, ${expected}, but has ${actual}`,
    );
  }
}

const hostArrays = { float32: Float32Array, int32: Int32Array, uint32: Uint32Array };

/** Returns elements as a host array of a dtype, without a copy if they already are one. */
export function asHostArray(dtype: DType, elements: ArrayLike<number>): HostArray {
  return elements instanceof hostArrays[dtype] ? elements as HostArray : hostArray(dtype, elements);
}

/** Creates a host array of a dtype: of a length, from elements, or as a view of a buffer. */
export function hostArray(dtype: DType, source: number | ArrayLike<number> | ArrayBuffer): HostArray {
  return new (hostArrays[dtype] as unknown as new (
    source: number | ArrayLike<number> | ArrayBuffer,
  ) => HostArray)(source);
}
