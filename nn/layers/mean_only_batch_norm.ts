import {
  add,
  formatShape,
  mean,
  mul,
  perChannel,
  reshape,
  sizeOf,
  sub,
  type Tensor,
  type Variable,
} from "../../kernels/mod.ts";
import type { Initializer } from "../initializer.ts";
import type { ForwardContext, Module } from "../module.ts";

/** What a {@linkcode MeanOnlyBatchNorm} may be told. */
export interface MeanOnlyBatchNormOptions {
  /** Share of the batch's mean in the running one's new value; 0.001 where absent. */
  readonly momentum?: number;
}

/**
 * Mean-only batch normalisation (Salimans & Kingma 2016, section 4) of `x [N, C, …]`: `x − mean + bias`. In training with
 * the batch's mean, through which gradient flows and which also moves the running one; in evaluation with the running
 * one. The scale is weight normalisation's. PyTorch has no such layer; names are those of its `nn.BatchNorm2d`.
 */
export class MeanOnlyBatchNorm implements Module {
  /** `bias` (starts at 0). */
  readonly parameters: { readonly bias: Variable };
  /** `running_mean` (starts at 0; in {@linkcode initializeFromData} as the batch's mean). */
  readonly buffers: { readonly running_mean: Variable };
  readonly #momentum: number;

  /** A layer for `channels` channels. */
  constructor(
    channels: number,
    initializer: Initializer,
    { momentum = 0.001 }: MeanOnlyBatchNormOptions = {},
  ) {
    this.parameters = { bias: initializer.constant("bias", [channels], 0) };
    this.buffers = { running_mean: initializer.constant("running_mean", [channels], 0) };
    this.#momentum = momentum;
  }

  /** The same shape. @throws {RangeError} in training if a channel has a single element, which its mean would cancel. */
  forward(x: Tensor, context: ForwardContext): Tensor {
    const bias = perChannel(this.parameters.bias, x);
    const running = this.buffers.running_mean;
    if (!context.training) return add(sub(x, perChannel(running, x)), bias);
    if (sizeOf(x.shape) / sizeOf(running.shape) < 2) {
      throw new RangeError(
        `Cannot normalise batch as each channel must have more than one element: shape is ${
          formatShape(x.shape)
        }`,
      );
    }
    const average = mean(x, x.shape.map((_, axis) => axis).filter((axis) => axis !== 1), { keepAxes: true });
    const current = reshape(average, running.shape);
    if (context.initialValues) context.initialValues.push([running, current]);
    else {
      const moved = add(mul(running, 1 - this.#momentum), mul(current, this.#momentum));
      context.updates.push([running, moved]);
    }
    return add(sub(x, average), bias);
  }
}
