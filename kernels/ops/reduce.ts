/**
 * Maximum, mean and index of the maximum over any axes.
 * @module
 */
import { formatShape, sizeOf, type Tensor } from "../tensor.ts";
import { expand, reduce, type ReduceOptions, type Reduction, reduction, sum } from "./views/expansion.ts";
import { reshape } from "./views/movement.ts";
import { cast, div, equal, iota, mul, neg, where } from "./pointwise.ts";

/** The op behind {@linkcode max}. */
export const maxOp: Reduction = reduction(
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
export const reduceOps = [maxOp] as const;
