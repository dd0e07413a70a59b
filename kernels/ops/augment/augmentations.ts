/**
 * Augmentations as functions: small random changes of images that compose.
 * @module
 */
import { hasAxes, type Shape, sizeOf, type Tensor } from "../../tensor.ts";
import { augmentImages, type AugmentOptions } from "./augment.ts";
import { drawsPerColor, jitterColors } from "./augment_color.ts";
import { drawsPerBox, randomCropBoxes } from "./augment_crop.ts";
import { resampleImages } from "./augment_resample.ts";
import { cutout, drawsPerCutout } from "./cutout.ts";
import { randAugment, type RandAugmentOptions } from "./rand_augment.ts";
import { reshape } from "../views/movement.ts";
import { full, iota } from "../constants.ts";
import { type RandomKey, randomUniform } from "../random/random.ts";

/** Random numbers for an augmentation, and facts about its images. */
export interface AugmentationContext {
  /** Source of random numbers. */
  readonly key: RandomKey;
  /** Returns an unused stream of random numbers. Each draw needs its own. */
  nextStream(): number;
  /**
   * Width / height of each image as displayed, before any augmentation: float32 `[N]`; if absent, the ratio
   * of the pixel counts.
   */
  readonly aspects?: Tensor | undefined;
}

/**
 * A random change of images, written in ops. It takes images `[N, C, H, W]` with values in [0, 1], not yet
 * normalised (pixels preprocessed to floats come unscaled), and returns images. Its random numbers must come
 * from the context, so that a resumed run repeats them.
 * @example
 * ```ts
 * import { type Augmentation, less, randomUniform, sub, where } from "../../mod.ts";
 * // Inverts half of the images.
 * const invert: Augmentation = (images, { key, nextStream }) =>
 *   where(less(randomUniform(key, nextStream(), [images.shape[0]!, 1, 1, 1]), 0.5), sub(1, images), images);
 * ```
 */
export type Augmentation = (images: Tensor, context: AugmentationContext) => Tensor;

/** Returns the shape `[N, C, H, W]` of images. @throws {RangeError} if they have other axes. */
function shapeOf({ shape }: Tensor): Shape<4> {
  if (hasAxes(shape, 4)) return shape;
  throw new RangeError(`Cannot augment images: they must be [N, C, H, W], but have ${shape.length} axes`);
}

/**
 * Composes augmentations: each changes the result of the one before. Without any, images stay as they are.
 * @example
 * ```ts
 * import { applyRandAugment, composeAugmentations, cutOutRandomly, flipRandomly, shiftRandomly } from "../../mod.ts";
 * const weak = composeAugmentations(flipRandomly(), shiftRandomly(4));
 * const strong = composeAugmentations(weak, applyRandAugment({ count: 2 }), cutOutRandomly(16));
 * ```
 */
export function composeAugmentations(...augmentations: readonly Augmentation[]): Augmentation {
  return (images, context) => augmentations.reduce((result, augment) => augment(result, context), images);
}

/**
 * Returns an augmentation that mirrors, rotates and shifts images in one pass, as {@linkcode augmentImages}
 * does.
 */
export function warpRandomly(
  options: Pick<AugmentOptions, "flip" | "rotate" | "translate" | "fill">,
): Augmentation {
  return (images, { key, nextStream }) => {
    const [count, ...imageShape] = shapeOf(images);
    const pixels = reshape(images, [sizeOf(images.shape)]);
    return augmentImages(pixels, iota(count), key, nextStream(), { ...options, imageShape });
  };
}

/** Returns an augmentation that mirrors each image left to right with probability ½. */
export function flipRandomly(): Augmentation {
  return warpRandomly({ flip: true });
}

/**
 * Returns an augmentation that shifts each image by whole pixels, uniform in ±`pixels` per axis.
 * @param fill Pixels that come in; "reflect" if absent.
 */
export function shiftRandomly(pixels: number, fill?: AugmentOptions["fill"]): Augmentation {
  return warpRandomly({ translate: pixels, fill });
}

/**
 * Returns an augmentation that rotates each image about its centre by an angle uniform in ±`degrees`.
 * @param fill Pixels that come in; "reflect" if absent.
 */
export function rotateRandomly(degrees: number, fill?: AugmentOptions["fill"]): Augmentation {
  return warpRandomly({ rotate: degrees, fill });
}

/** Options of {@linkcode cropRandomly}. */
export interface RandomCropOptions {
  /** Largest rotation before the crop in degrees; 0 if absent. */
  readonly rotate?: number | undefined;
  /** True if crops are mirrored left to right with probability ½; false if absent. */
  readonly flip?: boolean | undefined;
  /** Pixels outside a rotated image; "reflect" if absent. */
  readonly fill?: AugmentOptions["fill"];
}

/**
 * Returns an augmentation that resizes a random part of each image to `size` × `size` pixels, like
 * torchvision's `RandomResizedCrop`; see {@linkcode randomCropBoxes}.
 */
export function cropRandomly(
  size: number,
  { rotate = 0, flip = false, fill = "reflect" }: RandomCropOptions = {},
): Augmentation {
  return (images, { key, nextStream, aspects }) => {
    const [count, channels, height, width] = shapeOf(images);
    const uniform = randomUniform(key, nextStream(), [count, drawsPerBox]);
    const ratios = aspects ?? full([count], width / height);
    const boxes = randomCropBoxes(uniform, ratios, { height, width, rotate, flip });
    const imageShape = [channels, height, width] as const;
    const pixels = reshape(images, [sizeOf(images.shape)]);
    return resampleImages(pixels, iota(count), boxes, { imageShape, size, isTurned: rotate > 0, fill });
  };
}

/**
 * Returns an augmentation that changes brightness, contrast, saturation and hue of images of 3 channels, as
 * {@linkcode jitterColors} does.
 * @param strengths Four numbers ≥ 0.
 */
export function jitterRandomly(strengths: readonly number[]): Augmentation {
  return (images, { key, nextStream }) => {
    const [count] = shapeOf(images);
    return jitterColors(images, randomUniform(key, nextStream(), [count, drawsPerColor]), strengths);
  };
}

/** Returns {@linkcode randAugment} as an augmentation. */
export function applyRandAugment(options: RandAugmentOptions = {}): Augmentation {
  return (images, { key, nextStream }) => randAugment(images, key, nextStream, options);
}

/**
 * Returns {@linkcode cutout} as an augmentation: a square of `side` × `side` pixels at a random place gets
 * one value.
 * @param fill The value; 0.5 if absent.
 */
export function cutOutRandomly(side: number, fill?: number): Augmentation {
  return (images, { key, nextStream }) => {
    const [count] = shapeOf(images);
    return cutout(images, randomUniform(key, nextStream(), [count, drawsPerCutout]), side, fill);
  };
}
