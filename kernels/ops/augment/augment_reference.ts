/**
 * Options of augmentation, and the reference implementation on the host in float64.
 * @module
 */
import type { OpNode } from "../../op.ts";
import { type Each, type Shape, sizeOf } from "../../tensor.ts";
import { countImages, interpolate, type PixelAt, readPixel } from "./augment_pixels.ts";
import { toUnitInterval } from "../random/random.ts";
import { threefry2x32 } from "../random/threefry.ts";

/** Options of {@linkcode augmentImages}. */
export interface AugmentOptions {
  /** Shape of one image, `[C, H, W]`. */
  readonly imageShape: readonly [channels: number, height: number, width: number];
  /** Largest shift along each axis in pixels, a whole number below height and width; 0 if absent. */
  readonly translate?: number;
  /** Largest rotation in either direction, in degrees, 0 … 180; 0 if absent. */
  readonly rotate?: number;
  /** True if images are mirrored left to right with probability ½; false if absent. */
  readonly flip?: boolean;
  /** Pixels outside an image: mirrored without repeating the edge, or 0; "reflect" if absent. */
  readonly fill?: "reflect" | "zero" | undefined;
  /** Mean of each channel, of bytes scaled to [0, 1] or of unscaled float32 pixels; 0 if absent. */
  readonly mean?: readonly number[] | undefined;
  /** Standard deviation of each channel, in the same units as `mean`; 1 if absent. */
  readonly standardDeviation?: readonly number[] | undefined;
}

/** {@linkcode AugmentOptions} with all defaults filled in. */
export type AugmentAttributes = {
  readonly imageShape: Shape<3>;
  readonly translate: number;
  readonly rotate: number;
  readonly flip: boolean;
  readonly fill: string;
  readonly stream: number;
  /** Place of the first image in the whole batch. */
  readonly firstSlot: number;
  /** Distance of the next image in the whole batch. */
  readonly slotStep: number;
};

/** Shapes of pixels, indices, seed, step, and scale and offset of each channel. */
export type AugmentShapes = readonly [Shape<1>, Shape<1>, Shape, Shape, Shape<2>];

/** Random transformation drawn for one image. */
export interface DrawnAugmentation {
  /** Shift of the content to the right, in pixels. */
  readonly dx: number;
  /** Downward shift of the content, in pixels. */
  readonly dy: number;
  /** Anticlockwise rotation in radians. */
  readonly angle: number;
  /** True if the image is mirrored left to right, before rotation and shift. */
  readonly isFlipped: boolean;
}

/** Computes on the host the transformation that `augmentImages` draws for a `slot` of the batch. */
export function hostAugmentation(
  key: readonly [number, number],
  stream: number,
  slot: number,
  { translate = 0, rotate = 0, flip = false }: Partial<AugmentOptions>,
): DrawnAugmentation {
  const shift = (word: number) => word % (2 * translate + 1) - translate;
  const [across, down] = threefry2x32(key, [8 * slot, stream]);
  const [turn, side] = threefry2x32(key, [8 * slot + 1, stream]);
  return {
    dx: shift(across),
    dy: shift(down),
    angle: (2 * toUnitInterval(turn) - 1) * rotate * Math.PI / 180,
    isFlipped: flip && side >= 2 ** 31,
  };
}

/** Augments one image in float64; returns the pixels before normalisation. */
function augmentImage(
  image: PixelAt,
  [c, h, w]: Shape<3>,
  fill: string,
  { dx, dy, angle, isFlipped }: DrawnAugmentation,
): Float64Array {
  const cos = Math.cos(angle), sin = Math.sin(angle);
  return Float64Array.from({ length: c * h * w }, (_, i) => {
    const channel = Math.floor(i / (h * w));
    const u = i % w - dx - (w - 1) / 2, v = Math.floor(i / w) % h - dy - (h - 1) / 2;
    const across = u * cos - v * sin;
    const y = (h - 1) / 2 + u * sin + v * cos, x = (w - 1) / 2 + (isFlipped ? -across : across);
    return interpolate((row, column) => image(channel, row, column), [h, w], fill, y, x);
  });
}

/** Augments a batch in float64. */
export function augmentReference(
  [pixels, indices, seed, step, scaleOffset]: Each<AugmentShapes, Float64Array>,
  { attributes, inputs: [set], shape }: OpNode<AugmentAttributes, AugmentShapes>,
): Float64Array {
  const { imageShape, fill, stream, translate, rotate, flip, firstSlot, slotStep } = attributes;
  const [channels, height, width] = imageShape;
  const size = sizeOf(imageShape), result = new Float64Array(sizeOf(shape));
  indices.forEach((index, slot) => {
    if (index < 0 || index >= countImages(set, imageShape)) return;
    const image: PixelAt = (c, y, x) =>
      readPixel(pixels, set.dtype, index * size + (c * height + y) * width + x);
    const draw = hostAugmentation([seed[0]!, step[0]!], stream, firstSlot + slotStep * slot, {
      translate,
      rotate,
      flip,
    });
    augmentImage(image, imageShape, fill, draw).forEach((value, i) => {
      const c = Math.floor(i / (height * width));
      result[slot * size + i] = value * scaleOffset[c]! + scaleOffset[channels + c]!;
    });
  });
  return result;
}
