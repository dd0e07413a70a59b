/**
 * Constants, and the numbers from 0 on.
 * @module
 */
import type { PointwiseOp } from "../op.ts";
import { apply, type DType, type Tensor } from "../tensor.ts";
import { formatLiteral, wgslType } from "./pointwise_op.ts";
import { expand } from "./views/expansion.ts";

type ConstantAttributes = { readonly value: number; readonly dtype: DType };

const constantOp: PointwiseOp<ConstantAttributes> = {
  kind: "pointwise",
  name: "constant",
  infer: (_, { dtype }) => ({ shape: [], dtype }),
  expression: (_, { attributes: { value, dtype } }) => formatLiteral(value, dtype),
  // Goes through a variable, as WGSL forbids infinities in constant expressions.
  helpers: "fn nonfinite(bits: u32) -> f32 { var word = bits; return bitcast<f32>(word); }",
  reference: (_, { attributes: { value, dtype } }) =>
    Float64Array.of(dtype === "float32" ? Math.fround(value) : value),
  samples: [{ shapes: [], attributes: { value: 2.5, dtype: "float32" } }, {
    shapes: [],
    attributes: { value: -3, dtype: "int32" },
  }],
};

/** Creates a constant scalar. */
export function constant(value: number, dtype: DType = "float32"): Tensor {
  return apply(constantOp, [], { value, dtype });
}

/** Creates a tensor of `shape` filled with `value`. */
export function full(shape: readonly number[], value: number, dtype: DType = "float32"): Tensor {
  return expand(constant(value, dtype), shape);
}

const iotaOp: PointwiseOp<{ readonly size: number; readonly dtype: DType }> = {
  kind: "pointwise",
  name: "iota",
  infer: (_, { size, dtype }) => ({ shape: [size], dtype }),
  expression: (_, { attributes }, index) => `${wgslType[attributes.dtype]}(${index.linear()})`,
  reference: (_, { attributes: { size } }) => Float64Array.from({ length: size }, (_, i) => i),
  samples: [{ shapes: [], attributes: { size: 7, dtype: "int32" } }, {
    shapes: [],
    attributes: { size: 5, dtype: "float32" },
  }],
};

/** Creates the vector 0, 1, … `size − 1`. */
export function iota(size: number, dtype: DType = "int32"): Tensor {
  return apply(iotaOp, [], { size, dtype });
}

/** Ops of this file, for the table of all ops. */
export const constantOps = [constantOp, iotaOp] as const;
