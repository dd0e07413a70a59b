/**
 * Definition of a pointwise op by its WGSL expression, gradient and float64 reference.
 * @module
 */
import type { OpNode, PointwiseOp, Sample } from "../op.ts";
import {
  type Attributes,
  type DType,
  type Each,
  formatShapes,
  sameShape,
  type Shape,
  type Tensor,
} from "../tensor.ts";

/** WGSL types of elements. */
export const wgslType: Record<DType, string> = { float32: "f32", int32: "i32", uint32: "u32" };

/** Formats a number as a WGSL literal of a dtype. */
export function formatLiteral(value: number, dtype: DType): string {
  if (dtype === "float32") {
    const rounded = Math.fround(value);
    // WGSL has no literals for infinity and NaN.
    if (!Number.isFinite(rounded)) {
      return Number.isNaN(rounded)
        ? "nonfinite(0x7fc00000u)"
        : `nonfinite(${rounded > 0 ? "0x7f800000u" : "0xff800000u"})`;
    }
    return `f32(${rounded})`;
  }
  return `${wgslType[dtype]}(${dtype === "int32" ? value | 0 : value >>> 0})`;
}

/** Shapes of at least one operand. */
type Operands = readonly [Shape, ...Shape[]];

/** Definition of an op, for operands of shapes `I`. */
export interface Row<I extends Operands = Operands> {
  wgsl(args: Each<I, string>, node: Tensor): string;
  vjp?(gradient: Tensor, node: OpNode<Attributes, I>): readonly (Tensor | null)[];
  compute(args: Each<I, number>, node: Tensor): number;
  /** Returns the element type of the result; if absent, that of the first operand. */
  dtype?(attributes: Attributes): DType;
  /** Accepted dtypes; only float32 if absent. */
  readonly takes?: readonly DType[];
  readonly attributes?: readonly Attributes[];
  readonly range?: readonly [number, number];
  readonly differentiable?: boolean;
  readonly helpers?: string;
}

/** Returns the op of a row for float operands of equal shapes. @param arity Number of operands. */
export function pointwise(name: string, arity: number, row: Row): PointwiseOp<Attributes, Operands> {
  const takes = row.takes ?? ["float32"];
  const samples = (row.attributes ?? [{}]).flatMap((attributes) =>
    takes.flatMap((dtype): Sample[] =>
      [[3, 5], [257], []].map((shape) => ({
        shapes: Array<number[]>(arity).fill(shape),
        attributes,
        dtypes: Array<DType>(arity).fill(dtype),
        ...(row.range && { range: row.range }),
        differentiable: (row.differentiable ?? true) && row.vjp !== undefined && dtype === "float32",
      }))
    )
  );
  return {
    kind: "pointwise",
    name,
    infer(inputs, attributes) {
      const [first] = inputs;
      for (const { dtype, shape } of inputs) {
        if (!takes.includes(dtype)) {
          throw new TypeError(
            `Cannot apply ${name}: elements must be ${takes.join(" or ")}, but are ${dtype}`,
          );
        }
        if (dtype !== first.dtype) {
          const types = inputs.map((i) => i.dtype).join(", ");
          throw new TypeError(`Cannot apply ${name}: element types must match, but are ${types}`);
        }
        if (!sameShape(shape, first.shape)) {
          throw new RangeError(
            `Cannot apply ${name}: shapes must match, but are ${formatShapes(inputs)}`,
          );
        }
      }
      return { shape: first.shape, dtype: row.dtype?.(attributes) ?? first.dtype };
    },
    expression: row.wgsl,
    ...(row.vjp && { vjp: row.vjp }),
    ...(row.helpers && { helpers: row.helpers }),
    reference(inputs, node) {
      const args: [number, ...number[]] = [0], result = new Float64Array(inputs[0].length);
      for (let i = 0; i < result.length; i++) {
        for (let k = 0; k < inputs.length; k++) args[k] = inputs[k]![i]!;
        result[i] = row.compute(args, node);
      }
      return result;
    },
    samples,
    ...(arity > 1 && {
      refusals: [{
        shapes: [[2, 3], ...Array<number[]>(arity - 1).fill([3, 2])],
        attributes: {},
        message: "shapes must match",
      }],
    }),
  };
}
