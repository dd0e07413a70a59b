import {
  avgPool2d,
  globalAvgPool2d,
  globalMaxPool2d,
  maxPool2d,
  type PoolOptions,
  type Tensor,
} from "../../kernels/mod.ts";
import { StatelessLayer } from "./stateless.ts";

/** Layer that takes the largest element of each window of `x [N, C, H, W]`. */
export class MaxPool2d extends StatelessLayer {
  /** Creates a layer. @param options Size, stride and padding of the windows. */
  constructor(readonly options: PoolOptions) {
    super();
  }
  /** Returns `[N, C, OH, OW]`. */
  override forward(x: Tensor): Tensor {
    return maxPool2d(x, this.options);
  }
}

/** Layer that takes the mean of each window of `x [N, C, H, W]`; padding counts as zeros. */
export class AvgPool2d extends StatelessLayer {
  /** Creates a layer. @param options Size, stride and padding of the windows. */
  constructor(readonly options: PoolOptions) {
    super();
  }
  /** Returns `[N, C, OH, OW]`. */
  override forward(x: Tensor): Tensor {
    return avgPool2d(x, this.options);
  }
}

/** Layer that takes the mean of each feature map: `x [N, C, H, W]` to `[N, C]`. */
export class GlobalAvgPool2d extends StatelessLayer {
  /** Returns `[N, C]`. */
  override forward(x: Tensor): Tensor {
    return globalAvgPool2d(x);
  }
}

/** Layer that takes the largest element of each feature map: `x [N, C, H, W]` to `[N, C]`. */
export class GlobalMaxPool2d extends StatelessLayer {
  /** Returns `[N, C]`. */
  override forward(x: Tensor): Tensor {
    return globalMaxPool2d(x);
  }
}
