/**
 * Max-pooling of windows that lie side by side, as expressions: they fuse with what comes before and after, and
 * the image at full size need not be stored.
 * @module
 */
import type { PointwiseOp, Variant, ViewOp } from "../../op.ts";
import { apply, formatShape, hasAxes, type Shape, type Tensor } from "../../tensor.ts";
import { moved } from "../views/coordinates.ts";
import { equal, full, greater, maximum, where } from "../pointwise.ts";
import { type PoolAttributes, pooledShape } from "./pool_windows.ts";
import { pad, slice } from "../views/slicing.ts";

type CellsAttributes = { readonly stride: number };

const cellsOp: ViewOp<CellsAttributes, [Shape<4>], Shape<4>> = {
  kind: "view",
  name: "cells",
  infer([x], { stride }) {
    if (!hasAxes(x.shape, 4)) {
      throw new RangeError(`Cannot spread cells as there must be 4 axes: shape is ${formatShape(x.shape)}`);
    }
    const [n, c, h, w] = x.shape;
    return { shape: [n, c, h * stride, w * stride], dtype: x.dtype };
  },
  source: ([n, c, y, x], { attributes: { stride } }) => ({
    axes: [n, c, `${y} / ${stride}u`, `${x} / ${stride}u`],
  }),
  reference: ([x], node) => {
    const { stride } = node.attributes;
    return moved(
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

/** The elements of every window, one tensor for each place in it, row by row. */
function places(x: Tensor, attributes: PoolAttributes): Tensor[] {
  const { kernel, stride } = attributes;
  const shape = pooledShape(x.shape, attributes);
  return Array.from(
    { length: kernel ** 2 },
    (_, k) => slice(x, [0, 0, Math.floor(k / kernel), k % kernel], shape, [1, 1, stride, stride]),
  );
}

/** Of some tensors, element by element that of `values` where `x` is largest, the first of equal ones. */
function ofLargest(x: readonly Tensor[], values: readonly Tensor[]): Tensor {
  const pairs = x.map((element, k) => ({ element, value: values[k]! }));
  return pairs.reduce((largest, { element, value }) => ({
    value: where(greater(element, largest.element), value, largest.value),
    element: maximum(largest.element, element),
  })).value;
}

/** Whether windows lie side by side, and are small enough to be written out. */
function isCells({ kernel, stride, padding }: PoolAttributes): boolean {
  return kernel === stride && padding === 0 && kernel <= 3;
}

/** The variant of a pooling. */
export const cellsPool: Variant<PoolAttributes, [Shape<4>, Shape<4>]> = {
  name: "cells",
  supports: ({ attributes }) => isCells(attributes),
  wins: () => true,
  lower({ inputs: [x, values], attributes }) {
    const compared = places(x, attributes);
    return x === values ? compared.reduce(maximum) : ofLargest(compared, places(values, attributes));
  },
};

/** The variant of a pooling's gradient. */
export const cellsPoolGradient: Variant<PoolAttributes, [Shape<4>, Shape<4>]> = {
  name: "cells",
  supports: ({ attributes }) => isCells(attributes),
  wins: () => true,
  lower({ inputs: [x, gradient], attributes }) {
    const { stride } = attributes;
    const numbers = Array.from({ length: stride ** 2 }, (_, k) => full(gradient.shape, k));
    const winner = ofLargest(places(x, attributes), numbers);
    const spread = (tensor: Tensor) => apply(cellsOp, [tensor], { stride });
    const wide = spread(winner);
    const [n, c, h, w] = x.shape, [, , oh, ow] = gradient.shape;
    const place = apply(placeOp, [], { stride, shape: [n, c, oh * stride, ow * stride] });
    const gradients = where(equal(wide, place), spread(gradient), 0);
    // Rows and columns that fill no window have no part in the result.
    return pad(gradients, [0, 0, 0, 0], [0, 0, h - oh * stride, w - ow * stride]);
  },
};
