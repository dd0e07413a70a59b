import { add, conv2d, type ConvOptions, perChannel, type Tensor, type Variable } from "../../kernels/mod.ts";
import type { Initializer } from "../initializer.ts";
import type { Module, NamedVariables } from "../module.ts";

/** What a {@linkcode Conv2d} may be told. */
export interface Conv2dOptions extends ConvOptions {
  /** Whether each output channel has a bias; it has where absent. */
  readonly bias?: boolean;
  /**
   * How the weight starts: "normal" = N(0, √(2 / (k·k·out))), the ResNets' initialisation (He et al. 2015,
   * fan-out); "default" = U(±1/√(k·k·in/groups)), PyTorch's own. "normal" where absent.
   */
  readonly initialization?: "normal" | "default";
}

/** Two-dimensional convolution, `x [N, in, H, W]` to `[N, out, OH, OW]`; weight `[out, in/groups, k, k]`. */
export class Conv2d implements Module {
  /** `weight` and, where there is one, `bias`. */
  readonly parameters: { readonly weight: Variable; readonly bias?: Variable };
  /** None. */
  readonly buffers: NamedVariables = {};
  readonly #options: ConvOptions;

  /** A layer from `inputs` to `outputs` channels with a square kernel. */
  constructor(
    inputs: number,
    outputs: number,
    kernel: number,
    initializer: Initializer,
    options: Conv2dOptions = {},
  ) {
    const { bias = true, initialization = "normal", ...convOptions } = options;
    const { groups = 1 } = convOptions;
    const shape = [outputs, Math.floor(inputs / groups), kernel, kernel];
    const bound = 1 / Math.sqrt(kernel * kernel * inputs / groups);
    const weight = initialization === "normal"
      ? initializer.normal("weight", shape, Math.sqrt(2 / (kernel * kernel * outputs)))
      : initializer.uniform("weight", shape, bound);
    this.parameters = bias ? { weight, bias: initializer.uniform("bias", [outputs], bound) } : { weight };
    this.#options = convOptions;
  }

  /** `[N, out, OH, OW]`. @throws {RangeError} if `x` does not have the layer's channels or is smaller than the kernel. */
  forward(x: Tensor): Tensor {
    const { weight, bias } = this.parameters;
    const y = conv2d(x, weight, this.#options);
    return bias ? add(y, perChannel(bias, y)) : y;
  }
}
