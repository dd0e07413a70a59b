/**
 * The costs of the method. Each is a scalar divided by N, the size of the whole minibatch, labelled or not.
 * @module
 */
import {
  abs,
  add,
  crossEntropy,
  div,
  exp,
  formatShape,
  less,
  log,
  logSoftmax,
  mul,
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

/** What all consistency costs may be told. */
export interface ConsistencyCostOptions {
  /**
   * float32 `[N]`: 1 for examples that count, 0 for others. The cost is divided by N, the number of all, as ever. All count
   * where it is absent.
   */
  readonly examples?: Tensor;
  /** Whether the second logits get gradient too, as the Π model's do; not where absent. */
  readonly gradientToTeacher?: boolean;
}

/** The sum of terms `[N, C]` over the examples that count. */
function total(terms: Tensor, { examples }: ConsistencyCostOptions): Tensor {
  return sum(examples ? mul(terms, reshape(examples, [...examples.shape, 1])) : terms);
}

/** What student and teacher are compared by, held fixed unless it is to get gradient. */
function target(values: Tensor, { gradientToTeacher = false }: ConsistencyCostOptions): Tensor {
  return gradientToTeacher ? values : stopGradient(values);
}

/** Batch size and number of classes of two sets of logits. @throws {RangeError} if shapes are not both `[N, C]`. */
function sizesOf(what: string, a: Tensor, b: Tensor): readonly [number, number] {
  if (a.shape.length !== 2 || !sameShape(a.shape, b.shape)) {
    throw new RangeError(
      `Cannot compute ${what} as both logits must be [N, C]: shapes are ${formatShape(a.shape)} and ${
        formatShape(b.shape)
      }`,
    );
  }
  return a.shape as readonly [number, number];
}

/**
 * Classification cost: `Σ −log p[label] / N` over the labelled examples, with `p = softmax(logits)`. Divided by all
 * N, so an unlabelled example counts as one of cost 0.
 * @param logits `[N, C]`; gets gradient.
 * @param labels int32 `[N]`, NO_LABEL (−1) = unlabelled.
 * @throws {TypeError} if labels are not int32. @throws {RangeError} if there is not one label per row.
 */
export function classificationCost(logits: Tensor, labels: Tensor): Tensor {
  return div(sum(crossEntropy(logits, labels)), sizeOf(labels.shape));
}

/**
 * Consistency cost as squared difference of probabilities: `Σ_n Σ_c (p − q)² / C / N`, `p = softmax(student)`,
 * `q = softmax(teacher)`.
 * @param student Logits `[N, C]`; get gradient.
 * @param teacher Logits `[N, C]`; get none unless asked for.
 * @throws {RangeError} if shapes differ.
 */
export function softmaxMse(
  student: Tensor,
  teacher: Tensor,
  options: ConsistencyCostOptions = {},
): Tensor {
  const [n, classes] = sizesOf("softmax MSE", student, teacher);
  const difference = sub(softmax(student), target(softmax(teacher), options));
  return div(total(mul(difference, difference), options), n * classes);
}

/**
 * Consistency cost as divergence from the teacher: `Σ_n Σ_c q (log q − log p) / N`, `p = softmax(student)`,
 * `q = softmax(teacher)`.
 * @param student Logits `[N, C]`; get gradient.
 * @param teacher Logits `[N, C]`; get none unless asked for.
 * @throws {RangeError} if shapes differ.
 */
export function softmaxKl(
  student: Tensor,
  teacher: Tensor,
  options: ConsistencyCostOptions = {},
): Tensor {
  const [n] = sizesOf("softmax KL", student, teacher);
  const logTarget = target(logSoftmax(teacher), options);
  return div(total(mul(exp(logTarget), sub(logTarget, logSoftmax(student))), options), n);
}

/**
 * Consistency cost between squared difference and divergence, by how far a prediction is trusted: the divergence
 * `Σ_n Σ_c q' (log q' − log p') / N · 2 (1 − 1/C) / C² / trust²` of the probabilities mixed with the uniform
 * distribution, `p' = trust · p + (1 − trust) / C`. 1 is the divergence itself, scaled; 0 is
 * {@linkcode softmaxMse}.
 *
 * Computed as `Σ_n Σ_c (q − p)² / p' · h(u) / N · 2 (1 − 1/C) / C²` with `u = q'/p' − 1 = trust (q − p) / p'` and
 * `h(u) = ((1 + u) log(1 + u) − u) / u²`, which is the same as both distributions sum to 1: the difference of logarithms
 * would lose a share of `ε / trust²`, all of it from a trust of about 1e-4 down.
 * @param student Logits `[N, C]`; get gradient.
 * @param teacher Logits `[N, C]`; get none where the trust is above 0.
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
    throw new RangeError(`Cannot compute consistency as trust must be in [0, 1]: it is ${trust}`);
  }
  if (trust === 0) return softmaxMse(student, teacher, { gradientToTeacher, ...options });
  const [n, classes] = sizesOf("consistency", student, teacher);
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

/** Where the series of {@linkcode divergenceTerm} is taken, and its length: 0.25¹⁰ / 132 is below float32's last bit. */
const seriesBelow = 0.25, seriesLength = 10;

/** `(ratio log ratio − u) / u²` with `ratio = 1 + u`, without its cancellation near `u = 0`, where it is ½. */
function divergenceTerm(u: Tensor, ratio: Tensor): Tensor {
  // Σ_k (−u)ᵏ / ((k + 1)(k + 2)), by Horner's rule.
  const coefficient = (k: number) => 1 / ((k + 1) * (k + 2));
  let series: Tensor | number = coefficient(seriesLength - 1);
  for (let k = seriesLength - 2; k >= 0; k--) series = sub(coefficient(k), mul(u, series));
  const isSmall = less(abs(u), seriesBelow);
  const safe = where(isSmall, 1, u); // Neither value nor gradient of the branch that is not taken may be NaN.
  return where(isSmall, series, div(sub(mul(ratio, log(ratio)), u), mul(safe, safe)));
}

/**
 * Logit distance: `Σ_n Σ_c (first − second)² / C / N` of the two heads of a network, so that the one that is held
 * to the teacher may be a little apart from the one that is held to labels.
 * @param first Logits `[N, C]`; get gradient.
 * @param second Logits `[N, C]`; get gradient.
 * @param reduction Over classes: "mean", or "sum", which leaves `/ C` out as the step version of the reference does.
 * @throws {RangeError} if shapes differ.
 */
export function logitDistance(
  first: Tensor,
  second: Tensor,
  reduction: "mean" | "sum" = "mean",
): Tensor {
  const [n, classes] = sizesOf("logit distance", first, second);
  const difference = sub(first, second);
  return div(sum(mul(difference, difference)), reduction === "mean" ? n * classes : n);
}
