import { add, conv2d, type ConvOptions, perChannel, type Tensor, type Variable } from "../../kernels/mod.ts";
import type { Initializer } from "../initializer.ts";
import type { Module, NamedVariables } from "../module.ts";

/** Options of {@linkcode Conv2d}. */
export interface Conv2dOptions extends ConvOptions {
  /** True if each output channel has a bias; default true. */
  readonly bias?: boolean;
  /**
   * Distribution of the initial weight: "normal" = N(0, √(2 / (k·k·out))), the initialisation of ResNets (He
   * et al. 2015, fan-out); "default" = U(±1/√(k·k·in/groups)), the default of PyTorch. Default "normal".
   */
  readonly initialization?: "normal" | "default";
}

/** Two-dimensional convolution, `x [N, in, H, W]` to `[N, out, OH, OW]`; weight `[out, in/groups, k, k]`. */
export class Conv2d implements Module {
  /** `weight`, and `bias` if the layer has one. */
  readonly parameters: { readonly weight: Variable; readonly bias?: Variable };
  /** Empty. */
  readonly buffers: NamedVariables = {};
  readonly #options: ConvOptions;

  /** Creates a layer from `inputs` to `outputs` channels with a kernel of `kernel`×`kernel`. */
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

  /**
   * Returns `[N, out, OH, OW]`.
   * @throws {RangeError} if `x` has another number of channels than the layer, or is smaller than the kernel.
   */
  forward(x: Tensor): Tensor {
    const { weight, bias } = this.parameters;
    const y = conv2d(x, weight, this.#options);
    return bias ? add(y, perChannel(bias, y)) : y;
  }
}
