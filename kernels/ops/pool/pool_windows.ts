/**
 * What poolings have in common: windows over images, their shape rule, their walk and their samples.
 * @module
 */
import type { Refusal, Sample } from "../../op.ts";
import { formatShape, hasAxes, type Shape } from "../../tensor.ts";

/** Windows of a pooling; every number holds for both axes. */
export interface PoolOptions {
  /** Height and width of a window. */
  readonly kernel: number;
  /** Step between windows; `kernel` where absent. */
  readonly stride?: number;
  /** Rows and columns added around the image, at most half of `kernel`; 0 where absent. */
  readonly padding?: number;
}

/** {@linkcode PoolOptions} with nothing left out. */
export type PoolAttributes = { readonly kernel: number; readonly stride: number; readonly padding: number };

/** Shape of the result. @throws {RangeError} where the windows do not suit the image. */
export function pooledShape(x: Shape, { kernel, stride, padding }: PoolAttributes): Shape<4> {
  const at = `input ${formatShape(x)}, kernel ${kernel}, stride ${stride}, padding ${padding}`;
  if (!hasAxes(x, 4)) throw new RangeError(`Cannot pool as the input must have 4 axes: ${at}`);
  if (![kernel, stride].every((v) => Number.isSafeInteger(v) && v >= 1)) {
    throw new RangeError(`Cannot pool as kernel and stride must be whole numbers ≥ 1: ${at}`);
  }
  if (!Number.isSafeInteger(padding) || padding < 0 || 2 * padding > kernel) {
    throw new RangeError(`Cannot pool as padding must be at most half of the kernel: ${at}`);
  }
  const [n, c, h, w] = x;
  const pooled = (size: number) => Math.floor((size + 2 * padding - kernel) / stride) + 1;
  const oh = pooled(h), ow = pooled(w);
  if (h < 1 || w < 1 || oh < 1 || ow < 1) {
    throw new RangeError(`Cannot pool as the kernel must fit into the padded image: ${at}`);
  }
  return [n, c, oh, ow];
}

/** Constants of the shaders: `x` and `y` are the shapes of image and result. */
export function constants(
  [n, c, h, w]: Shape<4>,
  [, , oh, ow]: Shape<4>,
  { kernel, stride, padding }: PoolAttributes,
): Record<string, number> {
  return { PLANES: n * c, H: h, W: w, OH: oh, OW: ow, KERNEL: kernel, STRIDE: stride, PADDING: padding };
}

/** Visits every element of every window by its flat position and that of the window, in row-major order. */
export function eachElement(
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

/** An image and how it is pooled. */
export interface Windows {
  /** Shape of the image. */
  readonly x: Shape<4>;
  /** How it is pooled. */
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

/** Samples of an op on the common windows, and on large ones that finite differences leave out. */
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

/** Operands that every op on images refuses; `count` of them. */
export function refusalsOf(count: number): Refusal<PoolAttributes>[] {
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
  ];
}
