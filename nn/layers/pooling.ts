import {
  avgPool2d,
  globalAvgPool2d,
  globalMaxPool2d,
  maxPool2d,
  type PoolOptions,
  type Tensor,
} from "../../kernels/mod.ts";
import { StatelessLayer } from "./stateless.ts";

/** Largest element of each window of `x [N, C, H, W]`. */
export class MaxPool2d extends StatelessLayer {
  /** Windows to pool over. */
  constructor(readonly options: PoolOptions) {
    super();
  }
  /** `[N, C, OH, OW]`. */
  override forward(x: Tensor): Tensor {
    return maxPool2d(x, this.options);
  }
}

/** Mean of each window of `x [N, C, H, W]`; padding counts as zeros. */
export class AvgPool2d extends StatelessLayer {
  /** Windows to pool over. */
  constructor(readonly options: PoolOptions) {
    super();
  }
  /** `[N, C, OH, OW]`. */
  override forward(x: Tensor): Tensor {
    return avgPool2d(x, this.options);
  }
}

/** Mean of each map: `x [N, C, H, W]` to `[N, C]`. */
export class GlobalAvgPool2d extends StatelessLayer {
  /** `[N, C]`. */
  override forward(x: Tensor): Tensor {
    return globalAvgPool2d(x);
  }
}

/** Largest element of each map: `x [N, C, H, W]` to `[N, C]`. */
export class GlobalMaxPool2d extends StatelessLayer {
  /** `[N, C]`. */
  override forward(x: Tensor): Tensor {
    return globalMaxPool2d(x);
  }
}
