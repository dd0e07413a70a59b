/**
 * Costs of the method. Each is a scalar, divided by N: the number of all examples in the batch.
 * @module
 */
import {
  abs,
  add,
  crossEntropy,
  div,
  equal,
  exp,
  formatShape,
  full,
  greater,
  iota,
  less,
  log,
  logSoftmax,
  mul,
  neg,
  reshape,
  sameShape,
  sizeOf,
  softmax,
  stopGradient,
  sub,
  sum,
  type Tensor,
  where,
} from "../kernels/mod.ts";

/** Options of all consistency costs. */
export interface ConsistencyCostOptions {
  /**
   * float32 `[N]`: 1 for examples that count, 0 for others; if absent, all count. The cost is divided by N in
   * any case.
   */
  readonly examples?: Tensor;
  /** True if the teacher's logits get gradient too, as in the Π model; default false. */
  readonly gradientToTeacher?: boolean;
}

/** Sums terms `[N, C]` over the examples that count. */
function total(terms: Tensor, { examples }: ConsistencyCostOptions): Tensor {
  return sum(examples ? mul(terms, reshape(examples, [...examples.shape, 1])) : terms);
}

/** Stops the gradient of the teacher's values unless `gradientToTeacher` is set. */
function targetOf(values: Tensor, { gradientToTeacher = false }: ConsistencyCostOptions): Tensor {
  return gradientToTeacher ? values : stopGradient(values);
}

/**
 * Returns the batch size and the number of classes. @throws {RangeError} if the shapes are not both `[N, C]`.
 */
function checkLogits(costName: string, a: Tensor, b: Tensor): readonly [number, number] {
  if (a.shape.length !== 2 || !sameShape(a.shape, b.shape)) {
    throw new RangeError(
      `Cannot compute ${costName}: both logits must be [N, C], but shapes are ${formatShape(a.shape)} and ${
        formatShape(b.shape)
      }`,
    );
  }
  return a.shape as readonly [number, number];
}

/** Options of {@linkcode classificationCost}. */
export interface ClassificationCostOptions {
  /** Weight of each class, float32 `[C]`, at least 0; if absent, all classes weigh the same. */
  readonly classWeights?: Tensor;
  /** Share ε of every label that is spread evenly over all classes, 0 to 1; default 0. */
  readonly labelSmoothing?: number;
  /** Sums a scalar over the processes that share the batch, with class weights; absent without such. */
  readonly sumOverBatch?: (x: Tensor) => Tensor;
}

/** A classification cost: a scalar from logits `[N, C]` and labels, int32 `[N]`. */
export type ClassificationCost = (logits: Tensor, labels: Tensor) => Tensor;

/**
 * Computes the classification cost: `Σ −log p[label] / N` over the labelled examples, with
 * `p = softmax(logits)`. Unlabelled examples count in N with a cost of 0.
 *
 * With class weights w and label smoothing ε, the mean over the L labelled examples is PyTorch's
 * `cross_entropy` with `weight`, `label_smoothing` and `reduction="mean"`, and the cost is L / N of it:
 * `Σ_n [(1 − ε) w[label] (−log p[label]) + ε / C Σ_c w_c (−log p_c)] / Σ_n w[label] · L / N`. Unlabelled
 * examples have no part in either sum. If all labelled examples have weight 0, the cost is 0; PyTorch's is NaN.
 * @param logits `[N, C]`; gets gradient.
 * @param labels int32 `[N]`, NO_LABEL (−1) = unlabelled.
 * @throws {TypeError} if labels are not int32. @throws {RangeError} if the number of labels is not N.
 */
export function classificationCost(
  logits: Tensor,
  labels: Tensor,
  { classWeights, labelSmoothing = 0, sumOverBatch = (x) => x }: ClassificationCostOptions = {},
): Tensor {
  const terms = crossEntropy(logits, labels), count = sizeOf(labels.shape);
  if (!classWeights && labelSmoothing === 0) return div(sum(terms), count);
  const [, classes = 1] = logits.shape;
  const weights = classWeights ?? full([classes], 1);
  const isLabel = equal(reshape(labels, [count, 1]), iota(classes));
  const [weight, isLabelled] = [sum(mul(isLabel, weights), [1]), sum(isLabel, [1])];
  const spread = mul(isLabelled, neg(sum(mul(logSoftmax(logits), weights), [1])));
  const all = add(
    mul(sum(mul(weight, terms)), 1 - labelSmoothing),
    mul(sum(spread), labelSmoothing / classes),
  );
  if (!classWeights) return div(all, count);
  const total = sumOverBatch(sum(weight)), hasWeight = greater(total, 0);
  const mean = where(hasWeight, div(all, where(hasWeight, total, 1)), 0);
  return mul(mean, div(sumOverBatch(sum(isLabelled)), count));
}

/**
 * Computes the consistency cost as squared difference of probabilities: `Σ_n Σ_c (p − q)² / C / N`,
 * `p = softmax(student)`, `q = softmax(teacher)`.
 * @param student Logits `[N, C]`; get gradient.
 * @param teacher Logits `[N, C]`; get gradient only with `gradientToTeacher`.
 * @throws {RangeError} if shapes differ.
 */
export function softmaxMse(
  student: Tensor,
  teacher: Tensor,
  options: ConsistencyCostOptions = {},
): Tensor {
  const [n, classes] = checkLogits("softmax MSE", student, teacher);
  const difference = sub(softmax(student), targetOf(softmax(teacher), options));
  return div(total(mul(difference, difference), options), n * classes);
}

/**
 * Computes the consistency cost as divergence from the teacher: `Σ_n Σ_c q (log q − log p) / N`,
 * `p = softmax(student)`, `q = softmax(teacher)`.
 * @param student Logits `[N, C]`; get gradient.
 * @param teacher Logits `[N, C]`; get gradient only with `gradientToTeacher`.
 * @throws {RangeError} if shapes differ.
 */
export function softmaxKl(
  student: Tensor,
  teacher: Tensor,
  options: ConsistencyCostOptions = {},
): Tensor {
  const [n] = checkLogits("softmax KL", student, teacher);
  const logTarget = targetOf(logSoftmax(teacher), options);
  return div(total(mul(exp(logTarget), sub(logTarget, logSoftmax(student))), options), n);
}

/**
 * Computes the consistency cost between squared difference and divergence, by the trust in predictions: the
 * divergence `Σ_n Σ_c q' (log q' − log p') / N · 2 (1 − 1/C) / C² / trust²` of the probabilities mixed with
 * the uniform distribution, `p' = trust · p + (1 − trust) / C`. A trust of 1 is the scaled divergence; a
 * trust of 0 is {@linkcode softmaxMse}.
 *
 * Evaluated as `Σ_n Σ_c (q − p)² / p' · h(u) / N · 2 (1 − 1/C) / C²` with
 * `u = q'/p' − 1 = trust (q − p) / p'` and `h(u) = ((1 + u) log(1 + u) − u) / u²`. The two are equal as both
 * distributions sum to 1; the difference of logarithms would have a relative error of `ε / trust²`, so that
 * nothing is left of the result below a trust of about 1e-4.
 * @param student Logits `[N, C]`; get gradient.
 * @param teacher Logits `[N, C]`; get gradient only with `gradientToTeacher` and a trust of 0.
 * @param trust In [0, 1].
 * @throws {RangeError} if shapes differ or the trust is outside [0, 1].
 */
export function consistencyTrust(
  student: Tensor,
  teacher: Tensor,
  trust: number,
  { gradientToTeacher = false, ...options }: ConsistencyCostOptions = {},
): Tensor {
  if (!(trust >= 0 && trust <= 1)) {
    throw new RangeError(`Cannot compute consistency: trust must be in [0, 1], but is ${trust}`);
  }
  if (trust === 0) return softmaxMse(student, teacher, { gradientToTeacher, ...options });
  const [n, classes] = checkLogits("consistency", student, teacher);
  const scale = 2 * (1 - 1 / classes) / classes ** 2;
  if (trust === 1) return mul(softmaxKl(student, teacher, options), scale);
  const p = softmax(student), q = stopGradient(softmax(teacher));
  const mixed = (probabilities: Tensor) => add(mul(probabilities, trust), (1 - trust) / classes);
  const difference = sub(q, p), mixedStudent = mixed(p);
  const terms = mul(
    div(mul(difference, difference), mixedStudent),
    divergenceTerm(div(mul(difference, trust), mixedStudent), div(mixed(q), mixedStudent)),
  );
  return mul(total(terms, options), scale / n);
}

/** Range and length of the series of {@linkcode divergenceTerm}: 0.25¹⁰ / 132 is below float32's last bit. */
const seriesBelow = 0.25, seriesLength = 10;

/** Computes `(ratio log ratio − u) / u²` with `ratio = 1 + u`, without cancellation near `u = 0`. */
function divergenceTerm(u: Tensor, ratio: Tensor): Tensor {
  // Σ_k (−u)ᵏ / ((k + 1)(k + 2)), by Horner's rule.
  const coefficient = (k: number) => 1 / ((k + 1) * (k + 2));
  let series: Tensor | number = coefficient(seriesLength - 1);
  for (let k = seriesLength - 2; k >= 0; k--) series = sub(coefficient(k), mul(u, series));
  const isSmall = less(abs(u), seriesBelow);
  const safe = where(isSmall, 1, u); // Keeps value and gradient of the branch not taken from being NaN.
  return where(isSmall, series, div(sub(mul(ratio, log(ratio)), u), mul(safe, safe)));
}

/**
 * Computes the logit distance of a network's two heads: `Σ_n Σ_c (first − second)² / C / N`. It lets the head
 * that is compared with the teacher differ a little from the head that is compared with labels.
 * @param first Logits `[N, C]`; get gradient.
 * @param second Logits `[N, C]`; get gradient.
 * @param reduction Over classes: "mean", or "sum", which omits `/ C` as the reference's step version does.
 * @throws {RangeError} if shapes differ.
 */
export function logitDistance(
  first: Tensor,
  second: Tensor,
  reduction: "mean" | "sum" = "mean",
): Tensor {
  const [n, classes] = checkLogits("logit distance", first, second);
  const difference = sub(first, second);
  return div(sum(mul(difference, difference)), reduction === "mean" ? n * classes : n);
}
