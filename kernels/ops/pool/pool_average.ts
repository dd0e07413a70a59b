/**
 * Average pooling over windows of images.
 * @module
 */
import type { KernelOp } from "../../op.ts";
import { apply, checkFloats, checkGradient, type Shape, sizeOf, type Tensor } from "../../tensor.ts";
import averageWgsl from "./pool_average.wgsl" with { type: "text" };
import averageGradientWgsl from "./pool_average_gradient.wgsl" with { type: "text" };
import sizesWgsl from "./pool_sizes.wgsl" with { type: "text" };
import {
  constants,
  type PoolAttributes,
  pooledShape,
  type PoolOptions,
  refusalsOf,
  samplesOf,
  visitElements,
  type Windows,
} from "./pool_windows.ts";

type GradientAttributes = PoolAttributes & { readonly height: number; readonly width: number };

const largeWindows: readonly Windows[] = [
  { x: [700, 16, 14, 14], attributes: { kernel: 2, stride: 2, padding: 0 } },
  { x: [1, 1, 300, 301], attributes: { kernel: 300, stride: 300, padding: 0 } },
  { x: [1, 2, 40, 41], attributes: { kernel: 31, stride: 1, padding: 15 } },
  { x: [300, 16, 30, 31], attributes: { kernel: 3, stride: 2, padding: 1 } },
];

const averagePoolOp: KernelOp<PoolAttributes, [Shape<4>]> = {
  kind: "kernel",
  name: "avg_pool_2d",
  infer([x], attributes) {
    checkFloats("pool", [x]);
    return { shape: pooledShape(x.shape, attributes), dtype: "float32" };
  },
  kernel: ({ inputs: [x], attributes }, chunks) => ({
    wgsl: averageWgsl + sizesWgsl,
    constants: { ...constants(x.shape, pooledShape(x.shape, attributes), attributes), ...chunks },
  }),
  extent: ({ attributes: { kernel } }) => ({ rows: kernel, length: kernel }),
  vjp: (gradient, { inputs: [x], attributes }) => [apply(averagePoolGradientOp, [gradient], {
    ...attributes,
    height: x.shape[2],
    width: x.shape[3],
  })],
  reference([x], { inputs, attributes, shape }) {
    const y = new Float64Array(sizeOf(shape));
    visitElements(inputs[0].shape, attributes, (element, window) => y[window]! += x[element]!);
    return y.map((total) => total / attributes.kernel ** 2);
  },
  samples: samplesOf(largeWindows, (x) => [x], (attributes) => attributes),
  refusals: refusalsOf(1),
};

function imageShape({ shape: [n = 0, c = 0] }: Tensor, { height, width }: GradientAttributes): Shape<4> {
  return [n, c, height, width];
}

const averagePoolGradientOp: KernelOp<GradientAttributes, [Shape<4>]> = {
  kind: "kernel",
  name: "avg_pool_2d_gradient",
  infer([gradient], attributes) {
    checkFloats("pool", [gradient]);
    const shape = imageShape(gradient, attributes);
    checkGradient("pooling", gradient.shape, pooledShape(shape, attributes));
    return { shape, dtype: "float32" };
  },
  kernel({ inputs: [gradient], attributes }, chunks) {
    const image = imageShape(gradient, attributes);
    return {
      wgsl: averageGradientWgsl + sizesWgsl,
      constants: { ...constants(image, gradient.shape, attributes), ...chunks },
    };
  },
  extent({ attributes: { kernel, stride } }) {
    const overlaps = Math.ceil(kernel / stride);
    return { rows: overlaps, length: overlaps };
  },
  vjp: (ddx, { attributes: { kernel, stride, padding } }) => [avgPool2d(ddx, { kernel, stride, padding })],
  reference([gradient], { inputs, attributes, shape }) {
    const dx = new Float64Array(sizeOf(shape));
    visitElements(
      imageShape(inputs[0], attributes),
      attributes,
      (element, window) => dx[element]! += gradient[window]! / attributes.kernel ** 2,
    );
    return dx;
  },
  samples: samplesOf(
    largeWindows,
    (_, y) => [y],
    (attributes, x) => ({ ...attributes, height: x[2], width: x[3] }),
  ),
  refusals: [{
    shapes: [[1, 1, 3, 3]],
    attributes: { kernel: 2, stride: 2, padding: 0, height: 4, width: 4 },
    message: "gradient must have the shape of the result",
  }],
};

/**
 * Computes the mean of each window:
 * `y[n, c, oy, ox] = Σ_{ky, kx} x[n, c, oy·stride + ky − padding, …] / kernel²`, where padding counts as
 * zeros, like PyTorch's `avg_pool2d` with `count_include_pad`.
 * @param x float32 `[N, C, H, W]`; gets gradient.
 * @returns `[N, C, ⌊(H + 2·padding − kernel) / stride⌋ + 1, …]`.
 * @throws {RangeError} if the windows do not fit the image. @throws {TypeError} if `x` is not float32.
 */
export function avgPool2d(x: Tensor, { kernel, stride = kernel, padding = 0 }: PoolOptions): Tensor {
  return apply(averagePoolOp, [x], { kernel, stride, padding });
}

/** Ops of this file, for the table of all ops. */
export const averagePoolOps = [averagePoolOp, averagePoolGradientOp] as const;
