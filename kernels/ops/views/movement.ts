/**
 * Ops that move elements without arithmetic. They need no kernel: the kernel that reads the result computes
 * where each element comes from.
 * @module
 */
import type { ViewOp } from "../../op.ts";
import {
  apply,
  checkShape,
  formatShape,
  formatShapes,
  sameShape,
  type Shape,
  sizeOf,
  stridesOf,
  type Tensor,
} from "../../tensor.ts";
import { moveElements } from "./coordinates.ts";

const reshapeOp: ViewOp<{ readonly shape: Shape }, [Shape]> = {
  kind: "view",
  name: "reshape",
  keepsOrder: true,
  infer([x], { shape }) {
    checkShape(shape);
    if (sizeOf(shape) !== sizeOf(x.shape)) {
      const shapes = formatShapes([x, shape]);
      throw new RangeError(
        `Cannot reshape tensor: the number of elements must not change, but shapes are ${shapes}`,
      );
    }
    return { shape, dtype: x.dtype };
  },
  source(axes, node) {
    const from = node.inputs[0].shape;
    const strides = stridesOf(node.shape);
    const terms = axes.map((axis, i) => node.shape[i] === 1 ? "" : `${axis} * ${strides[i]}u`).filter(
      Boolean,
    );
    const linear = `(${terms.join(" + ") || "0u"})`;
    const inner = stridesOf(from);
    return { axes: from.map((size, i) => size === 1 ? "0u" : `((${linear} / ${inner[i]}u) % ${size}u)`) };
  },
  vjp: (gradient, node) => [reshape(gradient, node.inputs[0].shape)],
  reference: ([x]) => x.slice(),
  samples: [
    { shapes: [[4, 6]], attributes: { shape: [3, 8] } },
    { shapes: [[1]], attributes: { shape: [] } },
    { shapes: [[0, 3]], attributes: { shape: [3, 0, 2] } },
  ],
  refusals: [{
    shapes: [[4, 6]],
    attributes: { shape: [5, 5] },
    message: "number of elements must not change",
  }],
};

/** Changes the shape and keeps the elements in row-major order. One size may be −1, and is then computed. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const unknown = shape.indexOf(-1);
  if (unknown >= 0) {
    const rest = sizeOf(shape.filter((_, axis) => axis !== unknown));
    shape = shape.with(unknown, sizeOf(x.shape) / rest);
  }
  if (sameShape(x.shape, shape)) return x;
  const source = x.op.name === "reshape" ? x.inputs[0]! : x;
  return sameShape(source.shape, shape) ? source : apply(reshapeOp, [source], { shape });
}

const transposeOp: ViewOp<{ readonly axes: readonly number[] }, [Shape]> = {
  kind: "view",
  name: "transpose",
  infer([x], { axes }) {
    if (!sameShape(axes.toSorted((a, b) => a - b), x.shape.map((_, axis) => axis))) {
      const state = `are ${formatShape(axes)} for shape ${formatShape(x.shape)}`;
      throw new RangeError(`Cannot transpose tensor: axes must be a permutation, but ${state}`);
    }
    return { shape: axes.map((axis) => x.shape[axis]!), dtype: x.dtype };
  },
  source: (axes, { attributes }) => ({ axes: axes.map((_, axis) => axes[attributes.axes.indexOf(axis)]!) }),
  vjp: (gradient, { attributes: { axes } }) => [transpose(gradient, axes.map((_, i) => axes.indexOf(i)))],
  reference: ([x], node) =>
    moveElements(node, x, (c) => c.map((_, axis) => c[node.attributes.axes.indexOf(axis)]!)),
  samples: [
    { shapes: [[2, 3, 4]], attributes: { axes: [2, 0, 1] } },
    { shapes: [[3, 5]], attributes: { axes: [1, 0] } },
  ],
  refusals: [{ shapes: [[2, 3]], attributes: { axes: [0, 0] }, message: "must be a permutation" }],
};

/** Reorders axes: axis `i` of the result is axis `axes[i]` of `x`. If `axes` is absent, reverses all axes. */
export function transpose(
  x: Tensor,
  axes: readonly number[] = x.shape.map((_, axis) => x.shape.length - 1 - axis),
): Tensor {
  if (axes.every((axis, i) => axis === i) && axes.length === x.shape.length) return x;
  return apply(transposeOp, [x], { axes });
}

/** Ops of this file, for the table of all ops. */
export const movementOps = [reshapeOp, transposeOp] as const;
