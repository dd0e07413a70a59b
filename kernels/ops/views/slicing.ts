/**
 * Slicing, padding and flipping. Like all views these ops need no kernel.
 * @module
 */
import type { ViewOp } from "../../op.ts";
import { apply, formatShape, sameShape, type Shape, type Tensor } from "../../tensor.ts";
import { moveElements } from "./coordinates.ts";

type SliceAttributes = {
  readonly start: readonly number[];
  readonly shape: Shape;
  readonly step: readonly number[];
};

const sliceOp: ViewOp<SliceAttributes, [Shape]> = {
  kind: "view",
  name: "slice",
  infer([x], { start, shape, step }) {
    const fits = start.length === x.shape.length && shape.length === start.length &&
      shape.every((size, axis) =>
        size === 0 ||
        (start[axis]! >= 0 && step[axis]! >= 1 && start[axis]! + (size - 1) * step[axis]! < x.shape[axis]!)
      );
    if (!fits) {
      const [from, at, size, by] = [x.shape, start, shape, step].map(formatShape);
      throw new RangeError(
        `Cannot slice tensor: the part must lie inside, but shape is ${from}, start ${at}, size ${size}, step ${by}`,
      );
    }
    return { shape, dtype: x.dtype };
  },
  source: (axes, { attributes: { start, step } }) => ({
    axes: axes.map((axis, i) => {
      const stepped = step[i] === 1 ? axis : `${axis} * ${step[i]}u`;
      return start[i] === 0 ? stepped : `${stepped} + ${start[i]}u`;
    }),
  }),
  vjp(gradient, { inputs: [x], attributes: { start, shape, step } }) {
    const extents = shape.map((size, i) => size === 0 ? 0 : (size - 1) * step[i]! + 1);
    return [pad(gradient, start, x.shape.map((size, i) => size - start[i]! - extents[i]!), step)];
  },
  reference: ([x], node) =>
    moveElements(node, x, (c) => c.map((v, i) => v * node.attributes.step[i]! + node.attributes.start[i]!)),
  samples: [
    { shapes: [[5, 7]], attributes: { start: [1, 2], shape: [3, 4], step: [1, 1] } },
    { shapes: [[5, 7]], attributes: { start: [0, 1], shape: [3, 3], step: [2, 2] } },
    { shapes: [[5]], attributes: { start: [5], shape: [0], step: [1] } },
  ],
  refusals: [{
    shapes: [[5, 7]],
    attributes: { start: [3, 0], shape: [3, 7], step: [1, 1] },
    message: "the part must lie inside",
  }],
};

/** Returns `shape` elements along each axis, from `start` on, `step` apart. */
export function slice(
  x: Tensor,
  start: readonly number[],
  shape: Shape,
  step: readonly number[] = shape.map(() => 1),
): Tensor {
  if (sameShape(x.shape, shape)) return x;
  return apply(sliceOp, [x], { start, shape, step });
}

type PadAttributes = {
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly step: readonly number[];
};

const padOp: ViewOp<PadAttributes, [Shape]> = {
  kind: "view",
  name: "pad",
  infer([x], { before, after, step }) {
    if (
      before.length !== x.shape.length || after.length !== before.length || step.length !== before.length ||
      [...before, ...after].some((count) => !Number.isSafeInteger(count) || count < 0) ||
      step.some((s) => s < 1)
    ) {
      const [from, first, last, by] = [x.shape, before, after, step].map(formatShape);
      throw new RangeError(
        `Cannot pad tensor: every axis needs counts ≥ 0, but shape is ${from}, before ${first}, after ${last}, step ${by}`,
      );
    }
    const shape = x.shape.map((size, i) =>
      before[i]! + after[i]! + (size === 0 ? 0 : (size - 1) * step[i]! + 1)
    );
    return { shape, dtype: x.dtype };
  },
  source(axes, node) {
    const { before, step } = node.attributes;
    const conditions: string[] = [];
    const sources = axes.map((axis, i) => {
      const size = node.inputs[0].shape[i]!;
      if (before[i] === 0 && step[i] === 1 && size === node.shape[i]) return axis;
      const shifted = before[i] === 0 ? axis : `(${axis} - ${before[i]}u)`;
      // Unsigned: positions before the start wrap round to large numbers and fail the same comparison.
      const source = step[i] === 1 ? shifted : `(${shifted} / ${step[i]}u)`;
      if (step[i] !== 1) conditions.push(`(${shifted} % ${step[i]}u == 0u)`);
      conditions.push(`(${shifted} < ${size === 0 ? 0 : (size - 1) * step[i]! + 1}u)`);
      return source;
    });
    return conditions.length > 0 ? { axes: sources, inside: conditions.join(" && ") } : { axes: sources };
  },
  vjp: (gradient, { inputs: [x], attributes: { before, step } }) => [slice(gradient, before, x.shape, step)],
  reference: ([x], node) => {
    const { before, step } = node.attributes;
    return moveElements(node, x, (c) => {
      const source = c.map((v, i) => (v - before[i]!) / step[i]!);
      return source.every((v, i) => Number.isInteger(v) && v >= 0 && v < node.inputs[0].shape[i]!)
        ? source
        : null;
    });
  },
  samples: [
    { shapes: [[3, 4]], attributes: { before: [1, 0], after: [2, 3], step: [1, 1] } },
    { shapes: [[3, 2]], attributes: { before: [1, 1], after: [0, 2], step: [2, 3] } },
    { shapes: [[0, 2]], attributes: { before: [1, 0], after: [1, 0], step: [1, 1] } },
  ],
  refusals: [{ shapes: [[3]], attributes: { before: [-1], after: [0], step: [1] }, message: "counts ≥ 0" }],
};

/** Adds `before` and `after` zeros along each axis, and `step − 1` zeros between elements. */
export function pad(
  x: Tensor,
  before: readonly number[],
  after: readonly number[],
  step: readonly number[] = before.map(() => 1),
): Tensor {
  if ([...before, ...after].every((count) => count === 0) && step.every((s) => s === 1)) return x;
  return apply(padOp, [x], { before, after, step });
}

const flipOp: ViewOp<{ readonly axes: readonly number[] }, [Shape]> = {
  kind: "view",
  name: "flip",
  infer([x], { axes }) {
    if (axes.some((axis) => !(axis in x.shape))) {
      throw new RangeError(
        `Cannot flip tensor: axes must be in range, but are ${formatShape(axes)} for shape ${
          formatShape(x.shape)
        }`,
      );
    }
    return { shape: x.shape, dtype: x.dtype };
  },
  source: (axes, { attributes, shape }) => ({
    axes: axes.map((axis, i) => attributes.axes.includes(i) ? `(${shape[i]! - 1}u - ${axis})` : axis),
  }),
  vjp: (gradient, { attributes: { axes } }) => [flip(gradient, axes)],
  reference: ([x], node) =>
    moveElements(
      node,
      x,
      (c) => c.map((v, i) => node.attributes.axes.includes(i) ? node.shape[i]! - 1 - v : v),
    ),
  samples: [{ shapes: [[2, 3, 4]], attributes: { axes: [0, 2] } }],
  refusals: [{ shapes: [[2]], attributes: { axes: [1] }, message: "axes must be in range" }],
};

/** Reverses the order of elements along `axes`. */
export function flip(x: Tensor, axes: readonly number[]): Tensor {
  return apply(flipOp, [x], { axes });
}

/** Ops of this file, for the table of all ops. */
export const slicingOps = [sliceOp, padOp, flipOp] as const;
