/**
 * Max-pooling over adjacent windows, built of pointwise ops and views: these fuse with neighbouring ops, so
 * the image at full size need not be stored.
 * @module
 */
import type { PointwiseOp, Variant, ViewOp } from "../../op.ts";
import { apply, formatShape, hasAxes, type Shape, type Tensor } from "../../tensor.ts";
import { moveElements } from "../views/coordinates.ts";
import { full } from "../constants.ts";
import { equal, greater, maximum, where } from "../pointwise.ts";
import { type PoolAttributes, pooledShape } from "./pool_windows.ts";
import { pad, slice } from "../views/slicing.ts";

type CellsAttributes = { readonly stride: number };

const cellsOp: ViewOp<CellsAttributes, [Shape<4>], Shape<4>> = {
  kind: "view",
  name: "cells",
  infer([x], { stride }) {
    if (!hasAxes(x.shape, 4)) {
      throw new RangeError(`Cannot spread cells: shape must have 4 axes, but is ${formatShape(x.shape)}`);
    }
    const [n, c, h, w] = x.shape;
    return { shape: [n, c, h * stride, w * stride], dtype: x.dtype };
  },
  source: ([n, c, y, x], { attributes: { stride } }) => ({
    axes: [n, c, `${y} / ${stride}u`, `${x} / ${stride}u`],
  }),
  reference: ([x], node) => {
    const { stride } = node.attributes;
    return moveElements(
      node,
      x,
      ([n, c, y, column]) => [n, c, Math.floor(y / stride), Math.floor(column / stride)],
    );
  },
};

const placeOp: PointwiseOp<CellsAttributes & { readonly shape: Shape<4> }, []> = {
  kind: "pointwise",
  name: "place_in_cell",
  infer: (_, { shape }) => ({ shape, dtype: "float32" }),
  expression(_, { attributes: { stride } }, index) {
    const [, , y, x] = index.axes();
    return `f32((${y} % ${stride}u) * ${stride}u + ${x} % ${stride}u)`;
  },
  reference(_, { attributes: { stride, shape } }) {
    const [n, c, h, w] = shape;
    return Float64Array.from(
      { length: n * c * h * w },
      (_, i) => Math.floor(i / w) % h % stride * stride + i % w % stride,
    );
  },
};

/** Returns the elements of all windows: one tensor for each position within a window, row by row. */
function sliceWindows(x: Tensor, attributes: PoolAttributes): Tensor[] {
  const { kernel, stride } = attributes;
  const shape = pooledShape(x.shape, attributes);
  return Array.from(
    { length: kernel ** 2 },
    (_, k) => slice(x, [0, 0, Math.floor(k / kernel), k % kernel], shape, [1, 1, stride, stride]),
  );
}

/** Selects, element by element, the value whose `x` is largest; at a tie, the first. */
function selectAtMaximum(x: readonly Tensor[], values: readonly Tensor[]): Tensor {
  const pairs = x.map((element, k) => ({ element, value: values[k]! }));
  return pairs.reduce((largest, { element, value }) => ({
    value: where(greater(element, largest.element), value, largest.value),
    element: maximum(largest.element, element),
  })).value;
}

/** Returns whether windows are adjacent and small enough for an expression per element. */
function hasSmallCells({ kernel, stride, padding }: PoolAttributes): boolean {
  return kernel === stride && padding === 0 && kernel <= 3;
}

/** Variant of max-pooling for adjacent windows. */
export const cellsPool: Variant<PoolAttributes, [Shape<4>, Shape<4>]> = {
  name: "cells",
  supports: ({ attributes }) => hasSmallCells(attributes),
  wins: () => true,
  lower({ inputs: [x, values], attributes }) {
    const compared = sliceWindows(x, attributes);
    return x === values
      ? compared.reduce(maximum)
      : selectAtMaximum(compared, sliceWindows(values, attributes));
  },
};

/** Variant of the gradient of max-pooling for adjacent windows. */
export const cellsPoolGradient: Variant<PoolAttributes, [Shape<4>, Shape<4>]> = {
  name: "cells",
  supports: ({ attributes }) => hasSmallCells(attributes),
  wins: () => true,
  lower({ inputs: [x, gradient], attributes }) {
    const { stride } = attributes;
    const numbers = Array.from({ length: stride ** 2 }, (_, k) => full(gradient.shape, k));
    const winner = selectAtMaximum(sliceWindows(x, attributes), numbers);
    const spread = (tensor: Tensor) => apply(cellsOp, [tensor], { stride });
    const spreadWinner = spread(winner);
    const [n, c, h, w] = x.shape, [, , oh, ow] = gradient.shape;
    const place = apply(placeOp, [], { stride, shape: [n, c, oh * stride, ow * stride] });
    const gradients = where(equal(spreadWinner, place), spread(gradient), 0);
    // Rows and columns that fill no window get no gradient.
    return pad(gradients, [0, 0, 0, 0], [0, 0, h - oh * stride, w - ow * stride]);
  },
};
