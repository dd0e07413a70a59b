import { reshape, sizeOf, type Tensor } from "../../kernels/mod.ts";
import { StatelessLayer } from "./stateless.ts";

/** All axes but the first as one: `x [N, …]` to `[N, D]`, row-major. */
export class Flatten extends StatelessLayer {
  /** `[N, D]`. */
  override forward(x: Tensor): Tensor {
    const [n = 1, ...rest] = x.shape;
    return reshape(x, [n, sizeOf(rest)]);
  }
}
