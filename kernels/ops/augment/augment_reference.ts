/**
 * Augmentation on the host: its options, what is drawn for an image, and the definition of correct in float64.
 * @module
 */
import type { OpNode } from "../../op.ts";
import { type Each, type Shape, sizeOf } from "../../tensor.ts";
import { hostPixel, imagesIn, interpolated, type PixelAt } from "./augment_pixels.ts";
import { unitInterval } from "../random/random.ts";
import { threefry2x32 } from "../random/threefry.ts";

/** How images are altered. */
export interface AugmentOptions {
  /** `[C, H, W]`. */
  readonly imageShape: readonly [channels: number, height: number, width: number];
  /** Largest shift along each axis in pixels, a whole number below both sizes; 0 where absent. */
  readonly translate?: number;
  /** Largest turn to either side in degrees, 0 … 180; 0 where absent. */
  readonly rotate?: number;
  /** Whether to mirror every other image (by chance) left to right; not where absent. */
  readonly flip?: boolean;
  /** What lies outside an image: its reflection, which does not repeat the edge, or pixels of value 0 (before normalisation). */
  readonly fill?: "reflect" | "zero" | undefined;
  /** Mean of each channel, of bytes scaled to [0, 1] or of float32 pixels as they are; 0 where absent. */
  readonly mean?: readonly number[] | undefined;
  /** Standard deviation of each channel, of the same; 1 where absent. */
  readonly standardDeviation?: readonly number[] | undefined;
}

/** {@linkcode AugmentOptions} with nothing left out. */
export type AugmentAttributes = {
  readonly imageShape: Shape<3>;
  readonly translate: number;
  readonly rotate: number;
  readonly flip: boolean;
  readonly fill: string;
  readonly stream: number;
};

/** Shapes of pixels, indices, seed, step, and scale and offset of each channel. */
export type AugmentShapes = readonly [Shape<1>, Shape<1>, Shape, Shape, Shape<2>];

/** What was drawn for one image. */
export interface Augmentation {
  /** Pixels by which the content moves to the right. */
  readonly dx: number;
  /** Pixels by which the content moves down. */
  readonly dy: number;
  /** Anticlockwise turn in radians. */
  readonly angle: number;
  /** Whether left and right change places, before all else. */
  readonly isFlipped: boolean;
}

/** What `augmentImages` draws for the image in a `slot` of the batch, computed on the host. */
export function hostAugmentation(
  key: readonly [number, number],
  stream: number,
  slot: number,
  { translate = 0, rotate = 0, flip = false }: Partial<AugmentOptions>,
): Augmentation {
  const shift = (word: number) => word % (2 * translate + 1) - translate;
  const [across, down] = threefry2x32(key, [8 * slot, stream]);
  const [turn, side] = threefry2x32(key, [8 * slot + 1, stream]);
  return {
    dx: shift(across),
    dy: shift(down),
    angle: (2 * unitInterval(turn) - 1) * rotate * Math.PI / 180,
    isFlipped: flip && side >= 2 ** 31,
  };
}

/** Float64 augmentation of one image: the value of each pixel before normalisation. */
function augmented(
  image: PixelAt,
  [c, h, w]: Shape<3>,
  fill: string,
  { dx, dy, angle, isFlipped }: Augmentation,
): Float64Array {
  const cos = Math.cos(angle), sin = Math.sin(angle);
  return Float64Array.from({ length: c * h * w }, (_, i) => {
    const channel = Math.floor(i / (h * w));
    const u = i % w - dx - (w - 1) / 2, v = Math.floor(i / w) % h - dy - (h - 1) / 2;
    const across = u * cos - v * sin;
    const y = (h - 1) / 2 + u * sin + v * cos, x = (w - 1) / 2 + (isFlipped ? -across : across);
    return interpolated((row, column) => image(channel, row, column), [h, w], fill, y, x);
  });
}

/** Float64 augmentation of a batch. */
export function augmentReference(
  [pixels, indices, seed, step, scaleOffset]: Each<AugmentShapes, Float64Array>,
  { attributes, inputs: [set], shape }: OpNode<AugmentAttributes, AugmentShapes>,
): Float64Array {
  const { imageShape, fill, stream, translate, rotate, flip } = attributes;
  const [channels, height, width] = imageShape;
  const size = sizeOf(imageShape), result = new Float64Array(sizeOf(shape));
  indices.forEach((index, slot) => {
    if (index < 0 || index >= imagesIn(set, imageShape)) return;
    const image: PixelAt = (c, y, x) =>
      hostPixel(pixels, set.dtype, index * size + (c * height + y) * width + x);
    const draw = hostAugmentation([seed[0]!, step[0]!], stream, slot, { translate, rotate, flip });
    augmented(image, imageShape, fill, draw).forEach((value, i) => {
      const c = Math.floor(i / (height * width));
      result[slot * size + i] = value * scaleOffset[c]! + scaleOffset[channels + c]!;
    });
  });
  return result;
}
