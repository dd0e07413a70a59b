/**
 * Sums over labelled examples that evaluation accumulates on the device.
 * @module
 */
import {
  add,
  argmax,
  cast,
  concat,
  crossEntropy,
  equal,
  full,
  greater,
  iota,
  less,
  mul,
  reshape,
  sub,
  sum,
  type Tensor,
  where,
} from "../../kernels/mod.ts";

/** Number of sums per network. */
export const sumCount = 3;

/**
 * Computes `[1, 3]`: the number of wrongly classified examples; the number of examples whose class is not
 * among the five likeliest, 0 if there are fewer than five classes; and the sum of cross-entropies.
 * @param logits `[N, C]`
 * @param labels int32 `[N]`
 * @param isExample `[N]`: 1 for rows that count, 0 for others.
 */
export function evaluationSums(logits: Tensor, labels: Tensor, isExample: Tensor): Tensor {
  const [, classes = 0] = logits.shape;
  const sums = [
    countWrong(logits, labels, isExample),
    classes < 5 ? full([1], 0) : countBeyondFive(logits, labels, isExample),
    sumCosts(logits, labels, isExample),
  ];
  return reshape(concat(sums, 0), [1, sumCount]);
}

/** Counts the wrongly classified examples: `[1]`. */
function countWrong(logits: Tensor, labels: Tensor, isExample: Tensor): Tensor {
  const isRight = cast(equal(argmax(logits, 1), labels), "float32");
  return reshape(sum(mul(isExample, sub(1, isRight))), [1]);
}

/**
 * Counts the examples whose class is not among the five likeliest: `[1]`. Of equal logits the first class
 * ranks first.
 */
function countBeyondFive(logits: Tensor, labels: Tensor, isExample: Tensor): Tensor {
  const [count, classes] = logits.shape as [number, number];
  const label = reshape(labels, [count, 1]);
  const column = iota(classes);
  const own = sum(where(equal(column, label), logits, 0), [1], { keepAxes: true });
  const isTieLost = mul(equal(logits, own), greater(column, label));
  // Classes that rank lower are counted, not those that rank higher: a logit of NaN then never counts as correct.
  const behind = sum(add(less(logits, own), isTieLost), [1]);
  return reshape(sum(mul(isExample, less(behind, classes - 5))), [1]);
}

/** Sums the examples' cross-entropies: `[1]`. */
function sumCosts(logits: Tensor, labels: Tensor, isExample: Tensor): Tensor {
  return reshape(sum(mul(isExample, crossEntropy(logits, labels))), [1]);
}
