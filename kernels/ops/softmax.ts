/**
 * Softmax, log-softmax and cross-entropy over the last axis.
 * @module
 */
import type { CompositeOp, OpNode, Sample } from "../op.ts";
import {
  apply,
  type Attributes,
  checkFloats,
  formatShapes,
  hasAxes,
  sameShape,
  type Shape,
  type Tensor,
} from "../tensor.ts";
import { sum, sums } from "./views/expansion.ts";
import { reshape } from "./views/movement.ts";
import { iota } from "./constants.ts";
import { div, equal, exp, log, mul, sub, where } from "./pointwise.ts";
import { max } from "./reduce.ts";

const samples: readonly Sample[] = [
  { shapes: [[4, 6]], attributes: {} },
  { shapes: [[3, 1]], attributes: {} },
  { shapes: [[2, 3, 5]], attributes: {} },
  { shapes: [[700, 10]], attributes: {}, range: [-30, 30], differentiable: false },
  { shapes: [[3, 40_000]], attributes: {}, differentiable: false },
];

function lastAxis(x: Tensor): readonly number[] {
  return [x.shape.length - 1];
}

function infer([x]: readonly [Tensor]) {
  if (x.shape.length === 0) {
    throw new RangeError("Cannot compute softmax: logits need an axis of classes, but the shape is []");
  }
  return { shape: x.shape, dtype: x.dtype };
}

/** Subtracts the largest logit of each row, so that no exponential overflows. */
function subtractMaximum(x: Tensor): Tensor {
  return sub(x, max(x, lastAxis(x), { keepAxes: true }));
}

/** Computes log-softmax of each row, in float64. */
function computeLogSoftmax(x: Float64Array, { shape }: Tensor): Float64Array {
  const classes = shape.at(-1) ?? 1;
  const y = new Float64Array(x.length);
  for (let start = 0; start < x.length; start += classes) {
    const logits = x.subarray(start, start + classes);
    const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
    const sumOfExponentials = logits.reduce((total, logit) => total + Math.exp(logit - largest), 0);
    const logSumExp = largest + Math.log(sumOfExponentials);
    y.set(logits.map((logit) => logit - logSumExp), start);
  }
  return y;
}

const softmaxOp: CompositeOp<Attributes, [Shape]> = {
  kind: "composite",
  name: "softmax",
  infer,
  expand({ inputs: [x] }) {
    const weights = exp(subtractMaximum(x));
    return div(weights, sum(weights, lastAxis(x), { keepAxes: true }));
  },
  vjp(gradient, node) {
    return [mul(node, sub(gradient, sum(mul(gradient, node), lastAxis(node), { keepAxes: true })))];
  },
  reference: ([x], node) => computeLogSoftmax(x, node).map(Math.exp),
  samples,
  refusals: [{ shapes: [[]], attributes: {}, message: "axis of classes" }],
};

const logSoftmaxOp: CompositeOp<Attributes, [Shape]> = {
  kind: "composite",
  name: "log_softmax",
  infer,
  expand({ inputs: [x] }) {
    const logits = subtractMaximum(x);
    return sub(logits, log(sum(exp(logits), lastAxis(x), { keepAxes: true })));
  },
  vjp(gradient, { inputs: [x] }) {
    return [sub(gradient, mul(softmax(x), sum(gradient, lastAxis(x), { keepAxes: true })))];
  },
  reference: ([x], node) => computeLogSoftmax(x, node),
  samples,
  refusals: [{ shapes: [[]], attributes: {}, message: "axis of classes" }],
};

/** Computes terms of value and gradient: `weights` and `isLabel` are `[N, C]`, the others `[N, 1]`. */
function computeCrossEntropyTerms([x, labels]: OpNode<Attributes, [Shape<2>, Shape<1>]>["inputs"]) {
  const [n, classes] = x.shape;
  const logits = subtractMaximum(x);
  const weights = exp(logits);
  /** `[N, C]`: 1 at the label, 0 elsewhere. */
  const isLabel = equal(reshape(labels, [n, 1]), iota(classes));
  const [total, chosen, hasLabel] = sums([weights, where(isLabel, logits, 0), isLabel], lastAxis(x));
  return { weights, isLabel, total, chosen, hasLabel };
}

const dtypes = ["float32", "int32"] as const;

const crossEntropyOp: CompositeOp<Attributes, [Shape<2>, Shape<1>]> = {
  kind: "composite",
  name: "cross_entropy",
  infer([logits, labels]) {
    checkFloats("compute cross-entropy", [logits]);
    if (!hasAxes(logits.shape, 2) || !sameShape(labels.shape, [logits.shape[0]])) {
      const shapes = formatShapes([logits, labels]);
      throw new RangeError(
        `Cannot compute cross-entropy: every row of logits needs a label, but shapes are ${shapes}`,
      );
    }
    if (labels.dtype !== "int32") {
      throw new TypeError(`Cannot compute cross-entropy: labels must be int32, but are ${labels.dtype}`);
    }
    return { shape: labels.shape, dtype: "float32" };
  },
  expand({ inputs, shape }) {
    const { total, chosen, hasLabel } = computeCrossEntropyTerms(inputs);
    return reshape(where(hasLabel, sub(log(total), chosen), 0), shape);
  },
  // Explicit, so that value and gradient share terms, and rows without a label get no gradient.
  vjp(gradient, { inputs }) {
    const { weights, isLabel, total, hasLabel } = computeCrossEntropyTerms(inputs);
    const perRow = where(hasLabel, reshape(gradient, hasLabel.shape), 0);
    return [mul(perRow, sub(div(weights, total), isLabel)), null];
  },
  reference([x, labels], { inputs: [logits] }) {
    const [, classes] = logits.shape;
    const all = computeLogSoftmax(x, logits);
    return labels.map((label, i) => label >= 0 && label < classes ? -all[i * classes + label]! : 0);
  },
  samples: [
    { shapes: [[6, 3], [6]], dtypes, attributes: {} },
    { shapes: [[5, 1], [5]], dtypes, attributes: {} },
    { shapes: [[700, 10], [700]], dtypes, attributes: {}, range: [-30, 30], differentiable: false },
    { shapes: [[3, 40_000], [3]], dtypes, attributes: {}, differentiable: false },
  ],
  refusals: [
    { shapes: [[4, 3], [4]], attributes: {}, message: "labels must be int32" },
    { shapes: [[4, 3], [3]], attributes: {}, message: "needs a label" },
  ],
};

/** Computes `p[c] = e^x[c] / Σ_j e^x[j]` over the last axis of logits `[…, C]`. */
export function softmax(x: Tensor): Tensor {
  return apply(softmaxOp, [x], {});
}

/** Computes `log p[c] = x[c] − log Σ_j e^x[j]` over the last axis of logits `[…, C]`. */
export function logSoftmax(x: Tensor): Tensor {
  return apply(logSoftmaxOp, [x], {});
}

/**
 * Computes the cross-entropy of each example: `−log p[label]`, or 0 without gradient if the label is outside
 * 0 … C−1, such as NO_LABEL.
 * @param logits `[N, C]`; gets gradient.
 * @param labels int32 `[N]`.
 * @returns `[N]`, not averaged.
 * @throws {TypeError} if labels are not int32. @throws {RangeError} unless there is one label per row.
 */
export function crossEntropy(logits: Tensor, labels: Tensor): Tensor {
  return apply(crossEntropyOp, [logits, labels], {});
}

/** Ops of this file, for the table of all ops. */
export const softmaxOps = [softmaxOp, logSoftmaxOp, crossEntropyOp] as const;
