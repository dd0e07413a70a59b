import { add, mul, randomUniform, shakeShake, type Tensor } from "../../kernels/mod.ts";
import type { ForwardContext } from "../module.ts";

/**
 * Mixes the two branches of a block (Gastaldi 2017). In training, {@linkcode shakeShake} mixes each example
 * with `α ~ U(0, 1)` in the forward pass and an independent `β ~ U(0, 1)` in the backward pass; evaluation
 * takes the mean.
 * @param a `[N, …]`; gets gradient.
 * @param b `[N, …]`; gets gradient.
 * @throws {RangeError} if shapes differ. @throws {TypeError} in training if the context has no random key.
 */
export function mixBranches(a: Tensor, b: Tensor, context: ForwardContext): Tensor {
  if (!context.training) return mul(add(a, b), 0.5);
  const share = () => randomUniform(context.key, context.nextStream(), a.shape.slice(0, 1));
  return shakeShake(a, b, share(), share());
}
