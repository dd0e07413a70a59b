/**
 * Common parts of pooling ops: windows over images, their shape rule, iteration and samples.
 * @module
 */
import type { Refusal, Sample } from "../../op.ts";
import { formatShape, hasAxes, type Shape } from "../../tensor.ts";

/** Windows of a pooling op; numbers apply to both axes. */
export interface PoolOptions {
  /** Height and width of a window. */
  readonly kernel: number;
  /** Step between windows; `kernel` if absent. */
  readonly stride?: number;
  /** Rows and columns added on each side of the image, at most half of `kernel`; 0 if absent. */
  readonly padding?: number;
}

/** {@linkcode PoolOptions} with all defaults filled in. */
export type PoolAttributes = { readonly kernel: number; readonly stride: number; readonly padding: number };

/** Returns the shape of the result. @throws {RangeError} if the windows do not fit the image. */
export function pooledShape(x: Shape, { kernel, stride, padding }: PoolAttributes): Shape<4> {
  const at = `input ${formatShape(x)}, kernel ${kernel}, stride ${stride}, padding ${padding}`;
  if (!hasAxes(x, 4)) throw new RangeError(`Cannot pool: the input must have 4 axes, but got ${at}`);
  if (![kernel, stride].every((v) => Number.isSafeInteger(v) && v >= 1)) {
    throw new RangeError(`Cannot pool: kernel and stride must be whole numbers ≥ 1, but got ${at}`);
  }
  if (!Number.isSafeInteger(padding) || padding < 0 || 2 * padding > kernel) {
    throw new RangeError(`Cannot pool: padding must be at most half of the kernel, but got ${at}`);
  }
  const [n, c, h, w] = x;
  const pool = (size: number) => Math.floor((size + 2 * padding - kernel) / stride) + 1;
  const oh = pool(h), ow = pool(w);
  if (h < 1 || w < 1 || oh < 1 || ow < 1) {
    throw new RangeError(`Cannot pool: the kernel must fit into the padded image, but got ${at}`);
  }
  return [n, c, oh, ow];
}

/** Returns the constants of the shaders, from the shapes of image and result. */
export function constants(
  [n, c, h, w]: Shape<4>,
  [, , oh, ow]: Shape<4>,
  { kernel, stride, padding }: PoolAttributes,
): Record<string, number> {
  return { PLANES: n * c, H: h, W: w, OH: oh, OW: ow, KERNEL: kernel, STRIDE: stride, PADDING: padding };
}

/** Visits every element of every window, in row-major order, by the flat positions of element and window. */
export function visitElements(
  x: Shape<4>,
  attributes: PoolAttributes,
  visit: (element: number, window: number) => void,
): void {
  const { kernel, stride, padding } = attributes;
  const [n, c, oh, ow] = pooledShape(x, attributes);
  const [, , h, w] = x;
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

/** Sample image and its windows. */
export interface Windows {
  /** Shape of the image. */
  readonly x: Shape<4>;
  /** Size, stride and padding of the windows. */
  readonly attributes: PoolAttributes;
}

const windows: readonly Windows[] = [
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

/** Returns samples of an op: common windows, and large ones without finite differences. */
export function samplesOf<A extends PoolAttributes>(
  largeWindows: readonly Windows[],
  shapes: (x: Shape<4>, y: Shape<4>) => readonly Shape[],
  attributesOf: (attributes: PoolAttributes, x: Shape<4>) => A,
): Sample<A>[] {
  return [...windows, ...largeWindows].map(({ x, attributes }) => ({
    shapes: shapes(x, pooledShape(x, attributes)),
    attributes: attributesOf(attributes, x),
    differentiable: windows.some((sample) => sample.x === x),
  }));
}

/** Returns operands that every pooling op refuses; `count` tensors each. */
export function refusalsOf(count: number): Refusal<PoolAttributes>[] {
  const refuse = (x: Shape, kernel: number, stride: number, padding: number, message: string) => ({
    shapes: Array<Shape>(count).fill(x),
    attributes: { kernel, stride, padding },
    message,
  });
  return [
    refuse([3, 4, 4], 2, 2, 0, "must have 4 axes"),
    refuse([1, 1, 4, 4], 0, 1, 0, "whole numbers ≥ 1"),
    refuse([1, 1, 4, 4], 2, 0.5, 0, "whole numbers ≥ 1"),
    refuse([1, 1, 4, 4], 3, 1, 2, "at most half of the kernel"),
    refuse([1, 1, 4, 4], 5, 5, 0, "must fit into the padded image"),
  ];
}
