import {
  add,
  formatShape,
  mean,
  mul,
  perChannel,
  reshape,
  sizeOf,
  sub,
  sum,
  sumAcross,
  type Tensor,
  type Variable,
} from "../../kernels/mod.ts";
import type { Initializer } from "../initializer.ts";
import { type ForwardContext, type Module, synchronisedBatch, usesBatchStatistics } from "../module.ts";

/** Options of {@linkcode MeanOnlyBatchNorm}. */
export interface MeanOnlyBatchNormOptions {
  /** Weight of the batch's mean in the new running mean; default 0.001. */
  readonly momentum?: number;
}

/**
 * Mean-only batch normalisation (Salimans & Kingma 2016, section 4) of `x [N, C, …]`: `x − mean + bias`.
 * Training uses the batch's mean, through which gradient flows, and updates the running mean with it;
 * evaluation uses the running mean. Scaling is left to weight normalisation. PyTorch has no such layer; the
 * variables are named as in `nn.BatchNorm2d`.
 */
export class MeanOnlyBatchNorm implements Module {
  /** `bias` `[C]`, initially 0. */
  readonly parameters: { readonly bias: Variable };
  /** `running_mean` `[C]`, initially 0; {@linkcode initializeFromData} sets it to the batch's mean. */
  readonly buffers: { readonly running_mean: Variable };
  readonly #momentum: number;

  /** Creates a layer for inputs of `channels` channels. */
  constructor(
    channels: number,
    initializer: Initializer,
    { momentum = 0.001 }: MeanOnlyBatchNormOptions = {},
  ) {
    this.parameters = { bias: initializer.constant("bias", [channels], 0) };
    this.buffers = { running_mean: initializer.constant("running_mean", [channels], 0) };
    this.#momentum = momentum;
  }

  /**
   * Returns a tensor of the shape of `x`.
   * @throws {RangeError} in training if a channel has a single element, which its own mean would cancel.
   */
  forward(x: Tensor, context: ForwardContext): Tensor {
    const bias = perChannel(this.parameters.bias, x);
    const running = this.buffers.running_mean;
    if (!usesBatchStatistics(this, context)) return add(sub(x, perChannel(running, x)), bias);
    if (sizeOf(x.shape) / sizeOf(running.shape) < 2) {
      throw new RangeError(
        `Cannot normalise batch: each channel must have more than one element, but the shape is ${
          formatShape(x.shape)
        }`,
      );
    }
    const average = averageOf(x, context);
    const current = reshape(average, running.shape);
    if (context.initialValues) context.initialValues.push([running, current]);
    else {
      const blended = add(mul(running, 1 - this.#momentum), mul(current, this.#momentum));
      context.updates.push([running, blended]);
    }
    return add(sub(x, average), bias);
  }
}

/** Returns the mean of each channel, over the whole batch if processes share it and synchronise: `[1, C, 1, …]`. */
function averageOf(x: Tensor, context: ForwardContext): Tensor {
  const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== 1),
    synchronised = synchronisedBatch(context);
  if (!synchronised) return mean(x, axes, { keepAxes: true });
  const { share: { rows, whole }, nextSum } = synchronised, total = sum(x, axes, { keepAxes: true });
  return mul(sumAcross(total, nextSum()), sizeOf(total.shape) / sizeOf(x.shape) * rows / whole);
}
