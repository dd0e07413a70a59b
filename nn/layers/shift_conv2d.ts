import { concat, formatShape, relu, slice, type Tensor } from "../../kernels/mod.ts";
import type { Initializer } from "../initializer.ts";
import { type ForwardContext, type Module, type NamedVariables, variablesOf } from "../module.ts";
import { BatchNorm2d } from "./batch_norm2d.ts";
import { Conv2d } from "./conv2d.ts";

/** Every second row and column of `x [N, C, H, W]`, starting with number `offset` of each. */
function subGrid(x: Tensor, offset: 0 | 1): Tensor {
  const [n, c, height, width] = x.shape as [number, number, number, number];
  return slice(x, [0, 0, offset, offset], [n, c, height / 2, width / 2], [1, 1, 2, 2]);
}

/**
 * The way around a block that halves height and width (Gastaldi 2017, section 2.1): the even rows of even columns and
 * the odd rows of odd columns of `x [N, in, H, W]`, side by side as `2·in` channels, ReLU, a 1×1 convolution of two groups,
 * one for each half, with bias, batch normalisation: `[N, out, H/2, W/2]`.
 */
export class ShiftConv2d implements Module {
  /** `conv.weight` `[out, in, 1, 1]`, `conv.bias`, `bn.weight`, `bn.bias`. */
  readonly parameters: NamedVariables;
  /** `bn.running_mean`, `bn.running_var`. */
  readonly buffers: NamedVariables;
  readonly #conv: Conv2d;
  readonly #bn: BatchNorm2d;

  /** A layer from `inputs` to `outputs` channels, an even number. */
  constructor(inputs: number, outputs: number, initializer: Initializer) {
    this.#conv = new Conv2d(2 * inputs, outputs, 1, initializer, { groups: 2 });
    this.#bn = new BatchNorm2d(outputs, initializer);
    const { parameters, buffers } = variablesOf({ conv: this.#conv, bn: this.#bn });
    this.parameters = parameters;
    this.buffers = buffers;
  }

  /** `[N, out, H/2, W/2]`. @throws {RangeError} if height or width is odd: the halves would differ. */
  forward(x: Tensor, context: ForwardContext): Tensor {
    const [, , height = 1, width = 1] = x.shape;
    if (x.shape.length !== 4 || height % 2 !== 0 || width % 2 !== 0) {
      throw new RangeError(
        `Cannot halve images as height and width must be even: shape is ${formatShape(x.shape)}`,
      );
    }
    const halves = relu(concat([subGrid(x, 0), subGrid(x, 1)], 1));
    return this.#bn.forward(this.#conv.forward(halves), context);
  }
}
