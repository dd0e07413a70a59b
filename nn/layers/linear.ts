import { add, matmul, type Tensor, type Variable } from "../../kernels/mod.ts";
import type { Initializer } from "../initializer.ts";
import type { Module, NamedVariables } from "../module.ts";

/**
 * Fully connected layer: `y = x · weightᵀ + bias`, `x [N, in]` to `y [N, out]`. Weight `[out, in]` and bias
 * `[out]` start from U(−1/√in, 1/√in), as PyTorch's `nn.Linear`.
 */
export class Linear implements Module {
  /** `weight` `[out, in]` and `bias` `[out]`. */
  readonly parameters: Readonly<Record<"weight" | "bias", Variable>>;
  /** Empty. */
  readonly buffers: NamedVariables = {};

  /** Creates a layer from `inputs` to `outputs` features. */
  constructor(inputs: number, outputs: number, initializer: Initializer) {
    const bound = 1 / Math.sqrt(inputs);
    this.parameters = {
      weight: initializer.uniform("weight", [outputs, inputs], bound),
      bias: initializer.uniform("bias", [outputs], bound),
    };
  }

  /** Returns `[N, out]`. @throws {RangeError} if `x` is not `[N, in]`. */
  forward(x: Tensor): Tensor {
    const { weight, bias } = this.parameters;
    return add(matmul(x, weight, { transposeB: true }), bias);
  }
}
