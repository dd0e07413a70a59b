/**
 * Draws from the beta distribution, on the device.
 * @module
 */
import {
  abs,
  add,
  argmax,
  div,
  exp,
  less,
  log,
  maximum,
  mul,
  neg,
  oneHot,
  randomUniform,
  sigmoid,
  sub,
  sum,
  type Tensor,
} from "../kernels/mod.ts";
import type { ForwardContext } from "../nn/mod.ts";

/** Candidates per draw. One in six is accepted at α = 2 and more below: all are rejected with probability 3e-41. */
const candidates = 512;

/** Largest α of {@linkcode betaShares}. */
export const maxBetaAlpha = 2;

/**
 * Draws from Beta(α, α), by the rejection of Jöhnk 1964: of uniform numbers u and v, `X = u^(1/α)` and
 * `Y = v^(1/α)`, the first pair with `X + Y ≤ 1` gives `X / (X + Y)`. Computed with logarithms, as X and Y vanish for
 * small α.
 * @param context Source of random numbers; gives two streams.
 * @param alpha Above 0 and at most 2.
 * @returns float32 `[count]`, between 0 and 1.
 * @throws {RangeError} if α is out of range.
 */
export function betaShares(context: ForwardContext, alpha: number, count: number): Tensor {
  if (!(alpha > 0 && alpha <= maxBetaAlpha)) {
    throw new RangeError(
      `Cannot draw from the beta distribution: α must be above 0 and at most ${maxBetaAlpha}, but is ${alpha}`,
    );
  }
  // One share for a whole batch is the same in all processes that share the batch.
  const { seed, step } = context.key, key = { seed, step };
  // 1 − u is never 0.
  const [x, y] = [0, 0].map(() =>
    div(log(sub(1, randomUniform(key, context.nextStream(), [count, candidates]))), alpha)
  ) as [Tensor, Tensor];
  const logSum = add(maximum(x, y), log(add(1, exp(neg(abs(sub(x, y)))))));
  const firstAccepted = oneHot(argmax(less(logSum, 0), 1), candidates);
  return sum(mul(firstAccepted, sigmoid(sub(x, y))), [1]);
}
