import { dropout, gaussianNoise, type Tensor } from "../../kernels/mod.ts";
import type { ForwardContext } from "../module.ts";
import { StatelessLayer } from "./stateless.ts";

/**
 * Inverted dropout (Srivastava et al. 2014): in training, each element becomes 0 with `probability`, else
 * `x / (1 − probability)`.
 */
export class Dropout extends StatelessLayer {
  /** Creates a layer. @param probability In [0, 1). */
  constructor(readonly probability: number) {
    super();
  }
  /**
   * Returns a tensor of the shape of `x`; in evaluation `x` itself.
   * @throws {RangeError} if the probability is outside [0, 1). @throws {TypeError} if the context has no
   * random key.
   */
  override forward(x: Tensor, context: ForwardContext): Tensor {
    if (!context.training || this.probability === 0) return x;
    return dropout(x, this.probability, context.key, context.nextStream());
  }
}

/** Layer that adds noise in training: `x + standardDeviation · z` with standard normal `z`. */
export class GaussianNoise extends StatelessLayer {
  /** Creates a layer. @param standardDeviation In the units of `x`, at least 0. */
  constructor(readonly standardDeviation: number) {
    super();
  }
  /**
   * Returns a tensor of the shape of `x`; in evaluation `x` itself.
   * @throws {RangeError} if the standard deviation is not a number ≥ 0. @throws {TypeError} if the context
   * has no random key.
   */
  override forward(x: Tensor, context: ForwardContext): Tensor {
    if (!context.training || this.standardDeviation === 0) return x;
    return gaussianNoise(x, this.standardDeviation, context.key, context.nextStream());
  }
}
