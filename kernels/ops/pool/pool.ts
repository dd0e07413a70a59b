/**
 * Pooling over windows of images and over whole images.
 * @module
 */
import { formatShape, type Tensor } from "../../tensor.ts";
import { averagePoolOps } from "./pool_average.ts";
import { maxPoolOps } from "./pool_max.ts";
import { max, mean } from "../reduce.ts";

export { avgPool2d } from "./pool_average.ts";
export { maxPool2d } from "./pool_max.ts";
export type { PoolOptions } from "./pool_windows.ts";

function checkImages(x: Tensor): void {
  if (x.shape.length !== 4) {
    throw new RangeError(`Cannot pool: the input must have 4 axes, but its shape is ${formatShape(x.shape)}`);
  }
}

/**
 * Computes the mean of each channel over the whole image.
 * @param x float32 `[N, C, H, W]`; gets gradient.
 * @returns `[N, C]`.
 * @throws {RangeError} if `x` does not have 4 axes.
 */
export function globalAvgPool2d(x: Tensor): Tensor {
  checkImages(x);
  return mean(x, [2, 3]);
}

/**
 * Computes the maximum of each channel over the whole image; ties share the gradient, as in PyTorch's `amax`.
 * @param x float32 `[N, C, H, W]`; gets gradient.
 * @returns `[N, C]`.
 * @throws {RangeError} if `x` does not have 4 axes or has no elements.
 */
export function globalMaxPool2d(x: Tensor): Tensor {
  checkImages(x);
  return max(x, [2, 3]);
}

/** Ops on windows, for the table of all ops. */
export const poolOps = [...maxPoolOps, ...averagePoolOps] as const;
