import {
  add,
  batchMean,
  batchNorm,
  batchVariance,
  formatShape,
  mul,
  perChannel,
  rsqrt,
  sizeOf,
  sub,
  type Tensor,
  type Variable,
} from "../../kernels/mod.ts";
import type { Initializer } from "../initializer.ts";
import type { ForwardContext, Module } from "../module.ts";

/** What a {@linkcode BatchNorm2d} may be told. */
export interface BatchNormOptions {
  /** Added to the variance; 1e-5 where absent. */
  readonly epsilon?: number;
  /** Share of the batch's statistics in the running ones' new values; 0.1 where absent. */
  readonly momentum?: number;
}

/**
 * Batch normalisation (Ioffe & Szegedy 2015) of `x [N, C, …]`: `(x − mean) / √(variance + epsilon) · weight + bias`.
 * In training with the batch's statistics, which also move the running ones (the variance divided by count − 1);
 * in evaluation with the running ones. As PyTorch's `nn.BatchNorm2d`.
 */
export class BatchNorm2d implements Module {
  /** `weight` (starts at 1) and `bias` (at 0). */
  readonly parameters: Readonly<Record<"weight" | "bias", Variable>>;
  /** `running_mean` and `running_var`. */
  readonly buffers: Readonly<Record<"running_mean" | "running_var", Variable>>;
  readonly #epsilon: number;
  readonly #momentum: number;

  /** A layer for `channels` channels. */
  constructor(
    channels: number,
    initializer: Initializer,
    { epsilon = 1e-5, momentum = 0.1 }: BatchNormOptions = {},
  ) {
    this.parameters = {
      weight: initializer.constant("weight", [channels], 1),
      bias: initializer.constant("bias", [channels], 0),
    };
    this.buffers = {
      running_mean: initializer.constant("running_mean", [channels], 0),
      running_var: initializer.constant("running_var", [channels], 1),
    };
    this.#epsilon = epsilon;
    this.#momentum = momentum;
  }

  /** The same shape. @throws {RangeError} in training if a channel has a single element, whose variance means nothing. */
  forward(x: Tensor, context: ForwardContext): Tensor {
    const { weight, bias } = this.parameters;
    if (context.training) {
      this.#updateStatistics(x, context);
      return batchNorm(x, weight, bias, { epsilon: this.#epsilon });
    }
    const { running_mean: mean, running_var: variance } = this.buffers;
    const scale = mul(weight, rsqrt(add(variance, this.#epsilon)));
    return add(mul(sub(x, perChannel(mean, x)), perChannel(scale, x)), perChannel(bias, x));
  }

  #updateStatistics(x: Tensor, { updates }: ForwardContext): void {
    const count = sizeOf(x.shape) / sizeOf(this.parameters.bias.shape);
    if (count < 2) {
      throw new RangeError(
        `Cannot normalise batch as each channel must have more than one element: shape is ${
          formatShape(x.shape)
        }`,
      );
    }
    const { running_mean, running_var } = this.buffers;
    const moved = (running: Tensor, current: Tensor) =>
      add(mul(running, 1 - this.#momentum), mul(current, this.#momentum));
    updates.push(
      [running_mean, moved(running_mean, batchMean(x))],
      [running_var, moved(running_var, mul(batchVariance(x), count / (count - 1)))],
    );
  }
}
