/**
 * RandAugment on the host: the table of operations, and the definition of correct in float64.
 * @module
 */
import type { Shape } from "../../tensor.ts";

/** Operations of RandAugment (Cubuk et al. 2020, section 3), in the order of their numbers in the shader. */
export const randAugmentOperations = [
  "identity",
  "autoContrast",
  "equalize",
  "rotate",
  "solarize",
  "color",
  "posterize",
  "contrast",
  "brightness",
  "sharpness",
  "shearX",
  "shearY",
  "translateX",
  "translateY",
] as const;

/** Name of an operation of RandAugment. */
export type RandAugmentOperation = (typeof randAugmentOperations)[number];

/** Operation drawn for an image, and how far it goes. */
export interface DrawnOperation {
  /** Name of the operation. */
  readonly operation: RandAugmentOperation;
  /** Strength in 0 … 1. */
  readonly strength: number;
  /** The strength with a random sign. */
  readonly amount: number;
}

/** One image as channels of rows. */
interface HostImage {
  readonly values: Float64Array;
  readonly shape: Shape<3>;
}

const clamp = (value: number, low = 0, high = 1) => Math.min(high, Math.max(low, value));
const blended = (other: number, value: number, factor: number) => clamp(other + factor * (value - other));
/** Level of a value as a byte; multiplied and added in float32, as on the device. */
const levelOf = (value: number) =>
  clamp(Math.floor(Math.fround(Math.fround(255 * Math.fround(value)) + 0.5)), 0, 255);

function greyOf({ values, shape: [channels, height, width] }: HostImage): Float64Array {
  const plane = height * width;
  const weights = channels === 3 ? [0.299, 0.587, 0.114] : Array<number>(channels).fill(1 / channels);
  return Float64Array.from(
    { length: plane },
    (_, p) => weights.reduce((sum, weight, c) => sum + weight * values[c * plane + p]!, 0),
  );
}

/** Pillow's `ImageOps.equalize` of a channel of bytes: the new level of each level. */
function equalizingTable(levels: readonly number[]): number[] {
  const counts = Array<number>(256).fill(0);
  for (const level of levels) counts[level]!++;
  const last = counts.findLast((count) => count > 0) ?? 0;
  const width = Math.floor((levels.length - last) / 255);
  let sum = Math.floor(width / 2);
  return counts.map((count, level) => {
    const equalized = width === 0 ? level : Math.min(255, Math.floor(sum / width));
    sum += count;
    return equalized;
  });
}

function smoothed(channel: Float64Array, [height, width]: readonly [number, number]): Float64Array {
  return channel.map((value, p) => {
    const x = p % width, y = Math.floor(p / width);
    if (x === 0 || y === 0 || x === width - 1 || y === height - 1) return value;
    let sum = 4 * value;
    for (const row of [-width, 0, width]) {
      for (const column of [-1, 0, 1]) sum += channel[p + row + column]!;
    }
    return sum / 13;
  });
}

/** Place `[x, y]` in the image that each pixel of the result comes from. */
function sourceOf(
  { operation, strength, amount }: DrawnOperation,
  [height, width]: readonly [number, number],
): (x: number, y: number) => readonly [number, number] {
  const steps = (size: number) => Math.sign(amount) * Math.floor(strength * 3 * size / 10 + 0.5);
  switch (operation) {
    case "rotate": {
      const angle = amount * Math.PI / 6, cos = Math.cos(angle), sin = Math.sin(angle);
      const centreX = (width - 1) / 2, centreY = (height - 1) / 2;
      return (x, y) => [
        centreX + (x - centreX) * cos - (y - centreY) * sin,
        centreY + (x - centreX) * sin + (y - centreY) * cos,
      ];
    }
    case "shearX":
      return (x, y) => [x + 0.3 * amount * (y + 0.5), y];
    case "shearY":
      return (x, y) => [x, y + 0.3 * amount * (x + 0.5)];
    case "translateX":
      return (x, y) => [x + steps(width), y];
    default:
      return (x, y) => [x, y + steps(height)];
  }
}

function warped(
  channel: Float64Array,
  [height, width]: readonly [number, number],
  drawn: DrawnOperation,
  fill: number,
): Float64Array {
  const source = sourceOf(drawn, [height, width]);
  const tap = (row: number, column: number) =>
    channel[clamp(row, 0, height - 1) * width + clamp(column, 0, width - 1)]!;
  return channel.map((_, p) => {
    const [x, y] = source(p % width, Math.floor(p / width));
    if (x < -0.5 || y < -0.5 || x >= width - 0.5 || y >= height - 0.5) return fill;
    const x0 = Math.floor(x), y0 = Math.floor(y), fx = x - x0, fy = y - y0;
    return (1 - fy) * ((1 - fx) * tap(y0, x0) + fx * tap(y0, x0 + 1)) +
      fy * ((1 - fx) * tap(y0 + 1, x0) + fx * tap(y0 + 1, x0 + 1));
  });
}

/** An operation on one channel, whose image has the lightness `grey`. */
function changed(
  channel: Float64Array,
  size: readonly [number, number],
  grey: Float64Array,
  drawn: DrawnOperation,
  fill: number,
): Float64Array {
  const { operation, strength, amount } = drawn, factor = 1 + 0.9 * amount;
  switch (operation) {
    case "identity":
      return channel;
    case "autoContrast": {
      const low = channel.reduce((a, b) => Math.min(a, b)), high = channel.reduce((a, b) => Math.max(a, b));
      return high > low ? channel.map((value) => clamp((value - low) / (high - low))) : channel;
    }
    case "equalize": {
      const levels = [...channel].map(levelOf), table = equalizingTable(levels);
      return Float64Array.from(levels, (level) => table[level]! / 255);
    }
    case "solarize":
      return channel.map((value) => value >= 256 / 255 * (1 - strength) ? 1 - value : value);
    case "posterize": {
      const step = 2 ** Math.floor(4 * strength + 0.5);
      return channel.map((value) => Math.floor(levelOf(value) / step) * step / 255);
    }
    case "color":
      return channel.map((value, p) => blended(grey[p]!, value, factor));
    case "contrast": {
      const mean = grey.reduce((sum, value) => sum + value, 0) / grey.length;
      return channel.map((value) => blended(mean, value, factor));
    }
    case "brightness":
      return channel.map((value) => blended(0, value, factor));
    case "sharpness": {
      const smooth = smoothed(channel, size);
      return channel.map((value, p) => blended(smooth[p]!, value, factor));
    }
    default:
      return warped(channel, size, drawn, fill);
  }
}

/** Applies an operation to an image `[C, H, W]` with values in [0, 1], in float64. */
export function hostRandAugment(
  values: Float64Array,
  shape: Shape<3>,
  drawn: DrawnOperation,
  fill: number,
): Float64Array {
  const [channels, height, width] = shape, plane = height * width;
  const grey = greyOf({ values, shape });
  const result = new Float64Array(values.length);
  for (let c = 0; c < channels; c++) {
    const channel = values.slice(c * plane, (c + 1) * plane);
    result.set(changed(channel, [height, width], grey, drawn, fill), c * plane);
  }
  return result;
}
