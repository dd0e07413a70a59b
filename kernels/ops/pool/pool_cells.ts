/**
 * Max-pooling of windows that lie side by side, as expressions: they fuse with what comes before and after, and
 * the image at full size need not be stored.
 * @module
 */
import { apply, type PointwiseOp, type Shape, type Tensor, type Variant, type ViewOp } from "../../tensor.ts";
import { moved } from "../views/coordinates.ts";
import { equal, full, greater, maximum, where } from "../pointwise.ts";
import { type PoolAttributes, pooledShape } from "./pool_windows.ts";
import { pad, slice } from "../views/slicing.ts";

type CellsAttributes = { readonly stride: number };

const cellsOp: ViewOp<CellsAttributes> = {
  kind: "view",
  name: "cells",
  infer([x], { stride }) {
    const [n, c, h, w] = x!.shape as [number, number, number, number];
    return { shape: [n, c, h * stride, w * stride], dtype: x!.dtype };
  },
  source: ([n, c, y, x], { attributes: { stride } }) => ({
    axes: [n!, c!, `${y} / ${stride}u`, `${x} / ${stride}u`],
  }),
  reference: ([x], node) => {
    const { stride } = node.attributes;
    return moved(
      node as unknown as Tensor,
      x!,
      ([n, c, y, column]) => [n!, c!, Math.floor(y! / stride), Math.floor(column! / stride)],
    );
  },
};

const placeOp: PointwiseOp<CellsAttributes & { readonly shape: Shape }> = {
  kind: "pointwise",
  name: "place_in_cell",
  infer: (_, { shape }) => ({ shape, dtype: "float32" }),
  expression(_, { attributes: { stride } }, index) {
    const [, , y, x] = index.axes();
    return `f32((${y} % ${stride}u) * ${stride}u + ${x} % ${stride}u)`;
  },
  reference(_, { attributes: { stride, shape } }) {
    const [n, c, h, w] = shape as [number, number, number, number];
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
  let [largest, value] = [x[0]!, values[0]!];
  for (let k = 1; k < x.length; k++) {
    value = where(greater(x[k]!, largest), values[k]!, value);
    largest = maximum(largest, x[k]!);
  }
  return value;
}

/** Whether windows lie side by side, and are small enough to be written out. */
function isCells({ kernel, stride, padding }: PoolAttributes): boolean {
  return kernel === stride && padding === 0 && kernel <= 3;
}

/** The variant of a pooling. */
export const cellsPool: Variant<PoolAttributes> = {
  name: "cells",
  supports: ({ attributes }) => isCells(attributes),
  wins: () => true,
  lower({ inputs: [x, values], attributes }) {
    const compared = places(x!, attributes);
    return x === values ? compared.reduce(maximum) : ofLargest(compared, places(values!, attributes));
  },
};

/** The variant of a pooling's gradient. */
export const cellsPoolGradient: Variant<PoolAttributes> = {
  name: "cells",
  supports: ({ attributes }) => isCells(attributes),
  wins: () => true,
  lower({ inputs: [x, gradient], attributes }) {
    const { stride } = attributes;
    const numbers = Array.from({ length: stride ** 2 }, (_, k) => full(gradient!.shape, k));
    const winner = ofLargest(places(x!, attributes), numbers);
    const spread = (tensor: Tensor) => apply(cellsOp, [tensor], { stride }) as unknown as Tensor;
    const wide = spread(winner);
    const place = apply(placeOp, [], { stride, shape: wide.shape }) as unknown as Tensor;
    const gradients = where(equal(wide, place), spread(gradient!), 0);
    // Rows and columns that fill no window have no part in the result.
    const after = x!.shape.map((size, axis) => size - wide.shape[axis]!);
    return pad(gradients, [0, 0, 0, 0], after);
  },
};
