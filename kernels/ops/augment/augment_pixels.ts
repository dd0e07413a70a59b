/**
 * Pixels of image sets on the device, as bytes or float32: how they are packed, read, and normalised.
 * @module
 */
import { type DType, formatShape, hasAxes, type Shape, sizeOf, type Tensor } from "../../tensor.ts";
import { concat } from "../views/concat.ts";
import { reshape } from "../views/movement.ts";
import { add, constant, sub } from "../pointwise.ts";

/** Elements that a u32 can count, in bytes. */
const mostBytes = 2 ** 32;

/**
 * Bytes of images, four to a word with the first in the lowest bits, as {@linkcode augmentImages} reads them. It is the
 * bytes' own memory where they begin and end at words, else a copy.
 */
export function packPixels(bytes: Uint8Array): Uint32Array {
  // Where Deno and browsers run, memory is little-endian.
  if (bytes.byteOffset % 4 === 0 && bytes.length % 4 === 0) {
    return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  }
  const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  padded.set(bytes);
  return new Uint32Array(padded.buffer);
}

/** Number of whole images in a set: of packed bytes (uint32) or of float32 elements. */
export function imagesIn(pixels: Tensor, imageShape: Shape): number {
  const elements = sizeOf(pixels.shape) * (pixels.dtype === "float32" ? 1 : 4);
  return Math.floor(elements / sizeOf(imageShape));
}

/** Number of indices. @throws {TypeError} or {RangeError} if there are none, or no pixels of at least one image of that shape. */
export function batchOf(pixels: Tensor, indices: Tensor, imageShape: Shape<3>): number {
  const at = `image shape ${formatShape(imageShape)}, pixels ${formatShape(pixels.shape)}, indices ${
    formatShape(indices.shape)
  }`;
  if (pixels.dtype === "int32") {
    throw new TypeError("Cannot augment images as pixels must be uint32 or float32: dtype is int32");
  }
  if (indices.dtype !== "int32") {
    throw new TypeError(`Cannot augment images as indices must be int32: dtype is ${indices.dtype}`);
  }
  if (imageShape.length !== 3 || imageShape.some((size) => !Number.isSafeInteger(size) || size < 1)) {
    throw new RangeError(`Cannot augment images as their shape must be 3 whole numbers ≥ 1: ${at}`);
  }
  if (pixels.shape.length !== 1 || !hasAxes(indices.shape, 1)) {
    throw new RangeError(`Cannot augment images as pixels and indices must have one axis: ${at}`);
  }
  if (imagesIn(pixels, imageShape) < 1) {
    throw new RangeError(`Cannot augment images as the pixels must hold at least one: ${at}`);
  }
  if (4 * sizeOf(pixels.shape) > mostBytes) {
    throw new RangeError(
      `Cannot augment images as pixels may take at most 4 GiB (give them in parts): ${at}`,
    );
  }
  return indices.shape[0];
}

/** @throws {RangeError} if a fill is none. */
export function checkFill(fill: string): void {
  if (fill !== "reflect" && fill !== "zero") {
    throw new RangeError(`Cannot augment images as the fill must be reflect or zero: it is ${fill}`);
  }
}

/** What `augment_pixel.wgsl` has to be told. */
export function pixelConstants(pixels: Tensor, fill: string): Readonly<Record<string, number>> {
  return { FLOATS: Number(pixels.dtype === "float32"), REFLECT: Number(fill === "reflect") };
}

/**
 * What `make` makes of a set that comes in parts, each of whole images numbered on from part to part: each image is in
 * one part, and `make` gives zeros for indices outside it.
 */
export function overParts(
  pixels: Tensor | readonly Tensor[],
  indices: Tensor,
  imageShape: Shape,
  make: (part: Tensor, indices: Tensor) => Tensor,
): Tensor {
  let first = 0;
  const parts = [pixels].flat().map((part) => {
    const within = first === 0 ? indices : sub(indices, first);
    first += imagesIn(part, imageShape);
    return make(part, within);
  });
  if (parts.length === 0) {
    throw new RangeError("Cannot augment images as there must be a part with pixels: there is none");
  }
  return parts.reduce((sum, part) => add(sum, part));
}

/** Mean and standard deviation per channel. */
export interface Statistics {
  /** 0 where absent. */
  readonly mean?: readonly number[] | undefined;
  /** 1 where absent. */
  readonly standardDeviation?: readonly number[] | undefined;
}

/**
 * Factors and summands that make normalised values of pixels whose 1 is `unit`: `[C]` each.
 * @throws {RangeError} if there is not one mean and one standard deviation above 0 per channel.
 */
export function normalisation(
  channels: number,
  unit: number,
  statistics: Statistics,
): { readonly scales: Tensor; readonly offsets: Tensor } {
  const { mean = Array(channels).fill(0), standardDeviation = Array(channels).fill(1) } = statistics;
  if (mean.length !== channels || standardDeviation.length !== channels) {
    throw new RangeError(
      `Cannot normalise images as each channel needs a mean and a standard deviation: channels are ${channels}, means ${mean.length}, standard deviations ${standardDeviation.length}`,
    );
  }
  if (!mean.every(Number.isFinite) || !standardDeviation.every((value) => value > 0 && value < Infinity)) {
    throw new RangeError(
      `Cannot normalise images as means must be finite and standard deviations above 0: they are ${
        formatShape(mean)
      } and ${formatShape(standardDeviation)}`,
    );
  }
  return {
    scales: vectorOf(standardDeviation.map((deviation) => 1 / (unit * deviation))),
    offsets: vectorOf(standardDeviation.map((deviation, c) => -mean[c]! / deviation)),
  };
}

function vectorOf(values: readonly number[]): Tensor {
  return concat(values.map((value) => reshape(constant(value), [1])), 0);
}

/** A pixel of an image within its bounds. */
export type PixelAt = (channel: number, y: number, x: number) => number;

/** An element of pixels as a reference gets them: words of four bytes, or numbers. */
export function hostPixel(pixels: Float64Array, dtype: DType, at: number): number {
  if (dtype === "float32") return pixels[at]!;
  return pixels[Math.floor(at / 4)]! >>> (8 * (at % 4)) & 255;
}

/** Position within 0 … size − 1, mirrored at the first and last pixel. */
function reflected(at: number, size: number): number {
  const period = Math.max(2 * (size - 1), 1);
  const within = Math.abs(at) % period;
  return within >= size ? period - within : within;
}

/** Float64 bilinear interpolation of a plane, which is filled outside. */
export function interpolated(
  plane: (y: number, x: number) => number,
  [height, width]: readonly [number, number],
  fill: string,
  y: number,
  x: number,
): number {
  const tap = (row: number, column: number) => {
    if (fill === "reflect") return plane(reflected(row, height), reflected(column, width));
    return row >= 0 && row < height && column >= 0 && column < width ? plane(row, column) : 0;
  };
  const y0 = Math.floor(y), x0 = Math.floor(x), fy = y - y0, fx = x - x0;
  return (1 - fy) * ((1 - fx) * tap(y0, x0) + fx * tap(y0, x0 + 1)) +
    fy * ((1 - fx) * tap(y0 + 1, x0) + fx * tap(y0 + 1, x0 + 1));
}
