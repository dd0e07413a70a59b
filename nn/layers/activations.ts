import { leakyRelu, relu, type Tensor } from "../../kernels/mod.ts";
import { StatelessLayer } from "./stateless.ts";

/** Layer that computes `max(x, 0)` of any shape. */
export class ReLU extends StatelessLayer {
  /** Returns a tensor of the shape of `x`. */
  override forward(x: Tensor): Tensor {
    return relu(x);
  }
}

/** Layer that computes `x` if positive, else `slope · x`, of any shape. */
export class LeakyReLU extends StatelessLayer {
  /** Creates a layer. @param slope Default 0.01, as in PyTorch; the paper's networks use 0.1. */
  constructor(readonly slope: number = 0.01) {
    super();
  }
  /** Returns a tensor of the shape of `x`. */
  override forward(x: Tensor): Tensor {
    return leakyRelu(x, this.slope);
  }
}
