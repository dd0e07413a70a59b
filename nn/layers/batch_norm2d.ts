import {
  add,
  batchMean,
  batchNorm,
  batchVariance,
  formatShape,
  mul,
  perChannel,
  rsqrt,
  sharedBatchNorm,
  sharedBatchStatistics,
  sizeOf,
  sub,
  type Tensor,
  type Variable,
} from "../../kernels/mod.ts";
import type { Initializer } from "../initializer.ts";
import {
  type ForwardContext,
  type Module,
  type SharedPass,
  synchronisedBatch,
  usesBatchStatistics,
} from "../module.ts";

/** Options of {@linkcode BatchNorm2d}. */
export interface BatchNormOptions {
  /** Constant added to the variance; default 1e-5. */
  readonly epsilon?: number;
  /** Weight of the batch's statistics in the new running statistics; default 0.1. */
  readonly momentum?: number;
}

/**
 * Batch normalisation (Ioffe & Szegedy 2015) of `x [N, C, …]`, as PyTorch's `nn.BatchNorm2d`:
 * `(x − mean) / √(variance + epsilon) · weight + bias`. Training uses the batch's statistics and updates the
 * running statistics with them (the variance divided by count − 1); evaluation uses the running statistics.
 */
export class BatchNorm2d implements Module {
  /** `weight` `[C]`, initially 1, and `bias` `[C]`, initially 0. */
  readonly parameters: Readonly<Record<"weight" | "bias", Variable>>;
  /** `running_mean` `[C]`, initially 0, and `running_var` `[C]`, initially 1. */
  readonly buffers: Readonly<Record<"running_mean" | "running_var", Variable>>;
  readonly #epsilon: number;
  readonly #momentum: number;

  /** Creates a layer for inputs of `channels` channels. */
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

  /**
   * Returns a tensor of the shape of `x`.
   * @throws {RangeError} in training if a channel has a single element, since its variance is undefined.
   */
  forward(x: Tensor, context: ForwardContext): Tensor {
    const { weight, bias } = this.parameters;
    const synchronised = usesBatchStatistics(this, context) && synchronisedBatch(context);
    if (synchronised) return this.#forwardShared(x, context, synchronised);
    if (usesBatchStatistics(this, context)) {
      this.#updateStatistics(x, context);
      return batchNorm(x, weight, bias, { epsilon: this.#epsilon });
    }
    const { running_mean: mean, running_var: variance } = this.buffers;
    const scale = mul(weight, rsqrt(add(variance, this.#epsilon)));
    return add(mul(sub(x, perChannel(mean, x)), perChannel(scale, x)), perChannel(bias, x));
  }

  /** Normalises with the statistics of the whole batch. */
  #forwardShared(x: Tensor, context: ForwardContext, { share, nextSum }: SharedPass): Tensor {
    const { weight, bias } = this.parameters, { running_mean: center } = this.buffers;
    const count = sizeOf(x.shape) / sizeOf(bias.shape) / share.rows * share.whole;
    const batch = { count, order: nextSum() };
    const { mean, variance } = sharedBatchStatistics(x, center, batch);
    this.#blendStatistics(mean, mul(variance, count / (count - 1)), context);
    return sharedBatchNorm(x, weight, bias, center, { ...batch, epsilon: this.#epsilon });
  }

  #updateStatistics(x: Tensor, context: ForwardContext): void {
    const count = sizeOf(x.shape) / sizeOf(this.parameters.bias.shape);
    if (count < 2) {
      throw new RangeError(
        `Cannot normalise batch: each channel must have more than one element, but the shape is ${
          formatShape(x.shape)
        }`,
      );
    }
    this.#blendStatistics(batchMean(x), mul(batchVariance(x), count / (count - 1)), context);
  }

  #blendStatistics(mean: Tensor, variance: Tensor, { updates }: ForwardContext): void {
    const { running_mean, running_var } = this.buffers;
    const blend = (running: Tensor, current: Tensor) =>
      add(mul(running, 1 - this.#momentum), mul(current, this.#momentum));
    updates.push(
      [running_mean, blend(running_mean, mean)],
      [running_var, blend(running_var, variance)],
    );
  }
}
