/**
 * Conversion of arrays of images, with any order of axes and number of channels, to grey or RGB planes of
 * bytes.
 */

import type { ArrayValues } from "../formats/npy_elements.ts";
import type { PixelRange } from "./pixel_range.ts";

/** An array read from a file of any format. */
export interface RawArray {
  /** Sizes, slowest dimension first. */
  readonly shape: readonly number[];
  /** Values, row-major. */
  readonly values: ArrayValues;
  /** Element type in NumPy's notation, without the byte order: `u1`, `f4`; `decimal` for numbers in text. */
  readonly dtype: string;
}

/** Position of the channel axis: before height and width, or after them. */
export type ChannelOrder = "first" | "last";

/** Options for converting an array to planes. */
export interface PlanesOptions {
  /** Range of the values, found by {@linkcode findPixelRanges}. */
  readonly range: PixelRange;
  /** Position of the channel axis (default: derived from the sizes). */
  readonly channels?: ChannelOrder | undefined;
}

/** Images of an array as grey or RGB planes. */
export interface Planes {
  /** Number of images. */
  readonly count: number;
  /** Height and width of an image. */
  readonly shape: readonly [height: number, width: number];
  /** True if the images have one channel, or three channels that are equal everywhere. */
  readonly isGrey: boolean;
  /**
   * Returns bytes `[N, C, H, W]`, which may be those of the array itself; colour images can only be taken with
   * three channels.
   */
  take(channels: 1 | 3): Uint8Array;
}

const CHANNELS = [1, 3, 4];

/**
 * Converts an array `[N, H, W]`, `[N, H, W, C]` or `[N, C, H, W]` of 1, 3 or 4 channels to planes. The fourth
 * channel is opacity; transparent pixels are blended with white.
 *
 * @param source The file's name, for errors.
 * @throws {SyntaxError} when the shape is not one of these.
 * @throws {RangeError} when the channel axis is ambiguous and not set by the options.
 */
export function convertToPlanes({ shape, values }: RawArray, source: string, options: PlanesOptions): Planes {
  const layout = findLayout(shape, source, options.channels);
  const { count, channels, height, width } = layout;
  const plane = height * width, kept = channels === 1 ? 1 : 3;
  // Bytes of grey images are planes already, and may be large.
  const planes = channels === 1 && options.range === 255 && values instanceof Uint8Array
    ? values
    : arrangePlanes(values, layout, options.range);
  const isGrey = kept === 1 || hasEqualChannels(planes, plane);
  return {
    count,
    shape: [height, width],
    isGrey,
    take: (wanted) => wanted === kept ? planes : withChannels(planes, plane, kept, wanted),
  };
}

/** Returns the grey or RGB planes of all images. */
function arrangePlanes(
  values: ArrayValues,
  { count, channels, height, width, isLast }: Layout,
  range: PixelRange,
): Uint8Array {
  const byteOf = createByteReader(values, range);
  const plane = height * width, kept = channels === 1 ? 1 : 3;
  const planes = new Uint8Array(count * kept * plane);
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < plane; i++) {
      const at = (c: number) => n * channels * plane + (isLast ? i * channels + c : c * plane + i);
      const opacity = channels === 4 ? byteOf(at(3)) / 255 : 1;
      for (let c = 0; c < kept; c++) {
        planes[(n * kept + c) * plane + i] = Math.round(opacity * byteOf(at(c)) + (1 - opacity) * 255);
      }
    }
  }
  return planes;
}

/** Returns a function that reads a value as a byte. */
function createByteReader(values: ArrayValues, range: PixelRange): (at: number) => number {
  const scale = 255 / range;
  return (at) => Math.min(255, Math.round(scale * Number(values[at])));
}

interface Layout {
  readonly count: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly isLast: boolean;
}

/** Returns an example of a reshaping for rows of pixels of square images; empty for other shapes. */
function exampleOf([, length = 0, ...more]: readonly number[]): string {
  const [channels, side] = [1, 3].map((count) => [count, Math.sqrt(length / count)] as const)
    .find(([, root]) => Number.isInteger(root) && root > 1) ?? [];
  if (channels === undefined || more.length > 0) return "";
  return channels === 1
    ? `, such as x.reshape(-1, ${side}, ${side})`
    : `, such as x.reshape(-1, 3, ${side}, ${side}) or, if the channels of a pixel are neighbours, ` +
      `x.reshape(-1, ${side}, ${side}, 3)`;
}

function findLayout(shape: readonly number[], source: string, chosen: ChannelOrder | undefined): Layout {
  const [count = 0, a = 0, b = 0, c = 0] = shape;
  const hasPixels = !shape.includes(0);
  if (shape.length === 3 && hasPixels) {
    return { count, channels: 1, height: a, width: b, isLast: false };
  }
  const orders: Record<ChannelOrder, Layout> = {
    first: { count, channels: a, height: b, width: c, isLast: false },
    last: { count, channels: c, height: a, width: b, isLast: true },
  };
  const possible = shape.length === 4 && hasPixels
    ? (["first", "last"] as const).filter((order) => CHANNELS.includes(orders[order].channels))
    : [];
  const matching = chosen === undefined ? possible : possible.filter((order) => order === chosen);
  const [order] = matching;
  const state = `its shape is [${shape.join(", ")}]`;
  if (order === undefined) {
    const rule = possible.length > 0
      ? `the ${chosen} axis must have 1, 3 or 4 channels`
      : "the shape must be [N, H, W], [N, H, W, C] or [N, C, H, W] with 1, 3 or 4 channels";
    throw new SyntaxError(
      `Cannot use ${source} as images: ${rule}, but ${state}. Save it in such a shape${exampleOf(shape)}`,
    );
  }
  if (matching.length > 1) {
    throw new RangeError(
      `Cannot use ${source} as images: ${state}, and channels could come first or last. Choose with --channels`,
    );
  }
  return orders[order];
}

function hasEqualChannels(planes: Uint8Array, plane: number): boolean {
  for (let start = 0; start < planes.length; start += 3 * plane) {
    for (let i = start; i < start + plane; i++) {
      if (planes[i] !== planes[i + plane] || planes[i] !== planes[i + 2 * plane]) return false;
    }
  }
  return true;
}

/** Converts grey images between one channel and three equal channels. */
function withChannels(planes: Uint8Array, plane: number, kept: number, wanted: number): Uint8Array {
  const count = planes.length / kept / plane;
  const result = new Uint8Array(count * wanted * plane);
  for (let n = 0; n < count; n++) {
    const first = planes.subarray(n * kept * plane, n * kept * plane + plane);
    for (let c = 0; c < wanted; c++) result.set(first, (n * wanted + c) * plane);
  }
  return result;
}
