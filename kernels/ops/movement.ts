/**
 * Ops that move elements without arithmetic. They cost nothing by themselves: the kernel that reads their
 * result computes where each element comes from.
 * @module
 */
import {
  apply,
  checkShape,
  formatShape,
  sameShape,
  type Shape,
  sizeOf,
  stridesOf,
  type Tensor,
  type ViewOp,
} from "../tensor.ts";
import { sum } from "./reduce.ts";
import { add } from "./pointwise.ts";

/** Walks every coordinate of a shape in row-major order. */
function eachCoordinate(shape: Shape, visit: (coordinate: readonly number[], index: number) => void): void {
  const coordinate = new Array<number>(shape.length).fill(0);
  for (let index = 0, size = sizeOf(shape); index < size; index++) {
    visit(coordinate, index);
    for (let axis = shape.length - 1; axis >= 0 && ++coordinate[axis]! === shape[axis]; axis--) {
      coordinate[axis] = 0;
    }
  }
}

/** Float64 reference of a movement op from its map of coordinates; null = zero. */
function moved(
  node: Tensor,
  values: Float64Array,
  from: (coordinate: readonly number[]) => number[] | null,
): Float64Array {
  const result = new Float64Array(sizeOf(node.shape));
  const strides = stridesOf(node.inputs[0]!.shape);
  eachCoordinate(node.shape, (coordinate, index) => {
    const source = from(coordinate);
    if (source) result[index] = values[source.reduce((offset, c, axis) => offset + c * strides[axis]!, 0)]!;
  });
  return result;
}

const reshapeOp: ViewOp<{ readonly shape: Shape }> = {
  kind: "view",
  name: "reshape",
  infer([x], { shape }) {
    checkShape(shape);
    if (sizeOf(shape) !== sizeOf(x!.shape)) {
      throw new RangeError(
        `Cannot reshape tensor as the number of elements must stay: shapes are ${formatShape(x!.shape)} and ${
          formatShape(shape)
        }`,
      );
    }
    return { shape, dtype: x!.dtype };
  },
  source(axes, node) {
    const from = node.inputs[0]!.shape;
    const strides = stridesOf(node.shape);
    const terms = axes.map((axis, i) => node.shape[i] === 1 ? "" : `${axis} * ${strides[i]}u`).filter(
      Boolean,
    );
    const linear = `(${terms.join(" + ") || "0u"})`;
    const inner = stridesOf(from);
    return { axes: from.map((size, i) => size === 1 ? "0u" : `((${linear} / ${inner[i]}u) % ${size}u)`) };
  },
  vjp: (gradient, node) => [reshape(gradient, node.inputs[0]!.shape)],
  reference: ([x]) => x!.slice(),
  samples: [
    { shapes: [[4, 6]], attributes: { shape: [3, 8] } },
    { shapes: [[1]], attributes: { shape: [] } },
    { shapes: [[0, 3]], attributes: { shape: [3, 0, 2] } },
  ],
  refusals: [{ shapes: [[4, 6]], attributes: { shape: [5, 5] }, message: "number of elements must stay" }],
};

/** The same elements in row-major order under another `shape`. One size may be −1: what is left. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const unknown = shape.indexOf(-1);
  if (unknown >= 0) {
    const rest = sizeOf(shape.filter((_, axis) => axis !== unknown));
    shape = shape.with(unknown, sizeOf(x.shape) / rest);
  }
  if (sameShape(x.shape, shape)) return x;
  const source = x.op.name === "reshape" ? x.inputs[0]! : x;
  return sameShape(source.shape, shape) ? source : apply(reshapeOp, [source], { shape }) as unknown as Tensor;
}

const transposeOp: ViewOp<{ readonly axes: readonly number[] }> = {
  kind: "view",
  name: "transpose",
  infer([x], { axes }) {
    if (!sameShape(axes.toSorted((a, b) => a - b), x!.shape.map((_, axis) => axis))) {
      throw new RangeError(
        `Cannot transpose tensor as axes must be a permutation: axes are ${formatShape(axes)} for shape ${
          formatShape(x!.shape)
        }`,
      );
    }
    return { shape: axes.map((axis) => x!.shape[axis]!), dtype: x!.dtype };
  },
  source: (axes, { attributes }) => ({ axes: axes.map((_, axis) => axes[attributes.axes.indexOf(axis)]!) }),
  vjp: (
    gradient,
    { attributes: { axes } },
  ) => [transpose(gradient, axes.map((_, axis) => axes.indexOf(axis)))],
  reference: ([x], node) =>
    moved(node as unknown as Tensor, x!, (c) => c.map((_, axis) => c[node.attributes.axes.indexOf(axis)]!)),
  samples: [
    { shapes: [[2, 3, 4]], attributes: { axes: [2, 0, 1] } },
    { shapes: [[3, 5]], attributes: { axes: [1, 0] } },
  ],
  refusals: [{ shapes: [[2, 3]], attributes: { axes: [0, 0] }, message: "must be a permutation" }],
};

/** Reorders axes: axis `i` of the result is axis `axes[i]` of `x`; reverses them where `axes` is absent. */
export function transpose(
  x: Tensor,
  axes: readonly number[] = x.shape.map((_, axis) => x.shape.length - 1 - axis),
): Tensor {
  if (axes.every((axis, i) => axis === i) && axes.length === x.shape.length) return x;
  return apply(transposeOp, [x], { axes }) as unknown as Tensor;
}

const expandOp: ViewOp<{ readonly shape: Shape }> = {
  kind: "view",
  name: "expand",
  infer([x], { shape }) {
    checkShape(shape);
    const from = x!.shape;
    if (from.length !== shape.length || from.some((size, axis) => size !== shape[axis] && size !== 1)) {
      throw new RangeError(
        `Cannot expand tensor as only axes of size 1 can grow: shapes are ${formatShape(from)} and ${
          formatShape(shape)
        }`,
      );
    }
    return { shape, dtype: x!.dtype };
  },
  source: (axes, node) => ({ axes: axes.map((axis, i) => node.inputs[0]!.shape[i] === 1 ? "0u" : axis) }),
  vjp(gradient, node) {
    const from = node.inputs[0]!.shape;
    return [
      sum(gradient, from.flatMap((size, axis) => size === node.shape[axis] ? [] : [axis]), {
        keepAxes: true,
      }),
    ];
  },
  reference: ([x], node) =>
    moved(
      node as unknown as Tensor,
      x!,
      (c) => c.map((v, axis) => node.inputs[0]!.shape[axis] === 1 ? 0 : v),
    ),
  samples: [
    { shapes: [[1, 3, 1]], attributes: { shape: [2, 3, 4] } },
    { shapes: [[1, 1]], attributes: { shape: [0, 5] } },
  ],
  refusals: [{ shapes: [[2, 3]], attributes: { shape: [4, 3] }, message: "only axes of size 1 can grow" }],
};

/** Repeats `x` along its axes of size 1, and along new leading axes, to fill `shape`. */
export function expand(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const missing = shape.length - x.shape.length;
  const aligned = missing > 0 ? reshape(x, [...new Array<number>(missing).fill(1), ...x.shape]) : x;
  return sameShape(aligned.shape, shape)
    ? aligned
    : apply(expandOp, [aligned], { shape }) as unknown as Tensor;
}

/** The shape to which shapes broadcast, as NumPy has it. @throws {RangeError} where they do not. */
export function broadcastShape(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const sizeA = a[axis - rank + a.length] ?? 1;
    const sizeB = b[axis - rank + b.length] ?? 1;
    if (sizeA !== sizeB && sizeA !== 1 && sizeB !== 1) {
      throw new RangeError(
        `Cannot broadcast shapes as sizes must match or be 1: shapes are ${formatShape(a)} and ${
          formatShape(b)
        }`,
      );
    }
    return sizeA === 1 ? sizeB : sizeA;
  });
}

type SliceAttributes = {
  readonly start: readonly number[];
  readonly shape: Shape;
  readonly step: readonly number[];
};

const sliceOp: ViewOp<SliceAttributes> = {
  kind: "view",
  name: "slice",
  infer([x], { start, shape, step }) {
    const fits = start.length === x!.shape.length && shape.length === start.length &&
      shape.every((size, axis) =>
        size === 0 ||
        (start[axis]! >= 0 && step[axis]! >= 1 && start[axis]! + (size - 1) * step[axis]! < x!.shape[axis]!)
      );
    if (!fits) {
      throw new RangeError(
        `Cannot slice tensor as the part must lie inside: shape ${formatShape(x!.shape)}, start ${
          formatShape(start)
        }, ` +
          `size ${formatShape(shape)}, step ${formatShape(step)}`,
      );
    }
    return { shape, dtype: x!.dtype };
  },
  source: (axes, { attributes: { start, step } }) => ({
    axes: axes.map((axis, i) => `(${axis} * ${step[i]}u + ${start[i]}u)`),
  }),
  vjp: (gradient, node) => {
    const { start, shape, step } = node.attributes;
    const from = node.inputs[0]!.shape;
    return [
      pad(
        gradient,
        start,
        from.map((size, i) => size - start[i]! - (shape[i]! === 0 ? 0 : (shape[i]! - 1) * step[i]! + 1)),
        step,
      ),
    ];
  },
  reference: ([x], node) =>
    moved(
      node as unknown as Tensor,
      x!,
      (c) => c.map((v, i) => v * node.attributes.step[i]! + node.attributes.start[i]!),
    ),
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

/** The elements from `start` on, `shape` of them along each axis, `step` apart. */
export function slice(
  x: Tensor,
  start: readonly number[],
  shape: Shape,
  step: readonly number[] = shape.map(() => 1),
): Tensor {
  if (sameShape(x.shape, shape)) return x;
  return apply(sliceOp, [x], { start, shape, step }) as unknown as Tensor;
}

type PadAttributes = {
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly step: readonly number[];
};

const padOp: ViewOp<PadAttributes> = {
  kind: "view",
  name: "pad",
  infer([x], { before, after, step }) {
    if (
      before.length !== x!.shape.length || after.length !== before.length || step.length !== before.length ||
      [...before, ...after].some((count) => !Number.isSafeInteger(count) || count < 0) ||
      step.some((s) => s < 1)
    ) {
      throw new RangeError(
        `Cannot pad tensor as every axis needs counts ≥ 0: shape ${formatShape(x!.shape)}, before ${
          formatShape(before)
        }, ` +
          `after ${formatShape(after)}, step ${formatShape(step)}`,
      );
    }
    const shape = x!.shape.map((size, i) =>
      before[i]! + after[i]! + (size === 0 ? 0 : (size - 1) * step[i]! + 1)
    );
    return { shape, dtype: x!.dtype };
  },
  source(axes, node) {
    const { before, step } = node.attributes;
    const conditions: string[] = [];
    const sources = axes.map((axis, i) => {
      const size = node.inputs[0]!.shape[i]!;
      if (before[i] === 0 && step[i] === 1 && size === node.shape[i]) return axis;
      const shifted = before[i] === 0 ? axis : `(${axis} - ${before[i]}u)`;
      // Unsigned: what lies before the start wraps round to a large number and fails the same comparison.
      const source = step[i] === 1 ? shifted : `(${shifted} / ${step[i]}u)`;
      if (step[i] !== 1) conditions.push(`(${shifted} % ${step[i]}u == 0u)`);
      conditions.push(`(${shifted} < ${size === 0 ? 0 : (size - 1) * step[i]! + 1}u)`);
      return source;
    });
    return conditions.length > 0 ? { axes: sources, inside: conditions.join(" && ") } : { axes: sources };
  },
  vjp: (
    gradient,
    node,
  ) => [slice(gradient, node.attributes.before, node.inputs[0]!.shape, node.attributes.step)],
  reference: ([x], node) => {
    const { before, step } = node.attributes;
    return moved(node as unknown as Tensor, x!, (c) => {
      const source = c.map((v, i) => (v - before[i]!) / step[i]!);
      return source.every((v, i) => Number.isInteger(v) && v >= 0 && v < node.inputs[0]!.shape[i]!)
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

/** Surrounds `x` by `before` and `after` zeros along each axis, and puts `step − 1` zeros between its elements. */
export function pad(
  x: Tensor,
  before: readonly number[],
  after: readonly number[],
  step: readonly number[] = before.map(() => 1),
): Tensor {
  if ([...before, ...after].every((count) => count === 0) && step.every((s) => s === 1)) return x;
  return apply(padOp, [x], { before, after, step }) as unknown as Tensor;
}

const flipOp: ViewOp<{ readonly axes: readonly number[] }> = {
  kind: "view",
  name: "flip",
  infer([x], { axes }) {
    if (axes.some((axis) => !(axis in x!.shape))) {
      throw new RangeError(
        `Cannot flip tensor as it has no such axis: axes ${formatShape(axes)}, shape ${
          formatShape(x!.shape)
        }`,
      );
    }
    return { shape: x!.shape, dtype: x!.dtype };
  },
  source: (axes, { attributes, shape }) => ({
    axes: axes.map((axis, i) => attributes.axes.includes(i) ? `(${shape[i]! - 1}u - ${axis})` : axis),
  }),
  vjp: (gradient, { attributes: { axes } }) => [flip(gradient, axes)],
  reference: ([x], node) =>
    moved(
      node as unknown as Tensor,
      x!,
      (c) => c.map((v, i) => node.attributes.axes.includes(i) ? node.shape[i]! - 1 - v : v),
    ),
  samples: [{ shapes: [[2, 3, 4]], attributes: { axes: [0, 2] } }],
  refusals: [{ shapes: [[2]], attributes: { axes: [1] }, message: "no such axis" }],
};

/** Reverses the order of elements along `axes`. */
export function flip(x: Tensor, axes: readonly number[]): Tensor {
  return apply(flipOp, [x], { axes }) as unknown as Tensor;
}

/**
 * Joins tensors along `axis`.
 * @throws {RangeError} if their other sizes differ or there is none.
 */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  const [first, ...rest] = tensors;
  if (!first) throw new RangeError("Cannot concatenate tensors as there must be at least one: there is none");
  for (const tensor of rest) {
    if (!sameShape(tensor.shape.with(axis, 0), first.shape.with(axis, 0))) {
      throw new RangeError(
        `Cannot concatenate tensors as sizes must match off axis ${axis}: shapes are ${
          tensors.map(({ shape }) => formatShape(shape)).join(", ")
        }`,
      );
    }
  }
  const total = tensors.reduce((size, tensor) => size + tensor.shape[axis]!, 0);
  const zeros = first.shape.map(() => 0);
  let start = 0;
  return tensors.map((tensor) => {
    const before = zeros.with(axis, start);
    start += tensor.shape[axis]!;
    return pad(tensor, before, zeros.with(axis, total - start));
  }).reduce((joined, part) => add(joined, part));
}

/** The ops of this file, for the table of all ops. */
export const movementOps = [reshapeOp, transposeOp, expandOp, sliceOp, padOp, flipOp] as const;
