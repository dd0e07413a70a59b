/** Images of an array with whatever order of axes and number of channels, as grey or RGB planes of bytes. */

import type { ArrayValues } from "../formats/npy_elements.ts";
import type { PixelRange } from "./pixel_range.ts";

/** An array of a file, whatever its format. */
export interface RawArray {
  /** Its sizes. */
  readonly shape: readonly number[];
  /** All values, row-major. */
  readonly values: ArrayValues;
  /** Their type as NumPy calls it, without the byte order: `u1`, `f4`. */
  readonly dtype: string;
}

/** Where channels are among the axes of an array of images: before height and width, or behind them. */
export type ChannelOrder = "first" | "last";

/** How images of an array are taken. */
export interface PlanesOptions {
  /** What white is: the range of values, of {@linkcode pixelRangesOf}. */
  readonly range: PixelRange;
  /** Where channels are (default: where sizes say that they can be). */
  readonly channels?: ChannelOrder | undefined;
}

/** Images of an array, to be taken as grey or RGB planes. */
export interface Planes {
  /** How many. */
  readonly count: number;
  /** Of each. */
  readonly shape: readonly [height: number, width: number];
  /** Whether they have one channel, or three that are equal everywhere. */
  readonly isGrey: boolean;
  /** Bytes `[N, C, H, W]`; of images that are not grey only three channels can be taken. */
  take(channels: 1 | 3): Uint8Array;
}

const CHANNELS = [1, 3, 4];

/**
 * The images of an array `[N, H, W]`, `[N, H, W, C]` or `[N, C, H, W]` of 1, 3 or 4 channels. The fourth channel is
 * opacity, and what is transparent is put on white.
 *
 * @param source The file's name, for errors.
 * @throws {SyntaxError} when the shape is none of these.
 * @throws {RangeError} when channels could be both first and last, and it is not said.
 */
export function planesOf({ shape, values }: RawArray, source: string, options: PlanesOptions): Planes {
  const { count, channels, height, width, isLast } = layoutOf(shape, source, options.channels);
  const byteOf = byteReader(values, options.range);
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
  const isGrey = kept === 1 || hasEqualChannels(planes, plane);
  return {
    count,
    shape: [height, width],
    isGrey,
    take: (wanted) => wanted === kept ? planes : withChannels(planes, plane, kept, wanted),
  };
}

/** A value as a byte, in the range of bytes. */
function byteReader(values: ArrayValues, range: PixelRange): (at: number) => number {
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

function layoutOf(shape: readonly number[], source: string, said: ChannelOrder | undefined): Layout {
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
  const wanted = said === undefined ? possible : possible.filter((order) => order === said);
  const [order] = wanted;
  const is = `its shape is [${shape.join(", ")}]`;
  if (order === undefined) {
    const what = possible.length > 0
      ? `channels that are ${said} must be 1, 3 or 4`
      : "its images must be [N, H, W], [N, H, W, C] or [N, C, H, W] with 1, 3 or 4 channels";
    throw new SyntaxError(`Cannot use ${source} as ${what}: ${is}. Save it in such a shape`);
  }
  if (wanted.length > 1) {
    throw new RangeError(
      `Cannot use ${source} as its sizes must say which are channels: ${is}, in which they can be first or last. Say which with --channels`,
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

/** One plane of three equal ones, or three equal ones of one. */
function withChannels(planes: Uint8Array, plane: number, kept: number, wanted: number): Uint8Array {
  const count = planes.length / kept / plane;
  const result = new Uint8Array(count * wanted * plane);
  for (let n = 0; n < count; n++) {
    const first = planes.subarray(n * kept * plane, n * kept * plane + plane);
    for (let c = 0; c < wanted; c++) result.set(first, (n * wanted + c) * plane);
  }
  return result;
}
