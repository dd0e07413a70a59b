/**
 * Packing, reading and normalisation of image sets on the device, stored as bytes or float32.
 * @module
 */
import { type DType, formatShape, hasAxes, type Shape, sizeOf, type Tensor } from "../../tensor.ts";
import { concat } from "../views/concat.ts";
import { reshape } from "../views/movement.ts";
import { constant } from "../constants.ts";
import { add, sub } from "../pointwise.ts";

/** Most bytes of a set of pixels: shaders index elements by u32. */
const mostBytes = 2 ** 32;

/**
 * Packs bytes of images for {@linkcode augmentImages}, four per word with the first in the lowest bits.
 * Returns a view of the same memory if the bytes are aligned to words, else a copy.
 */
export function packPixels(bytes: Uint8Array): Uint32Array {
  // All platforms of Deno and browsers are little-endian.
  if (bytes.byteOffset % 4 === 0 && bytes.length % 4 === 0) {
    return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  }
  const padded = new Uint8Array(Math.ceil(bytes.length / 4) * 4);
  padded.set(bytes);
  return new Uint32Array(padded.buffer);
}

/** Returns the number of whole images in a set of packed bytes (uint32) or float32 elements. */
export function countImages(pixels: Tensor, imageShape: Shape): number {
  const elements = sizeOf(pixels.shape) * (pixels.dtype === "float32" ? 1 : 4);
  return Math.floor(elements / sizeOf(imageShape));
}

/**
 * Returns the batch size.
 * @throws {TypeError} or {RangeError} unless pixels, indices and image shape fit together.
 */
export function checkBatch(pixels: Tensor, indices: Tensor, imageShape: Shape<3>): number {
  const at = `image shape ${formatShape(imageShape)}, pixels ${formatShape(pixels.shape)}, indices ${
    formatShape(indices.shape)
  }`;
  if (pixels.dtype === "int32") {
    throw new TypeError("Cannot augment images: pixels must be uint32 or float32, but the dtype is int32");
  }
  if (indices.dtype !== "int32") {
    throw new TypeError(`Cannot augment images: indices must be int32, but the dtype is ${indices.dtype}`);
  }
  if (imageShape.length !== 3 || imageShape.some((size) => !Number.isSafeInteger(size) || size < 1)) {
    throw new RangeError(`Cannot augment images: the image shape must be 3 whole numbers ≥ 1, but got ${at}`);
  }
  if (pixels.shape.length !== 1 || !hasAxes(indices.shape, 1)) {
    throw new RangeError(`Cannot augment images: pixels and indices must have one axis, but got ${at}`);
  }
  if (countImages(pixels, imageShape) < 1) {
    throw new RangeError(`Cannot augment images: the pixels must hold at least one image, but got ${at}`);
  }
  if (4 * sizeOf(pixels.shape) > mostBytes) {
    throw new RangeError(
      `Cannot augment images: pixels may take at most 4 GiB, but got ${at}. Pass the pixels in parts.`,
    );
  }
  return indices.shape[0];
}

/** Throws unless a fill is "reflect" or "zero". @throws {RangeError} */
export function checkFill(fill: string): void {
  if (fill !== "reflect" && fill !== "zero") {
    throw new RangeError(`Cannot augment images: the fill must be reflect or zero, but is ${fill}`);
  }
}

/** Returns the constants of `augment_pixel.wgsl`. */
export function pixelConstants(pixels: Tensor, fill: string): Readonly<Record<string, number>> {
  return { FLOATS: Number(pixels.dtype === "float32"), REFLECT: Number(fill === "reflect") };
}

/**
 * Applies `transform` to each part of a set and returns the sum. Parts hold whole images, numbered
 * consecutively; `transform` must return zeros for indices outside its part.
 */
export function mapParts(
  pixels: Tensor | readonly Tensor[],
  indices: Tensor,
  imageShape: Shape,
  transform: (part: Tensor, indices: Tensor) => Tensor,
): Tensor {
  let first = 0;
  const parts = [pixels].flat().map((part) => {
    const within = first === 0 ? indices : sub(indices, first);
    first += countImages(part, imageShape);
    return transform(part, within);
  });
  if (parts.length === 0) {
    throw new RangeError("Cannot augment images: the list of parts is empty");
  }
  return parts.reduce((sum, part) => add(sum, part));
}

/** Statistics of pixels, per channel. */
export interface Statistics {
  /** Mean of each channel; 0 if absent. */
  readonly mean?: readonly number[] | undefined;
  /** Standard deviation of each channel; 1 if absent. */
  readonly standardDeviation?: readonly number[] | undefined;
}

/**
 * Returns scales and offsets, `[C]` each, that normalise pixels in 0 … `unit`.
 * @throws {RangeError} unless each channel has a finite mean and a standard deviation above 0.
 */
export function normalisation(
  channels: number,
  unit: number,
  statistics: Statistics,
): { readonly scales: Tensor; readonly offsets: Tensor } {
  const { mean = Array(channels).fill(0), standardDeviation = Array(channels).fill(1) } = statistics;
  if (mean.length !== channels || standardDeviation.length !== channels) {
    throw new RangeError(
      `Cannot normalise images: each channel needs a mean and a standard deviation, but there are ${channels} channels, ${mean.length} means and ${standardDeviation.length} standard deviations`,
    );
  }
  if (!mean.every(Number.isFinite) || !standardDeviation.every((value) => value > 0 && value < Infinity)) {
    throw new RangeError(
      `Cannot normalise images: means must be finite and standard deviations above 0, but are ${
        formatShape(mean)
      } and ${formatShape(standardDeviation)}`,
    );
  }
  return {
    scales: createVector(standardDeviation.map((deviation) => 1 / (unit * deviation))),
    offsets: createVector(standardDeviation.map((deviation, c) => -mean[c]! / deviation)),
  };
}

function createVector(values: readonly number[]): Tensor {
  return concat(values.map((value) => reshape(constant(value), [1])), 0);
}

/** Function that returns a pixel within the bounds of an image. */
export type PixelAt = (channel: number, y: number, x: number) => number;

/** Reads an element of pixels on the host: a byte of a word, or a float32. */
export function readPixel(pixels: Float64Array, dtype: DType, at: number): number {
  if (dtype === "float32") return pixels[at]!;
  return pixels[Math.floor(at / 4)]! >>> (8 * (at % 4)) & 255;
}

/** Maps any position into 0 … size − 1 by mirroring at the first and last pixel. */
function reflect(at: number, size: number): number {
  const period = Math.max(2 * (size - 1), 1);
  const within = Math.abs(at) % period;
  return within >= size ? period - within : within;
}

/** Interpolates a plane bilinearly in float64; `fill` applies outside. */
export function interpolate(
  plane: (y: number, x: number) => number,
  [height, width]: readonly [number, number],
  fill: string,
  y: number,
  x: number,
): number {
  const tap = (row: number, column: number) => {
    if (fill === "reflect") return plane(reflect(row, height), reflect(column, width));
    return row >= 0 && row < height && column >= 0 && column < width ? plane(row, column) : 0;
  };
  const y0 = Math.floor(y), x0 = Math.floor(x), fy = y - y0, fx = x - x0;
  return (1 - fy) * ((1 - fx) * tap(y0, x0) + fx * tap(y0, x0 + 1)) +
    fy * ((1 - fx) * tap(y0 + 1, x0) + fx * tap(y0 + 1, x0 + 1));
}
