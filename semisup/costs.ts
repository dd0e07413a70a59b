/**
 * The costs of the method. Each is a scalar divided by N, the size of the whole minibatch, labelled or not.
 * @module
 */
import {
  add,
  crossEntropy,
  div,
  exp,
  formatShape,
  log,
  logSoftmax,
  mul,
  sameShape,
  softmax,
  stopGradient,
  sub,
  sum,
  type Tensor,
} from "../kernels/mod.ts";

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
  return div(sum(crossEntropy(logits, labels)), logits.shape[0]!);
}

/**
 * Consistency cost as squared difference of probabilities: `Σ_n Σ_c (p − q)² / C / N`, `p = softmax(student)`,
 * `q = softmax(teacher)`.
 * @param student Logits `[N, C]`; get gradient.
 * @param teacher Logits `[N, C]`; get none.
 * @throws {RangeError} if shapes differ.
 */
export function softmaxMse(student: Tensor, teacher: Tensor): Tensor {
  const [n, classes] = sizesOf("softmax MSE", student, teacher);
  const difference = sub(softmax(student), stopGradient(softmax(teacher)));
  return div(sum(mul(difference, difference)), n * classes);
}

/**
 * Consistency cost as divergence from the teacher: `Σ_n Σ_c q (log q − log p) / N`, `p = softmax(student)`,
 * `q = softmax(teacher)`.
 * @param student Logits `[N, C]`; get gradient.
 * @param teacher Logits `[N, C]`; get none.
 * @throws {RangeError} if shapes differ.
 */
export function softmaxKl(student: Tensor, teacher: Tensor): Tensor {
  const [n] = sizesOf("softmax KL", student, teacher);
  const target = stopGradient(logSoftmax(teacher));
  return div(sum(mul(exp(target), sub(target, logSoftmax(student)))), n);
}

/**
 * Consistency cost between squared difference and divergence, by how far a prediction is trusted: the divergence
 * `Σ_n Σ_c q' (log q' − log p') / N · 2 (1 − 1/C) / C² / trust²` of the probabilities mixed with the uniform
 * distribution, `p' = trust · p + (1 − trust) / C`. 1 is the divergence itself, scaled; 0 is
 * {@linkcode softmaxMse}.
 * @param student Logits `[N, C]`; get gradient.
 * @param teacher Logits `[N, C]`; get none.
 * @param trust In [0, 1].
 * @throws {RangeError} if shapes differ or the trust is outside [0, 1].
 */
export function consistencyTrust(student: Tensor, teacher: Tensor, trust: number): Tensor {
  if (!(trust >= 0 && trust <= 1)) {
    throw new RangeError(`Cannot compute consistency as trust must be in [0, 1]: it is ${trust}`);
  }
  if (trust === 0) return softmaxMse(student, teacher);
  const [n, classes] = sizesOf("consistency", student, teacher);
  const scale = 2 * (1 - 1 / classes) / classes ** 2 / trust ** 2 / n;
  if (trust === 1) return mul(softmaxKl(student, teacher), scale * n);
  const mixed = (logits: Tensor) => add(mul(softmax(logits), trust), (1 - trust) / classes);
  const target = stopGradient(mixed(teacher));
  return mul(sum(mul(target, sub(log(target), log(mixed(student))))), scale);
}

/**
 * Logit distance: `Σ_n Σ_c (first − second)² / C / N` of the two heads of a network, so that the one that is held
 * to the teacher may be a little apart from the one that is held to labels.
 * @param first Logits `[N, C]`; get gradient.
 * @param second Logits `[N, C]`; get gradient.
 * @throws {RangeError} if shapes differ.
 */
export function logitDistance(first: Tensor, second: Tensor): Tensor {
  const [n, classes] = sizesOf("logit distance", first, second);
  const difference = sub(first, second);
  return div(sum(mul(difference, difference)), n * classes);
}
