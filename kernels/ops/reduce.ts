/**
 * Reductions over any axes. The expression that is reduced is computed on the fly, never stored.
 * @module
 */
import {
  apply,
  type DType,
  formatShape,
  type ReduceOp,
  type Sample,
  type Shape,
  sizeOf,
  stridesOf,
  type Tensor,
} from "../tensor.ts";
import { expand, reshape } from "./movement.ts";
import { cast, div, equal, iota, mul, neg, where } from "./pointwise.ts";

/** Axes are kept with size 1; `reshape` drops them. */
export type ReduceAttributes = { readonly axes: readonly number[] };

/** How to reduce. */
export interface ReduceOptions {
  /** Whether reduced axes stay, with size 1. */
  readonly keepAxes?: boolean;
}

function reduced(shape: Shape, axes: readonly number[]): number[] {
  return shape.map((size, axis) => axes.includes(axis) ? 1 : size);
}

/** Float64 reduction: folds every element into the slot of its kept coordinates. */
function fold(
  node: Tensor,
  values: Float64Array,
  initial: number,
  combine: (accumulator: number, value: number) => number,
): Float64Array {
  const shape = node.inputs[0]!.shape;
  const result = new Float64Array(sizeOf(node.shape)).fill(initial);
  const strides = stridesOf(shape), kept = stridesOf(node.shape);
  for (let i = 0; i < values.length; i++) {
    let slot = 0;
    for (let axis = 0; axis < shape.length; axis++) {
      if (node.shape[axis] !== 1) slot += Math.floor(i / strides[axis]!) % shape[axis]! * kept[axis]!;
    }
    result[slot] = combine(result[slot]!, values[i]!);
  }
  return result;
}

function reduction(
  name: string,
  takes: readonly DType[],
  parts: Pick<ReduceOp<ReduceAttributes>, "identity" | "combine" | "vjp">,
  initial: number,
  combine: (accumulator: number, value: number) => number,
  samples: readonly Sample<ReduceAttributes>[],
): ReduceOp<ReduceAttributes> {
  return {
    kind: "reduce",
    name,
    infer([x], { axes }) {
      if (axes.some((axis) => !(axis in x!.shape)) || new Set(axes).size !== axes.length) {
        throw new RangeError(
          `Cannot reduce tensor as axes must be distinct and exist: axes ${formatShape(axes)}, shape ${
            formatShape(x!.shape)
          }`,
        );
      }
      if (!takes.includes(x!.dtype)) {
        throw new TypeError(
          `Cannot ${name} tensor as elements must be ${takes.join(" or ")}: they are ${x!.dtype}`,
        );
      }
      return { shape: reduced(x!.shape, axes), dtype: x!.dtype };
    },
    ...parts,
    reference: ([x], node) => fold(node as unknown as Tensor, x!, initial, combine),
    samples,
    refusals: [{ shapes: [[2, 3]], attributes: { axes: [2] }, message: "axes must be distinct and exist" }],
  };
}

/** The op behind {@linkcode sum}. */
export const sumOp: ReduceOp<ReduceAttributes> = reduction(
  "sum",
  ["float32", "int32", "uint32"],
  {
    identity: "0",
    combine: (accumulator, element) => `${accumulator} + ${element}`,
    vjp: (gradient, node) => [expand(gradient, node.inputs[0]!.shape)],
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
    { shapes: [[200_000]], attributes: { axes: [0] }, differentiable: false },
    { shapes: [[70_001, 3]], attributes: { axes: [0] }, differentiable: false },
    { shapes: [[66_000, 2]], attributes: { axes: [1] }, differentiable: false },
  ],
);

/** The op behind {@linkcode max}. */
export const maxOp: ReduceOp<ReduceAttributes> = reduction(
  "max",
  ["float32"],
  {
    identity: "-3.4028234e38",
    combine: (accumulator, element) => `max(${accumulator}, ${element})`,
    vjp(gradient, node) {
      const x = node.inputs[0]!;
      const ties = equal(x, expand(node as unknown as Tensor, x.shape));
      const share = div(ties, sum(ties, node.attributes.axes, { keepAxes: true }));
      return [mul(expand(gradient, x.shape), share)];
    },
  },
  -Infinity,
  Math.max,
  [
    { shapes: [[3, 4, 5]], attributes: { axes: [1] } },
    { shapes: [[2, 7]], attributes: { axes: [0, 1] } },
    { shapes: [[150_001]], attributes: { axes: [0] }, differentiable: false },
  ],
);

function reduce(
  op: ReduceOp<ReduceAttributes>,
  x: Tensor,
  axes: readonly number[] | undefined,
  options: ReduceOptions,
): Tensor {
  const over = (axes ?? x.shape.map((_, axis) => axis)).map((axis) =>
    axis < 0 ? axis + x.shape.length : axis
  );
  const kept = x.shape.filter((_, axis) => !over.includes(axis));
  // Nothing is added up along axes of size 1; an axis that does not exist is for the op to refuse.
  if (over.every((axis) => x.shape[axis] === 1)) return reshape(x, options.keepAxes ? x.shape : kept);
  const result = apply(op, [x], { axes: over.toSorted((a, b) => a - b) }) as unknown as Tensor;
  return options.keepAxes ? result : reshape(result, kept);
}

/** Sum over `axes` (all where absent); the sum of nothing is 0. */
export function sum(x: Tensor, axes?: readonly number[], options: ReduceOptions = {}): Tensor {
  return reduce(sumOp, x, axes, options);
}

/** Mean over `axes` (all where absent). */
export function mean(x: Tensor, axes?: readonly number[], options: ReduceOptions = {}): Tensor {
  const total = sum(x, axes, options);
  return mul(total, sizeOf(total.shape) / sizeOf(x.shape));
}

/**
 * Largest element over `axes` (all where absent); ties share the gradient.
 * @throws {RangeError} if there is no element to choose from.
 */
export function max(x: Tensor, axes?: readonly number[], options: ReduceOptions = {}): Tensor {
  if (sizeOf(x.shape) === 0) {
    throw new RangeError(
      `Cannot take the maximum as there must be elements: shape is ${formatShape(x.shape)}`,
    );
  }
  return reduce(maxOp, x, axes, options);
}

/** Index (int32) of the largest element along `axis`, the first of equal ones; no gradient. */
export function argmax(x: Tensor, axis = -1): Tensor {
  const along = axis < 0 ? axis + x.shape.length : axis;
  const size = x.shape[along]!;
  const position = reshape(iota(size, "float32"), x.shape.map((length, i) => i === along ? length : 1));
  const isLargest = equal(x, max(x, [along], { keepAxes: true }));
  // The smallest index among the largest elements = minus the largest of minus the index.
  const candidates = where(isLargest, neg(position), -size);
  return cast(neg(max(candidates, [along])), "int32");
}

/** The ops of this file, for the table of all ops. */
export const reduceOps = [sumOp, maxOp] as const;
