import { concat, formatShape, relu, slice, type Tensor } from "../../kernels/mod.ts";
import type { Initializer } from "../initializer.ts";
import {
  type ForwardContext,
  type Module,
  type NamedModules,
  type NamedVariables,
  variablesOf,
} from "../module.ts";
import { BatchNorm2d } from "./batch_norm2d.ts";
import { Conv2d } from "./conv2d.ts";

/** Returns every second row and column of `x [N, C, H, W]`, starting at `offset`. */
function takeSubgrid(x: Tensor, offset: 0 | 1): Tensor {
  const [n, c, height, width] = x.shape as [number, number, number, number];
  return slice(x, [0, 0, offset, offset], [n, c, height / 2, width / 2], [1, 1, 2, 2]);
}

/**
 * Shortcut of a residual block that halves height and width (Gastaldi 2017, section 2.1). It joins the
 * elements of `x [N, in, H, W]` in even rows and columns with those in odd rows and columns as `2·in`
 * channels, and applies ReLU, a 1×1 convolution with bias and one group per half, and batch normalisation:
 * `[N, out, H/2, W/2]`.
 */
export class ShiftConv2d implements Module {
  /** `conv.weight` `[out, in, 1, 1]`, `conv.bias`, `bn.weight`, `bn.bias`. */
  readonly parameters: NamedVariables;
  /** `bn.running_mean`, `bn.running_var`. */
  readonly buffers: NamedVariables;
  /** Convolution `conv` and normalisation `bn`. */
  readonly children: NamedModules;
  readonly #conv: Conv2d;
  readonly #bn: BatchNorm2d;

  /** Creates a layer from `inputs` to `outputs` channels. @param outputs An even number. */
  constructor(inputs: number, outputs: number, initializer: Initializer) {
    this.#conv = new Conv2d(2 * inputs, outputs, 1, initializer, { groups: 2 });
    this.#bn = new BatchNorm2d(outputs, initializer);
    this.children = { conv: this.#conv, bn: this.#bn };
    const { parameters, buffers } = variablesOf(this.children);
    this.parameters = parameters;
    this.buffers = buffers;
  }

  /**
   * Returns `[N, out, H/2, W/2]`.
   * @throws {RangeError} if height or width is odd: the halves would differ in size.
   */
  forward(x: Tensor, context: ForwardContext): Tensor {
    const [, , height = 1, width = 1] = x.shape;
    if (x.shape.length !== 4 || height % 2 !== 0 || width % 2 !== 0) {
      throw new RangeError(
        `Cannot halve images: height and width must be even, but the shape is ${formatShape(x.shape)}`,
      );
    }
    const halves = relu(concat([takeSubgrid(x, 0), takeSubgrid(x, 1)], 1));
    return this.#bn.forward(this.#conv.forward(halves), context);
  }
}
