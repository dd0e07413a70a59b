// deno-lint-ignore-file no-non-null-assertion -- loops over numbers, whose indices are in range by construction
/** Images of an array with whatever order of axes and number of channels, as grey or RGB planes of bytes. */

/** An array of a file, whatever its format. */
export interface RawArray {
  /** Its sizes. */
  readonly shape: readonly number[];
  /** All values, row-major. */
  readonly values: Uint8Array | Float32Array | Float64Array;
  /** Whether values go from 0 to 1, not to 255. */
  readonly isFraction: boolean;
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
 * The images of an array `[N, H, W]`, `[N, H, W, C]` or `[N, C, H, W]`; where both ends could be channels, the last is.
 *
 * @param source The file's name, for errors.
 * @throws {SyntaxError} when the shape is none of these. @throws {RangeError} when a value is out of range.
 */
export function planesOf({ shape, values, isFraction }: RawArray, source: string): Planes {
  const layout = layoutOf(shape);
  if (!layout) {
    throw new SyntaxError(
      `Cannot use ${source} as its images must be [N, H, W], [N, H, W, C] or [N, C, H, W] with 1, 3 or 4 channels: its shape is [${
        shape.join(", ")
      }]`,
    );
  }
  const { count, channels, height, width, isLast } = layout;
  const pixels = toBytes(values, isFraction, source);
  const plane = height * width, kept = channels === 1 ? 1 : 3;
  const planes = new Uint8Array(count * kept * plane);
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < plane; i++) {
      const at = (c: number) => n * channels * plane + (isLast ? i * channels + c : c * plane + i);
      const opacity = channels === 4 ? pixels[at(3)]! / 255 : 1;
      for (let c = 0; c < kept; c++) {
        planes[(n * kept + c) * plane + i] = Math.round(opacity * pixels[at(c)]! + (1 - opacity) * 255);
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

function layoutOf(shape: readonly number[]) {
  const [count, a, b, c] = shape as [number, number, number, number];
  if (shape.length === 3 && shape.every((length) => length > 0)) {
    return { count, channels: 1, height: a, width: b, isLast: false };
  }
  if (shape.length !== 4 || shape.includes(0)) return undefined;
  if (CHANNELS.includes(c)) return { count, channels: c, height: a, width: b, isLast: true };
  if (CHANNELS.includes(a)) return { count, channels: a, height: b, width: c, isLast: false };
  return undefined;
}

function toBytes(values: RawArray["values"], isFraction: boolean, source: string): Uint8Array {
  if (values instanceof Uint8Array && !isFraction) return values;
  const most = isFraction ? 1 : 255;
  const bad = values.findIndex((value) => !(value >= 0 && value <= most));
  if (bad >= 0) {
    throw new RangeError(
      `Cannot use ${source} as its ${
        isFraction ? "floats must be from 0 to 1" : "numbers must be from 0 to 255"
      }: number ${bad} is ${values[bad]}`,
    );
  }
  return Uint8Array.from(values, (value) => Math.round(255 / most * value));
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
