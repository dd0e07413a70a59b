/**
 * Max-pooling over windows of images.
 * @module
 */
import type { KernelOp } from "../../op.ts";
import {
  apply,
  checkFloats,
  checkGradient,
  formatShape,
  formatShapes,
  sameShape,
  type Shape,
  sizeOf,
  type Tensor,
} from "../../tensor.ts";
import { linearWorkgroups, longestLoop } from "../../workgroups.ts";
import maxWgsl from "./pool_max.wgsl" with { type: "text" };
import maxGradientWgsl from "./pool_max_gradient.wgsl" with { type: "text" };
import maxGradientCellsWgsl from "./pool_max_gradient_cells.wgsl" with { type: "text" };
import sizesWgsl from "./pool_sizes.wgsl" with { type: "text" };
import { cellsPool, cellsPoolGradient } from "./pool_cells.ts";
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

/** Returns the loop iterations of a scan of a square, including the outer loop. */
function scanIterations(size: number): number {
  return size + size ** 2;
}

/**
 * Returns the shape of the result.
 * @throws {RangeError} if windows are too large, as maxima are not split like sums.
 */
function maxPooledShape(x: Shape, attributes: PoolAttributes): Shape<4> {
  const shape = pooledShape(x, attributes);
  const { kernel, stride } = attributes;
  // The gradient scans every window that covers an element.
  const overlaps = Math.ceil(kernel / stride);
  if (overlaps + overlaps ** 2 * (1 + scanIterations(kernel)) > longestLoop) {
    const state = `input ${formatShape(x)}, kernel ${kernel}, stride ${stride}`;
    throw new RangeError(
      `Cannot pool: kernel and overlap must be small, but got ${state}. Use global pooling instead.`,
    );
  }
  return shape;
}

/** Returns whether each element is in at most one window, so that one scan serves all its elements. */
function hasCells({ kernel, stride }: PoolAttributes): boolean {
  return kernel <= stride && scanIterations(kernel) + scanIterations(stride) <= longestLoop;
}

/** Returns the flat position of the first maximum of each window. */
function findFirstMaxima(x: Float64Array, shape: Shape<4>, attributes: PoolAttributes): Int32Array {
  const places = new Int32Array(sizeOf(pooledShape(shape, attributes))).fill(-1);
  visitElements(shape, attributes, (element, window) => {
    if (places[window]! < 0 || x[element]! > x[places[window]!]!) places[window] = element;
  });
  return places;
}

const largeWindows: readonly Windows[] = [
  { x: [700, 16, 14, 14], attributes: { kernel: 2, stride: 2, padding: 0 } },
  { x: [1, 1, 256, 255], attributes: { kernel: 255, stride: 255, padding: 0 } },
  { x: [1, 1, 180, 181], attributes: { kernel: 180, stride: 180, padding: 0 } },
  { x: [1, 1, 182, 181], attributes: { kernel: 181, stride: 181, padding: 0 } },
  { x: [1, 1, 16, 17], attributes: { kernel: 15, stride: 1, padding: 0 } },
  { x: [300, 16, 30, 31], attributes: { kernel: 3, stride: 2, padding: 1 } },
];

/** Op of max-pooling: returns `values` at the maxima of `x`; two operands make second gradients possible. */
const maxPoolOp: KernelOp<PoolAttributes, [Shape<4>, Shape<4>]> = {
  kind: "kernel",
  name: "max_pool_2d",
  infer([x, values], attributes) {
    checkFloats("pool", [x, values]);
    if (!sameShape(x.shape, values.shape)) {
      throw new RangeError(
        `Cannot pool: values must have the input's shape, but shapes are ${formatShapes([values, x])}`,
      );
    }
    return { shape: maxPooledShape(x.shape, attributes), dtype: "float32" };
  },
  kernel: ({ inputs: [x], attributes }) => ({
    wgsl: maxWgsl + sizesWgsl,
    constants: constants(x.shape, pooledShape(x.shape, attributes), attributes),
  }),
  variants: [cellsPool],
  vjp: (dy, { inputs: [x], attributes }) => [null, apply(maxPoolGradientOp, [x, dy], attributes)],
  reference: ([x, values], { inputs, attributes }) =>
    Float64Array.from(findFirstMaxima(x, inputs[0].shape, attributes), (place) => values[place]!),
  samples: samplesOf(largeWindows, (x) => [x, x], (attributes) => attributes),
  refusals: [
    ...refusalsOf(2),
    {
      shapes: [[1, 1, 400, 400], [1, 1, 400, 400]],
      attributes: { kernel: 256, stride: 256, padding: 0 },
      message: "kernel and overlap must be small",
    },
    {
      shapes: [[1, 1, 4, 4], [1, 1, 4, 5]],
      attributes: { kernel: 2, stride: 2, padding: 0 },
      message: "values must have the input's shape",
    },
  ],
};

const maxPoolGradientOp: KernelOp<PoolAttributes, [Shape<4>, Shape<4>]> = {
  kind: "kernel",
  name: "max_pool_2d_gradient",
  infer([x, gradient], attributes) {
    checkFloats("pool", [x, gradient]);
    checkGradient("pooling", gradient.shape, maxPooledShape(x.shape, attributes));
    return { shape: x.shape, dtype: "float32" };
  },
  kernel({ inputs: [x, gradient], attributes }) {
    const [n, c, h, w] = x.shape;
    const { stride, padding } = attributes;
    const cells = n * c * Math.ceil((h + padding) / stride) * Math.ceil((w + padding) / stride);
    const inCells = hasCells(attributes);
    return {
      wgsl: (inCells ? maxGradientCellsWgsl : maxGradientWgsl) + sizesWgsl,
      constants: constants(x.shape, gradient.shape, attributes),
      workgroups: linearWorkgroups(inCells ? cells : sizeOf(x.shape)),
    };
  },
  variants: [cellsPoolGradient],
  vjp: (ddx, { inputs: [x], attributes }) => [null, apply(maxPoolOp, [x, ddx], attributes)],
  reference([x, gradient], { inputs, attributes }) {
    const dx = new Float64Array(x.length);
    findFirstMaxima(x, inputs[0].shape, attributes).forEach((place, window) =>
      dx[place]! += gradient[window]!
    );
    return dx;
  },
  samples: samplesOf(largeWindows, (x, y) => [x, y], (attributes) => attributes),
  refusals: [{
    shapes: [[1, 1, 4, 4], [1, 1, 3, 3]],
    attributes: { kernel: 2, stride: 2, padding: 0 },
    message: "gradient must have the shape of the result",
  }],
};

/**
 * Computes the maximum of each window: `y[n, c, oy, ox] = max_{ky, kx} x[n, c, oy·stride + ky − padding, …]`,
 * with padding of −∞, like PyTorch's `max_pool2d`. At a tie, the first element, row by row, gets the
 * gradient.
 * @param x float32 `[N, C, H, W]`; gets gradient.
 * @returns `[N, C, ⌊(H + 2·padding − kernel) / stride⌋ + 1, …]`.
 * @throws {RangeError} if the windows do not fit the image. @throws {TypeError} if `x` is not float32.
 * @example
 * ```ts
 * import { compile, Device, maxPool2d, variable } from "../../mod.ts";
 * const x = variable([1, 1, 2, 4], [1, 2, 3, 4, 8, 7, 6, 5]);
 * using device = await Device.request();
 * const program = await compile(device, {}, () => ({ outputs: { y: maxPool2d(x, { kernel: 2 }) } }));
 * const { y } = await program.runAndRead({});
 * console.assert(y.join() === "8,6");
 * ```
 */
export function maxPool2d(x: Tensor, { kernel, stride = kernel, padding = 0 }: PoolOptions): Tensor {
  return apply(maxPoolOp, [x, x], { kernel, stride, padding });
}

/** Ops of this file, for the table of all ops. */
export const maxPoolOps = [maxPoolOp, maxPoolGradientOp] as const;
