import { reshape, sizeOf, type Tensor } from "../../kernels/mod.ts";
import { StatelessLayer } from "./stateless.ts";

/** Layer that merges all axes but the first: `x [N, …]` to `[N, D]`, row-major. */
export class Flatten extends StatelessLayer {
  /** Returns `[N, D]`. */
  override forward(x: Tensor): Tensor {
    const [n = 1, ...rest] = x.shape;
    return reshape(x, [n, sizeOf(rest)]);
  }
}
