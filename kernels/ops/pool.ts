/**
 * Pooling over windows of images, and over whole images.
 * @module
 */
import {
  apply,
  formatShape,
  type KernelOp,
  type Refusal,
  sameShape,
  type Sample,
  type Shape,
  sizeOf,
  type Tensor,
} from "../tensor.ts";
import { linearWorkgroups } from "../workgroups.ts";
import averageWgsl from "./pool_average.wgsl" with { type: "text" };
import averageGradientWgsl from "./pool_average_gradient.wgsl" with { type: "text" };
import maxWgsl from "./pool_max.wgsl" with { type: "text" };
import maxGradientWgsl from "./pool_max_gradient.wgsl" with { type: "text" };
import maxGradientCellsWgsl from "./pool_max_gradient_cells.wgsl" with { type: "text" };
import { max, mean } from "./reduce.ts";

/** Windows of a pooling; every number holds for both axes. */
export interface PoolOptions {
  /** Height and width of a window. */
  readonly kernel: number;
  /** Step between windows; `kernel` where absent. */
  readonly stride?: number;
  /** Rows and columns added around the image, at most half of `kernel`; 0 where absent. */
  readonly padding?: number;
}

type PoolAttributes = { readonly kernel: number; readonly stride: number; readonly padding: number };
type GradientAttributes = PoolAttributes & { readonly height: number; readonly width: number };

/** More loop iterations than this in one invocation are cut short, silently, by some software adapters. */
const longestLoop = 65_535;

/** Loop iterations that look through a square: the outer loop's count too. */
function iterations(size: number): number {
  return size + size ** 2;
}

/** Shape of the result. @throws {RangeError} where the windows do not suit the image. */
function pooledShape(x: Shape, { kernel, stride, padding }: PoolAttributes): Shape {
  const at = `input ${formatShape(x)}, kernel ${kernel}, stride ${stride}, padding ${padding}`;
  if (x.length !== 4) throw new RangeError(`Cannot pool as the input must have 4 axes: ${at}`);
  if (![kernel, stride].every((v) => Number.isSafeInteger(v) && v >= 1)) {
    throw new RangeError(`Cannot pool as kernel and stride must be whole numbers ≥ 1: ${at}`);
  }
  if (!Number.isSafeInteger(padding) || padding < 0 || 2 * padding > kernel) {
    throw new RangeError(`Cannot pool as padding must be at most half of the kernel: ${at}`);
  }
  // The gradient of a maximum looks through every window that covers an element.
  const covering = Math.ceil(kernel / stride);
  if (covering + covering ** 2 * (1 + iterations(kernel)) > longestLoop) {
    throw new RangeError(`Cannot pool as kernel and overlap must be small (pool globally instead): ${at}`);
  }
  const [n, c, h, w] = x as [number, number, number, number];
  const [oh, ow] = [h, w].map((size) => Math.floor((size + 2 * padding - kernel) / stride) + 1);
  if (h < 1 || w < 1 || oh! < 1 || ow! < 1) {
    throw new RangeError(`Cannot pool as the kernel must fit into the padded image: ${at}`);
  }
  return [n, c, oh!, ow!];
}

function checkFloats(tensors: readonly Tensor[]): void {
  for (const { dtype } of tensors) {
    if (dtype !== "float32") {
      throw new TypeError(`Cannot pool as elements must be float32: they are ${dtype}`);
    }
  }
}

function checkGradient(gradient: Shape, result: Shape): void {
  if (!sameShape(gradient, result)) {
    throw new RangeError(
      `Cannot differentiate pooling as the gradient must have the shape of its result, ${
        formatShape(result)
      }: it is ${formatShape(gradient)}`,
    );
  }
}

function constants(x: Shape, y: Shape, { kernel, stride, padding }: PoolAttributes): Record<string, number> {
  return {
    PLANES: x[0]! * x[1]!,
    H: x[2]!,
    W: x[3]!,
    OH: y[2]!,
    OW: y[3]!,
    KERNEL: kernel,
    STRIDE: stride,
    PADDING: padding,
  };
}

/** Whether each element is in one window at most: then one look through a window serves all of its elements. */
function isInCells({ kernel, stride }: PoolAttributes): boolean {
  return kernel <= stride && iterations(kernel) + iterations(stride) <= longestLoop;
}

/** Visits every element of every window by its flat position and that of the window, in row-major order. */
function eachElement(
  x: Shape,
  attributes: PoolAttributes,
  visit: (element: number, window: number) => void,
): void {
  const { kernel, stride, padding } = attributes;
  const [n, c, oh, ow] = pooledShape(x, attributes) as [number, number, number, number];
  const h = x[2]!, w = x[3]!;
  for (let window = 0; window < n * c * oh * ow; window++) {
    const top = Math.floor(window / ow) % oh * stride - padding, left = window % ow * stride - padding;
    const plane = Math.floor(window / (oh * ow)) * h;
    for (let iy = Math.max(0, top); iy < Math.min(h, top + kernel); iy++) {
      for (let ix = Math.max(0, left); ix < Math.min(w, left + kernel); ix++) {
        visit((plane + iy) * w + ix, window);
      }
    }
  }
}

/** Flat position of the first maximum of each window. */
function firstMaxima(x: Float64Array, shape: Shape, attributes: PoolAttributes): Int32Array {
  const places = new Int32Array(sizeOf(pooledShape(shape, attributes))).fill(-1);
  eachElement(shape, attributes, (element, window) => {
    if (places[window]! < 0 || x[element]! > x[places[window]!]!) places[window] = element;
  });
  return places;
}

const windows: readonly { readonly x: Shape; readonly attributes: PoolAttributes }[] = [
  { x: [2, 3, 6, 8], attributes: { kernel: 2, stride: 2, padding: 0 } },
  { x: [2, 2, 7, 5], attributes: { kernel: 2, stride: 2, padding: 0 } },
  { x: [1, 3, 9, 8], attributes: { kernel: 3, stride: 2, padding: 1 } },
  { x: [2, 1, 5, 6], attributes: { kernel: 3, stride: 1, padding: 1 } },
  { x: [1, 1, 1, 1], attributes: { kernel: 1, stride: 1, padding: 0 } },
  { x: [1, 2, 8, 7], attributes: { kernel: 2, stride: 3, padding: 1 } },
  { x: [1, 1, 1, 3], attributes: { kernel: 5, stride: 2, padding: 2 } },
  { x: [1, 1, 2, 3], attributes: { kernel: 1, stride: 300, padding: 0 } },
  { x: [0, 3, 4, 4], attributes: { kernel: 2, stride: 2, padding: 0 } },
];
const largeWindows: typeof windows = [
  { x: [700, 16, 14, 14], attributes: { kernel: 2, stride: 2, padding: 0 } },
  { x: [1, 1, 256, 255], attributes: { kernel: 255, stride: 255, padding: 0 } },
  { x: [1, 1, 180, 181], attributes: { kernel: 180, stride: 180, padding: 0 } },
  { x: [1, 1, 182, 181], attributes: { kernel: 181, stride: 181, padding: 0 } },
  { x: [1, 1, 16, 17], attributes: { kernel: 15, stride: 1, padding: 0 } },
  { x: [300, 16, 30, 31], attributes: { kernel: 3, stride: 2, padding: 1 } },
];

function samplesOf<A extends PoolAttributes>(
  shapes: (x: Shape, y: Shape) => readonly Shape[],
  attributesOf: (attributes: PoolAttributes, x: Shape) => A,
): Sample<A>[] {
  return [...windows, ...largeWindows].map(({ x, attributes }) => ({
    shapes: shapes(x, pooledShape(x, attributes)),
    attributes: attributesOf(attributes, x),
    differentiable: windows.some((sample) => sample.x === x),
  }));
}

function refusalsOf(count: number): Refusal<PoolAttributes>[] {
  const of = (x: Shape, kernel: number, stride: number, padding: number, message: string) => ({
    shapes: Array<Shape>(count).fill(x),
    attributes: { kernel, stride, padding },
    message,
  });
  return [
    of([3, 4, 4], 2, 2, 0, "must have 4 axes"),
    of([1, 1, 4, 4], 0, 1, 0, "whole numbers ≥ 1"),
    of([1, 1, 4, 4], 2, 0.5, 0, "whole numbers ≥ 1"),
    of([1, 1, 4, 4], 3, 1, 2, "at most half of the kernel"),
    of([1, 1, 4, 4], 5, 5, 0, "must fit into the padded image"),
    of([1, 1, 400, 400], 256, 256, 0, "kernel and overlap must be small"),
  ];
}

/** Two operands, so that the gradient has a gradient: what is compared, and what is taken where it is largest. */
const maxPoolOp: KernelOp<PoolAttributes> = {
  kind: "kernel",
  name: "max_pool_2d",
  infer([x, values], attributes) {
    checkFloats([x!, values!]);
    if (!sameShape(x!.shape, values!.shape)) {
      throw new RangeError(
        `Cannot pool as values must have the input's shape: shapes are ${formatShape(values!.shape)} and ${
          formatShape(x!.shape)
        }`,
      );
    }
    return { shape: pooledShape(x!.shape, attributes), dtype: "float32" };
  },
  kernel: ({ inputs: [x], attributes, shape }) => ({
    wgsl: maxWgsl,
    constants: constants(x!.shape, shape, attributes),
    workgroups: linearWorkgroups(sizeOf(shape)),
  }),
  vjp: (
    gradient,
    { inputs: [x], attributes },
  ) => [null, apply(maxPoolGradientOp, [x!, gradient], attributes) as unknown as Tensor],
  reference: ([x, values], { inputs, attributes }) =>
    Float64Array.from(firstMaxima(x!, inputs[0]!.shape, attributes), (place) => values![place]!),
  samples: samplesOf((x) => [x, x], (attributes) => attributes),
  refusals: [
    ...refusalsOf(2),
    {
      shapes: [[1, 1, 4, 4], [1, 1, 4, 5]],
      attributes: { kernel: 2, stride: 2, padding: 0 },
      message: "values must have the input's shape",
    },
  ],
};

const maxPoolGradientOp: KernelOp<PoolAttributes> = {
  kind: "kernel",
  name: "max_pool_2d_gradient",
  infer([x, gradient], attributes) {
    checkFloats([x!, gradient!]);
    checkGradient(gradient!.shape, pooledShape(x!.shape, attributes));
    return { shape: x!.shape, dtype: "float32" };
  },
  kernel({ inputs: [x, gradient], attributes }) {
    const [n, c, h, w] = x!.shape as [number, number, number, number];
    const { stride, padding } = attributes;
    const cells = n * c * Math.ceil((h + padding) / stride) * Math.ceil((w + padding) / stride);
    const inCells = isInCells(attributes);
    return {
      wgsl: inCells ? maxGradientCellsWgsl : maxGradientWgsl,
      constants: constants(x!.shape, gradient!.shape, attributes),
      workgroups: linearWorkgroups(inCells ? cells : sizeOf(x!.shape)),
    };
  },
  vjp: (
    cotangent,
    { inputs: [x], attributes },
  ) => [null, apply(maxPoolOp, [x!, cotangent], attributes) as unknown as Tensor],
  reference([x, gradient], { inputs, attributes }) {
    const dx = new Float64Array(x!.length);
    firstMaxima(x!, inputs[0]!.shape, attributes).forEach((place, window) =>
      dx[place]! += gradient![window]!
    );
    return dx;
  },
  samples: samplesOf((x, y) => [x, y], (attributes) => attributes),
  refusals: [{
    shapes: [[1, 1, 4, 4], [1, 1, 3, 3]],
    attributes: { kernel: 2, stride: 2, padding: 0 },
    message: "gradient must have the shape of its result",
  }],
};

const averagePoolOp: KernelOp<PoolAttributes> = {
  kind: "kernel",
  name: "avg_pool_2d",
  infer([x], attributes) {
    checkFloats([x!]);
    return { shape: pooledShape(x!.shape, attributes), dtype: "float32" };
  },
  kernel: ({ inputs: [x], attributes, shape }) => ({
    wgsl: averageWgsl,
    constants: constants(x!.shape, shape, attributes),
    workgroups: linearWorkgroups(sizeOf(shape)),
  }),
  vjp: (gradient, { inputs: [x], attributes }) => [apply(averagePoolGradientOp, [gradient], {
    ...attributes,
    height: x!.shape[2]!,
    width: x!.shape[3]!,
  }) as unknown as Tensor],
  reference([x], { inputs, attributes, shape }) {
    const y = new Float64Array(sizeOf(shape));
    eachElement(inputs[0]!.shape, attributes, (element, window) => y[window]! += x![element]!);
    return y.map((total) => total / attributes.kernel ** 2);
  },
  samples: samplesOf((x) => [x], (attributes) => attributes),
  refusals: refusalsOf(1),
};

const averagePoolGradientOp: KernelOp<GradientAttributes> = {
  kind: "kernel",
  name: "avg_pool_2d_gradient",
  infer([gradient], attributes) {
    checkFloats([gradient!]);
    const [n = 0, c = 0] = gradient!.shape;
    const shape = [n, c, attributes.height, attributes.width];
    checkGradient(gradient!.shape, pooledShape(shape, attributes));
    return { shape, dtype: "float32" };
  },
  kernel: ({ inputs: [gradient], attributes, shape }) => ({
    wgsl: averageGradientWgsl,
    constants: constants(shape, gradient!.shape, attributes),
    workgroups: linearWorkgroups(sizeOf(shape)),
  }),
  vjp: (
    cotangent,
    { attributes: { kernel, stride, padding } },
  ) => [avgPool2d(cotangent, { kernel, stride, padding })],
  reference([gradient], { attributes, shape }) {
    const dx = new Float64Array(sizeOf(shape));
    eachElement(
      shape,
      attributes,
      (element, window) => dx[element]! += gradient![window]! / attributes.kernel ** 2,
    );
    return dx;
  },
  samples: samplesOf((_, y) => [y], (attributes, x) => ({ ...attributes, height: x[2]!, width: x[3]! })),
  refusals: [{
    shapes: [[1, 1, 3, 3]],
    attributes: { kernel: 2, stride: 2, padding: 0, height: 4, width: 4 },
    message: "gradient must have the shape of its result",
  }],
};

/**
 * Largest element of each window: `y[n, c, oy, ox] = max_{ky, kx} x[n, c, oy·stride + ky − padding, …]`, the
 * padding being −∞; the first of equal elements, row by row, gets the gradient. As PyTorch's `max_pool2d`.
 * @param x float32 `[N, C, H, W]`; gets gradient.
 * @returns `[N, C, ⌊(H + 2·padding − kernel) / stride⌋ + 1, …]`.
 * @throws {RangeError} if the windows do not fit the image. @throws {TypeError} if `x` is not float32.
 * @example
 * ```ts
 * import { compile, Device, maxPool2d, variable } from "../mod.ts";
 * const x = variable([1, 1, 2, 4], [1, 2, 3, 4, 8, 7, 6, 5]);
 * const device = await Device.request();
 * const program = await compile(device, {}, () => ({ outputs: { y: maxPool2d(x, { kernel: 2 }) } }));
 * const { y } = await program.runAndRead({});
 * console.assert(y.join() === "8,6");
 * device.destroy();
 * ```
 */
export function maxPool2d(x: Tensor, { kernel, stride = kernel, padding = 0 }: PoolOptions): Tensor {
  return apply(maxPoolOp, [x, x], { kernel, stride, padding }) as unknown as Tensor;
}

/**
 * Mean of each window: `y[n, c, oy, ox] = Σ_{ky, kx} x[n, c, oy·stride + ky − padding, …] / kernel²`, where
 * padding counts as zeros. As PyTorch's `avg_pool2d` with `count_include_pad`.
 * @param x float32 `[N, C, H, W]`; gets gradient.
 * @returns `[N, C, ⌊(H + 2·padding − kernel) / stride⌋ + 1, …]`.
 * @throws {RangeError} if the windows do not fit the image. @throws {TypeError} if `x` is not float32.
 */
export function avgPool2d(x: Tensor, { kernel, stride = kernel, padding = 0 }: PoolOptions): Tensor {
  return apply(averagePoolOp, [x], { kernel, stride, padding }) as unknown as Tensor;
}

function checkImages(x: Tensor): void {
  if (x.shape.length !== 4) {
    throw new RangeError(`Cannot pool as the input must have 4 axes: input ${formatShape(x.shape)}`);
  }
}

/**
 * Mean over each channel's image.
 * @param x float32 `[N, C, H, W]`; gets gradient.
 * @returns `[N, C]`.
 * @throws {RangeError} if `x` does not have 4 axes.
 */
export function globalAvgPool2d(x: Tensor): Tensor {
  checkImages(x);
  return mean(x, [2, 3]);
}

/**
 * Largest element of each channel's image; equal ones share the gradient, as in PyTorch's `amax`.
 * @param x float32 `[N, C, H, W]`; gets gradient.
 * @returns `[N, C]`.
 * @throws {RangeError} if `x` does not have 4 axes or has no elements.
 */
export function globalMaxPool2d(x: Tensor): Tensor {
  checkImages(x);
  return max(x, [2, 3]);
}

/** The ops of this file, for the table of all ops. */
export const poolOps = [maxPoolOp, maxPoolGradientOp, averagePoolOp, averagePoolGradientOp] as const;
