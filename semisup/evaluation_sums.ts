/**
 * What is added up on the device of a network's logits on examples whose labels are known.
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
} from "../kernels/mod.ts";

/** How many sums there are. */
export const sumCount = 3;

/**
 * `[1, 3]`: how many examples are classified wrongly; of how many the class is not among the five likeliest, 0 where there are
 * fewer than five classes; and the sum of cross-entropies.
 * @param logits `[N, C]`
 * @param labels int32 `[N]`
 * @param isExample `[N]`: 0 for rows that do not count, else 1.
 */
export function evaluationSums(logits: Tensor, labels: Tensor, isExample: Tensor): Tensor {
  const [, classes = 0] = logits.shape;
  const sums = [
    wrongAmong(logits, labels, isExample),
    classes < 5 ? full([1], 0) : beyondFiveAmong(logits, labels, isExample),
    costOf(logits, labels, isExample),
  ];
  return reshape(concat(sums, 0), [1, sumCount]);
}

/** `[1]`: how many examples are classified wrongly. */
function wrongAmong(logits: Tensor, labels: Tensor, isExample: Tensor): Tensor {
  const isRight = cast(equal(argmax(logits, 1), labels), "float32");
  return reshape(sum(mul(isExample, sub(1, isRight))), [1]);
}

/** `[1]`: of how many examples the class is not among the five likeliest; of equal logits the first class is the likeliest. */
function beyondFiveAmong(logits: Tensor, labels: Tensor, isExample: Tensor): Tensor {
  const [count, classes] = logits.shape as [number, number];
  const label = reshape(labels, [count, 1]);
  const column = iota(classes);
  const own = sum(where(equal(column, label), logits, 0), [1], { keepAxes: true });
  const isTieLost = mul(equal(logits, own), greater(column, label));
  // Those that stand behind are counted, not those before, so that a logit that is no number is never right.
  const behind = sum(add(less(logits, own), isTieLost), [1]);
  return reshape(sum(mul(isExample, less(behind, classes - 5))), [1]);
}

/** `[1]`: the sum of the examples' cross-entropies. */
function costOf(logits: Tensor, labels: Tensor, isExample: Tensor): Tensor {
  return reshape(sum(mul(isExample, crossEntropy(logits, labels))), [1]);
}
