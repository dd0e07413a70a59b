/**
 * Maximum, mean and index of the maximum over any axes.
 * @module
 */
import { formatShape, sizeOf, type Tensor } from "../tensor.ts";
import {
  createReduction,
  expand,
  reduce,
  type ReduceOptions,
  type Reduction,
  sum,
} from "./views/expansion.ts";
import { reshape } from "./views/movement.ts";
import { iota } from "./constants.ts";
import { cast, div, equal, mul, neg, where } from "./pointwise.ts";

/** Op of {@linkcode max}. */
export const maxOp: Reduction = createReduction(
  "max",
  ["float32"],
  {
    identity: "-3.4028234e38",
    combine: (accumulator, element) => `max(${accumulator}, ${element})`,
    vjp(gradient, node) {
      const [x] = node.inputs;
      const ties = equal(x, expand(node, x.shape));
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

/** Computes the mean over `axes` (all if absent). */
export function mean(x: Tensor, axes?: readonly number[], options: ReduceOptions = {}): Tensor {
  const total = sum(x, axes, options);
  return mul(total, sizeOf(total.shape) / sizeOf(x.shape));
}

/**
 * Computes the maximum over `axes` (all if absent); ties share the gradient.
 * @throws {RangeError} if `x` has no elements.
 */
export function max(x: Tensor, axes?: readonly number[], options: ReduceOptions = {}): Tensor {
  if (sizeOf(x.shape) === 0) {
    throw new RangeError(
      `Cannot compute the maximum: there are no elements in shape ${formatShape(x.shape)}`,
    );
  }
  return reduce(maxOp, x, axes, options);
}

/** Returns the index (int32) of the maximum along `axis`; at a tie, the first. No gradient. */
export function argmax(x: Tensor, axis = -1): Tensor {
  const along = axis < 0 ? axis + x.shape.length : axis;
  const size = x.shape[along]!;
  const position = reshape(iota(size, "float32"), x.shape.map((length, i) => i === along ? length : 1));
  const isLargest = equal(x, max(x, [along], { keepAxes: true }));
  // Smallest index among the maxima: the negated maximum of the negated indices.
  const candidates = where(isLargest, neg(position), -size);
  return cast(neg(max(candidates, [along])), "int32");
}

/** Ops of this file, for the table of all ops. */
export const reduceOps = [maxOp] as const;
