/**
 * Pointwise ops: a table with the WGSL expression, gradient and float64 reference of each op. Chains of these
 * ops are fused into one kernel, and into reductions.
 * @module
 */
import type { PointwiseOp } from "../op.ts";
import {
  apply,
  type Attributes,
  type DType,
  formatShapes,
  sameShape,
  type Shape,
  type Tensor,
} from "../tensor.ts";
import { constant } from "./constants.ts";
import { formatLiteral, pointwise, type Row, wgslType } from "./pointwise_op.ts";
import { broadcastShape, expand } from "./views/expansion.ts";

/** Operand of arithmetic: a tensor, or a number of the other operand's dtype (float32 by default). */
export type Operand = Tensor | number;

const anyDtype: readonly DType[] = ["float32", "int32", "uint32"];
const booleanDtype = (): DType => "float32";

type Unary = PointwiseOp<Attributes, [Shape]>;
type Binary = PointwiseOp<Attributes, [Shape, Shape]>;
const unaryOp = (name: string, row: Row<[Shape]>): Unary => pointwise(name, 1, row);
const binaryOp = (name: string, row: Row<[Shape, Shape]>): Binary => pointwise(name, 2, row);

function comparison(name: string, symbol: string, compare: (a: number, b: number) => boolean): Binary {
  return binaryOp(name, {
    takes: anyDtype,
    dtype: booleanDtype,
    wgsl: ([a, b]) => `select(0.0, 1.0, ${a} ${symbol} ${b})`,
    compute: ([a, b]) => Number(compare(a, b)),
  });
}

const table = {
  add: binaryOp("add", {
    takes: anyDtype,
    wgsl: ([a, b]) => `(${a} + ${b})`,
    compute: ([a, b]) => a + b,
    vjp: (gradient) => [gradient, gradient],
  }),
  sub: binaryOp("sub", {
    takes: ["float32", "int32"],
    wgsl: ([a, b]) => `(${a} - ${b})`,
    compute: ([a, b]) => a - b,
    vjp: (gradient) => [gradient, neg(gradient)],
  }),
  mul: binaryOp("mul", {
    takes: anyDtype,
    wgsl: ([a, b]) => `(${a} * ${b})`,
    compute: ([a, b]) => a * b,
    vjp: (gradient, { inputs: [a, b] }) => [mul(gradient, b), mul(gradient, a)],
  }),
  div: binaryOp("div", {
    wgsl: ([a, b]) => `(${a} / ${b})`,
    compute: ([a, b]) => a / b,
    range: [0.5, 2],
    vjp(gradient, node) {
      const [, b] = node.inputs;
      return [div(gradient, b), neg(div(mul(gradient, node), b))];
    },
  }),
  neg: unaryOp("neg", {
    takes: ["float32", "int32"],
    wgsl: ([a]) => `(-${a})`,
    compute: ([a]) => -a,
    vjp: (gradient) => [neg(gradient)],
  }),
  abs: unaryOp("abs", {
    takes: ["float32", "int32"],
    wgsl: ([a]) => `abs(${a})`,
    compute: ([a]) => Math.abs(a),
    vjp: (gradient, { inputs: [x] }) => [mul(gradient, sign(x))],
  }),
  sign: unaryOp("sign", { wgsl: ([a]) => `sign(${a})`, compute: ([a]) => Math.sign(a) }),
  floor: unaryOp("floor", { wgsl: ([a]) => `floor(${a})`, compute: ([a]) => Math.floor(a) }),
  exp: unaryOp("exp", {
    wgsl: ([a]) => `exp(${a})`,
    compute: ([a]) => Math.exp(a),
    vjp: (gradient, node) => [mul(gradient, node)],
  }),
  log: unaryOp("log", {
    wgsl: ([a]) => `log(${a})`,
    compute: ([a]) => Math.log(a),
    range: [0.1, 4],
    vjp: (gradient, { inputs: [x] }) => [div(gradient, x)],
  }),
  sqrt: unaryOp("sqrt", {
    wgsl: ([a]) => `sqrt(${a})`,
    compute: ([a]) => Math.sqrt(a),
    range: [0.1, 4],
    vjp: (gradient, node) => [div(mul(gradient, 0.5), node)],
  }),
  rsqrt: unaryOp("rsqrt", {
    // Not inverseSqrt(): software adapters approximate it.
    wgsl: ([a]) => `(1.0 / sqrt(${a}))`,
    compute: ([a]) => 1 / Math.sqrt(a),
    range: [0.1, 4],
    vjp: (gradient, node) => [mul(mul(gradient, -0.5), mul(node, mul(node, node)))],
  }),
  sigmoid: unaryOp("sigmoid", {
    wgsl: ([a]) => `(1.0 / (1.0 + exp(-${a})))`,
    compute: ([a]) => 1 / (1 + Math.exp(-a)),
    vjp: (gradient, node) => [mul(gradient, mul(node, sub(1, node)))],
  }),
  tanh: unaryOp("tanh", {
    wgsl: ([a]) => `tanh(${a})`,
    compute: ([a]) => Math.tanh(a),
    vjp: (gradient, node) => [mul(gradient, sub(1, mul(node, node)))],
  }),
  power: binaryOp("power", {
    wgsl: ([a, b]) => `pow(${a}, ${b})`,
    compute: ([a, b]) => Math.pow(a, b),
    range: [0.2, 2],
    vjp(gradient, node) {
      const [a, b] = node.inputs;
      return [mul(gradient, mul(b, power(a, sub(b, 1)))), mul(gradient, mul(node, log(a)))];
    },
  }),
  maximum: binaryOp("maximum", {
    takes: anyDtype,
    wgsl: ([a, b]) => `max(${a}, ${b})`,
    compute: ([a, b]) => Math.max(a, b),
    vjp: (gradient, { inputs: [a, b] }) => splitGradient(gradient, greater(a, b), equal(a, b)),
  }),
  minimum: binaryOp("minimum", {
    takes: anyDtype,
    wgsl: ([a, b]) => `min(${a}, ${b})`,
    compute: ([a, b]) => Math.min(a, b),
    vjp: (gradient, { inputs: [a, b] }) => splitGradient(gradient, less(a, b), equal(a, b)),
  }),
  leakyRelu: unaryOp("leaky_relu", {
    attributes: [{ slope: 0 }, { slope: 0.1 }],
    wgsl: ([a], { attributes }) =>
      attributes.slope === 0
        ? `max(${a}, 0.0)`
        : `select(${a} * ${formatLiteral(Number(attributes.slope), "float32")}, ${a}, ${a} > 0.0)`,
    compute: ([a], { attributes }) => a > 0 ? a : a * Number(attributes.slope),
    // The result has the sign of the operand, so the operand need not be kept for the gradient.
    vjp(gradient, node) {
      return [where(greater(node, 0), gradient, mul(gradient, Number(node.attributes.slope)))];
    },
  }),
  equal: comparison("equal", "==", (a, b) => a === b),
  greater: comparison("greater", ">", (a, b) => a > b),
  less: comparison("less", "<", (a, b) => a < b),
  finite: unaryOp("finite", {
    // By the bits, as compilers may assume that no number is infinite.
    wgsl: ([a]) => `select(0.0, 1.0, (bitcast<u32>(${a}) & 0x7f800000u) != 0x7f800000u)`,
    compute: ([a]) => Number(Number.isFinite(a)),
  }),
  cast: unaryOp("cast", {
    takes: anyDtype,
    attributes: [{ dtype: "float32" }, { dtype: "int32" }],
    dtype: ({ dtype }) => dtype as DType,
    range: [0, 9],
    differentiable: false,
    wgsl: ([a], { attributes }) => `${wgslType[attributes.dtype as DType]}(${a})`,
    compute: ([a], { attributes }) => attributes.dtype === "float32" ? a : Math.trunc(a),
    vjp: (
      gradient,
      { inputs: [x], dtype },
    ) => [x.dtype === "float32" && dtype === "float32" ? gradient : null],
  }),
};

/** Splits a gradient between two operands; at a tie each gets half, as in PyTorch. */
function splitGradient(gradient: Tensor, first: Tensor, isTie: Tensor): readonly Tensor[] {
  const share = where(isTie, 0.5, first);
  return [mul(gradient, share), mul(gradient, sub(1, share))];
}

const whereOp: PointwiseOp<Attributes, [Shape, Shape, Shape]> = {
  kind: "pointwise",
  name: "where",
  infer([condition, yes, no]) {
    if (yes.dtype !== no.dtype || condition.dtype !== "float32") {
      throw new TypeError(
        `Cannot select elements: the condition must be float32 and both sides of one type, but types are ${condition.dtype}, ${yes.dtype} and ${no.dtype}`,
      );
    }
    if (!sameShape(condition.shape, yes.shape) || !sameShape(yes.shape, no.shape)) {
      throw new RangeError(
        `Cannot select elements: shapes must match, but are ${formatShapes([condition, yes, no])}`,
      );
    }
    return { shape: yes.shape, dtype: yes.dtype };
  },
  expression: ([condition, yes, no]) => `select(${no}, ${yes}, ${condition} != 0.0)`,
  vjp: (
    gradient,
    { inputs: [condition] },
  ) => [null, where(condition, gradient, 0), where(condition, 0, gradient)],
  reference: ([condition, yes, no]) => yes.map((value, i) => condition[i] !== 0 ? value : no[i]!),
  samples: [
    { shapes: [[4, 3], [4, 3], [4, 3]], attributes: {}, differentiable: false },
  ],
  refusals: [{ shapes: [[2], [3], [3]], attributes: {}, message: "shapes must match" }],
};

function broadcast(a: Operand, b: Operand): [Tensor, Tensor] {
  const dtype = [a, b].find((operand) => typeof operand !== "number")?.dtype ?? "float32";
  const [x, y] = [toTensor(a, dtype), toTensor(b, dtype)];
  const shape = broadcastShape(x.shape, y.shape);
  return [expand(x, shape), expand(y, shape)];
}

function toTensor(operand: Operand, dtype: DType): Tensor {
  return typeof operand === "number" ? constant(operand, dtype) : operand;
}

const unary = (op: Unary) => (x: Tensor): Tensor => apply(op, [x], {});
const binary = (op: Binary) => (a: Operand, b: Operand): Tensor => apply(op, broadcast(a, b), {});

/** Computes `a + b`, broadcast. */
export const add: (a: Operand, b: Operand) => Tensor = binary(table.add);
/** Computes `a − b`, broadcast. */
export const sub: (a: Operand, b: Operand) => Tensor = binary(table.sub);
/** Computes `a · b`, broadcast. */
export const mul: (a: Operand, b: Operand) => Tensor = binary(table.mul);
/** Computes `a / b`, broadcast. */
export const div: (a: Operand, b: Operand) => Tensor = binary(table.div);
/** Computes `−x`. */
export const neg: (x: Tensor) => Tensor = unary(table.neg);
/** Computes `|x|`; the gradient at 0 is 0. */
export const abs: (x: Tensor) => Tensor = unary(table.abs);
/** Computes the sign: −1, 0 or 1. No gradient. */
export const sign: (x: Tensor) => Tensor = unary(table.sign);
/** Computes the largest whole number ≤ x. No gradient. */
export const floor: (x: Tensor) => Tensor = unary(table.floor);
/** Computes `eˣ`. */
export const exp: (x: Tensor) => Tensor = unary(table.exp);
/** Computes the natural logarithm. */
export const log: (x: Tensor) => Tensor = unary(table.log);
/** Computes `√x`. */
export const sqrt: (x: Tensor) => Tensor = unary(table.sqrt);
/** Computes `1 / √x`. */
export const rsqrt: (x: Tensor) => Tensor = unary(table.rsqrt);
/** Computes the logistic function `1 / (1 + e⁻ˣ)`. */
export const sigmoid: (x: Tensor) => Tensor = unary(table.sigmoid);
/** Computes the hyperbolic tangent. */
export const tanh: (x: Tensor) => Tensor = unary(table.tanh);
/** Computes `aᵇ` for `a > 0`, broadcast. */
export const power: (a: Operand, b: Operand) => Tensor = binary(table.power);
/** Computes the larger of two operands, broadcast; at a tie each gets half of the gradient. */
export const maximum: (a: Operand, b: Operand) => Tensor = binary(table.maximum);
/** Computes the smaller of two operands, broadcast; at a tie each gets half of the gradient. */
export const minimum: (a: Operand, b: Operand) => Tensor = binary(table.minimum);
/** Returns 1 where `a = b`, else 0. No gradient. */
export const equal: (a: Operand, b: Operand) => Tensor = binary(table.equal);
/** Returns 1 where `a > b`, else 0. No gradient. */
export const greater: (a: Operand, b: Operand) => Tensor = binary(table.greater);
/** Returns 1 where `a < b`, else 0. No gradient. */
export const less: (a: Operand, b: Operand) => Tensor = binary(table.less);

/** Returns 1 where x is a finite number, 0 where it is infinite or not a number. No gradient. */
export const finite: (x: Tensor) => Tensor = unary(table.finite);

/** Computes `max(x, 0)`; the gradient at 0 is 0. */
export function relu(x: Tensor): Tensor {
  return apply(table.leakyRelu, [x], { slope: 0 });
}

/**
 * Computes `x` where `x > 0`, else `slope · x`.
 * @throws {RangeError} if the slope is negative, as the gradient depends on the sign of the result.
 */
export function leakyRelu(x: Tensor, slope = 0.01): Tensor {
  if (!(slope >= 0)) throw new RangeError(`Cannot apply leaky ReLU: the slope must be ≥ 0, but is ${slope}`);
  return apply(table.leakyRelu, [x], { slope });
}

/** Converts elements to `dtype`, rounding towards zero. */
export function cast(x: Tensor, dtype: DType): Tensor {
  return x.dtype === dtype ? x : apply(table.cast, [x], { dtype });
}

/** Selects `yes` where `condition` is not 0, else `no`, broadcast. */
export function where(condition: Tensor, yes: Operand, no: Operand): Tensor {
  const [yesTensor, noTensor] = broadcast(yes, no);
  const shape = broadcastShape(condition.shape, yesTensor.shape);
  return apply(whereOp, [expand(condition, shape), expand(yesTensor, shape), expand(noTensor, shape)], {});
}

/** Ops of this file, for the table of all ops. */
export const pointwiseOps = [whereOp, ...Object.values(table)] as const;
