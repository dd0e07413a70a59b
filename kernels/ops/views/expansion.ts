/**
 * Expansion and sum, each the gradient of the other; all broadcasting and reducing is built on the two. The
 * summed expression is computed on the fly, never stored.
 * @module
 */
import type { ReduceOp, Sample, ViewOp } from "../../op.ts";
import {
  apply,
  checkShape,
  type DType,
  type Each,
  formatShape,
  formatShapes,
  sameShape,
  type Shape,
  sizeOf,
  stridesOf,
  type Tensor,
} from "../../tensor.ts";
import { moveElements } from "./coordinates.ts";
import { reshape } from "./movement.ts";
import { slice } from "./slicing.ts";

const expandOp: ViewOp<{ readonly shape: Shape }, [Shape]> = {
  kind: "view",
  name: "expand",
  repeats: true,
  infer([x], { shape }) {
    checkShape(shape);
    const from = x.shape;
    if (from.length !== shape.length || from.some((size, axis) => size !== shape[axis] && size !== 1)) {
      throw new RangeError(
        `Cannot expand tensor: only axes of size 1 can grow, but shapes are ${formatShapes([from, shape])}`,
      );
    }
    return { shape, dtype: x.dtype };
  },
  source: (axes, node) => ({ axes: axes.map((axis, i) => node.inputs[0].shape[i] === 1 ? "0u" : axis) }),
  vjp(gradient, { inputs: [{ shape: from }], shape }) {
    const grown = from.flatMap((size, axis) => size === shape[axis] ? [] : [axis]);
    return [sum(gradient, grown, { keepAxes: true })];
  },
  reference: ([x], node) =>
    moveElements(node, x, (c) => c.map((v, i) => node.inputs[0].shape[i] === 1 ? 0 : v)),
  samples: [
    { shapes: [[1, 3, 1]], attributes: { shape: [2, 3, 4] } },
    { shapes: [[1, 1]], attributes: { shape: [0, 5] } },
  ],
  refusals: [{ shapes: [[2, 3]], attributes: { shape: [4, 3] }, message: "only axes of size 1 can grow" }],
};

/** Repeats `x` along axes of size 1, and along new leading axes, to fill `shape`. */
export function expand(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const missing = shape.length - x.shape.length;
  const aligned = missing > 0 ? reshape(x, [...new Array<number>(missing).fill(1), ...x.shape]) : x;
  return sameShape(aligned.shape, shape) ? aligned : apply(expandOp, [aligned], { shape });
}

/**
 * Returns the shape to which two shapes broadcast, by NumPy's rules.
 * @throws {RangeError} if they do not broadcast.
 */
export function broadcastShape(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const sizeA = a[axis - rank + a.length] ?? 1;
    const sizeB = b[axis - rank + b.length] ?? 1;
    if (sizeA !== sizeB && sizeA !== 1 && sizeB !== 1) {
      throw new RangeError(
        `Cannot broadcast: sizes must match or be 1, but shapes are ${formatShapes([a, b])}`,
      );
    }
    return sizeA === 1 ? sizeB : sizeA;
  });
}

/** Attributes of a reduction: the reduced axes, which stay with size 1 until `reshape` drops them. */
export type ReduceAttributes = { readonly axes: readonly number[] };

/** Op that reduces one or several tensors of one shape. */
export type Reduction = ReduceOp<ReduceAttributes, readonly [Shape, ...Shape[]]>;

/** Options of reductions. */
export interface ReduceOptions {
  /** True if reduced axes stay, with size 1; false if absent. */
  readonly keepAxes?: boolean;
}

function reduceShape(shape: Shape, axes: readonly number[]): number[] {
  return shape.map((size, axis) => axes.includes(axis) ? 1 : size);
}

/** Reduces in float64: combines each element with the slot of the kept coordinates. */
function fold(
  values: Float64Array,
  shape: Shape,
  axes: readonly number[],
  initial: number,
  combine: (accumulator: number, value: number) => number,
): Float64Array {
  const slots = reduceShape(shape, axes);
  const result = new Float64Array(sizeOf(slots)).fill(initial);
  const strides = stridesOf(shape), kept = stridesOf(slots);
  for (let i = 0; i < values.length; i++) {
    let slot = 0;
    for (let axis = 0; axis < shape.length; axis++) {
      if (slots[axis] !== 1) slot += Math.floor(i / strides[axis]!) % shape[axis]! * kept[axis]!;
    }
    result[slot] = combine(result[slot]!, values[i]!);
  }
  return result;
}

/** Creates an op that reduces axes to size 1; several inputs are stacked along a new first axis. */
export function createReduction(
  name: string,
  takes: readonly DType[],
  parts: Pick<Reduction, "identity" | "combine" | "vjp">,
  initial: number,
  combine: (accumulator: number, value: number) => number,
  samples: readonly Sample<ReduceAttributes>[],
): Reduction {
  return {
    kind: "reduce",
    name,
    infer(inputs, { axes }) {
      const [x, ...others] = inputs;
      if (others.some(({ shape, dtype }) => !sameShape(shape, x.shape) || dtype !== x.dtype)) {
        throw new RangeError(
          `Cannot reduce tensors: shapes and types must match, but shapes are ${formatShapes(inputs)}`,
        );
      }
      if (axes.some((axis) => !(axis in x.shape)) || new Set(axes).size !== axes.length) {
        const state = `axes are ${formatShape(axes)} for shape ${formatShape(x.shape)}`;
        throw new RangeError(`Cannot reduce tensor: axes must be distinct and in range, but ${state}`);
      }
      if (!takes.includes(x.dtype)) {
        throw new TypeError(
          `Cannot compute ${name}: elements must be ${takes.join(" or ")}, but are ${x.dtype}`,
        );
      }
      const shape = reduceShape(x.shape, axes);
      return { shape: others.length === 0 ? shape : [inputs.length, ...shape], dtype: x.dtype };
    },
    ...parts,
    reference(inputs, { inputs: [input], attributes: { axes }, shape }) {
      const result = new Float64Array(sizeOf(shape));
      inputs.forEach((x, i) =>
        result.set(fold(x, input.shape, axes, initial, combine), i * result.length / inputs.length)
      );
      return result;
    },
    samples,
    refusals: [{
      shapes: [[2, 3], [3, 2]],
      attributes: { axes: [0] },
      message: "shapes and types must match",
    }, { shapes: [[2, 3]], attributes: { axes: [2] }, message: "axes must be distinct and in range" }],
  };
}

/** Op of {@linkcode sum}. */
export const sumOp: Reduction = createReduction(
  "sum",
  ["float32", "int32", "uint32"],
  {
    identity: "0",
    combine: (accumulator, element) => `${accumulator} + ${element}`,
    vjp: (gradient, { inputs }) =>
      inputs.map((input, i) => expand(inputs.length === 1 ? gradient : takePart(gradient, i), input.shape)),
  },
  0,
  (a, b) => a + b,
  [
    { shapes: [[3, 4, 5]], attributes: { axes: [0, 2] } },
    { shapes: [[7]], attributes: { axes: [0] } },
    { shapes: [[2, 3]], attributes: { axes: [] } },
    { shapes: [[0, 3]], attributes: { axes: [0] } },
    { shapes: [[6, 5]], attributes: { axes: [1] }, dtypes: ["int32"] },
    { shapes: [[33, 3, 9, 11]], attributes: { axes: [0, 2, 3] } },
    { shapes: [[5, 3, 4], [5, 3, 4]], attributes: { axes: [0] } },
    { shapes: [[9, 7], [9, 7], [9, 7]], attributes: { axes: [0, 1] } },
    { shapes: [[700, 3, 50], [700, 3, 50]], attributes: { axes: [0, 2] }, differentiable: false },
    { shapes: [[200_000]], attributes: { axes: [0] }, differentiable: false },
    { shapes: [[70_001, 3]], attributes: { axes: [0] }, differentiable: false },
    { shapes: [[66_000, 2]], attributes: { axes: [1] }, differentiable: false },
  ],
);

/** Applies a reduction over `axes`, or over all axes if undefined. */
export function reduce(
  op: Reduction,
  x: Tensor,
  axes: readonly number[] | undefined,
  options: ReduceOptions,
): Tensor {
  const over = (axes ?? x.shape.map((_, axis) => axis)).map((axis) =>
    axis < 0 ? axis + x.shape.length : axis
  );
  const kept = x.shape.filter((_, axis) => !over.includes(axis));
  // Axes of size 1 need no reduction; the op itself refuses axes that do not exist.
  if (over.every((axis) => x.shape[axis] === 1)) return reshape(x, options.keepAxes ? x.shape : kept);
  const result = apply(op, [x], { axes: over.toSorted((a, b) => a - b) });
  return options.keepAxes ? result : reshape(result, kept);
}

/** Returns part `i` along the first axis. */
function takePart(x: Tensor, i: number): Tensor {
  const [, ...rest] = x.shape;
  const part = slice(x, x.shape.map((_, axis) => axis === 0 ? i : 0), [1, ...rest]);
  return reshape(part, rest);
}

/**
 * Sums several tensors of one shape over the same `axes`, which stay with size 1. Common operands are read
 * once.
 * @throws {RangeError} if shapes differ.
 */
export function sums<T extends readonly Tensor[] | []>(tensors: T, axes: readonly number[]): Each<T, Tensor>;
export function sums(tensors: readonly Tensor[], axes: readonly number[]): readonly Tensor[] {
  const [first, ...others] = tensors;
  if (!first || others.length === 0 || axes.every((axis) => first.shape[axis] === 1)) {
    return tensors.map((tensor) => sum(tensor, axes, { keepAxes: true }));
  }
  const stacked = apply(sumOp, [first, ...others], { axes: axes.toSorted((a, b) => a - b) });
  return tensors.map((_, i) => takePart(stacked, i));
}

/** Computes the sum over `axes` (all if absent); the sum of no elements is 0. */
export function sum(x: Tensor, axes?: readonly number[], options: ReduceOptions = {}): Tensor {
  return reduce(sumOp, x, axes, options);
}

/** Ops of this file, for the table of all ops. */
export const expansionOps = [expandOp, sumOp] as const;
