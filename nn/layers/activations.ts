import { leakyRelu, relu, type Tensor } from "../../kernels/mod.ts";
import { StatelessLayer } from "./stateless.ts";

/** `max(x, 0)`, any shape. */
export class ReLU extends StatelessLayer {
  /** The same shape. */
  override forward(x: Tensor): Tensor {
    return relu(x);
  }
}

/** `x` where positive, else `slope · x`; any shape. */
export class LeakyReLU extends StatelessLayer {
  /** A layer of a slope. @param slope 0.01 where absent, as PyTorch's; the paper's networks take 0.1. */
  constructor(readonly slope: number = 0.01) {
    super();
  }
  /** The same shape. */
  override forward(x: Tensor): Tensor {
    return leakyRelu(x, this.slope);
  }
}
