import { dropout, gaussianNoise, type Tensor } from "../../kernels/mod.ts";
import type { ForwardContext } from "../module.ts";
import { StatelessLayer } from "./stateless.ts";

/** Inverted dropout (Srivastava et al. 2014): in training each element is 0 with `probability`, else `x / (1 − probability)`. */
export class Dropout extends StatelessLayer {
  /** A layer of a probability. @param probability In [0, 1). */
  constructor(readonly probability: number) {
    super();
  }
  /** The same shape; `x` itself in evaluation. @throws {RangeError} if the probability is outside [0, 1). */
  override forward(x: Tensor, context: ForwardContext): Tensor {
    if (!context.training || this.probability === 0) return x;
    return dropout(x, this.probability, context.key, context.nextStream());
  }
}

/** In training `x + standardDeviation · z` with standard normal `z`. */
export class GaussianNoise extends StatelessLayer {
  /** A layer of a strength. @param standardDeviation In the units of `x`, at least 0. */
  constructor(readonly standardDeviation: number) {
    super();
  }
  /** The same shape; `x` itself in evaluation. @throws {RangeError} if the standard deviation is no number ≥ 0. */
  override forward(x: Tensor, context: ForwardContext): Tensor {
    if (!context.training || this.standardDeviation === 0) return x;
    return gaussianNoise(x, this.standardDeviation, context.key, context.nextStream());
  }
}
