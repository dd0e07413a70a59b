/**
 * Views of a batch: all random augmentations in one place, and the plain view of evaluation.
 * @module
 */
import { sizeOf, type Tensor } from "../../tensor.ts";
import { augmentImages, type AugmentOptions } from "./augment.ts";
import { drawsPerColor, jitterColors } from "./augment_color.ts";
import { centralCropBoxes, drawsPerBox, randomCropBoxes } from "./augment_crop.ts";
import { resampleImages } from "./augment_resample.ts";
import { normalisation } from "./augment_pixels.ts";
import { perChannel } from "../batch_norm.ts";
import { reshape } from "../views/movement.ts";
import { add, constant, full, iota, mul } from "../pointwise.ts";
import { type RandomKey, randomUniform } from "../random/random.ts";

/** Images of a set that a view is made of. */
export interface ImageBatch {
  /** Bytes or float32 of the images, in parts, as {@linkcode augmentImages} takes them. */
  readonly pixels: readonly Tensor[];
  /** int32 `[B]`: which of them are in the batch; one that is outside gives zeros before normalisation, or after. */
  readonly indices: Tensor;
  /** float32 `[B]`: width / height of each image as it should be seen, where that is not the shape of its pixels. */
  readonly aspects?: Tensor | undefined;
}

/** How views differ from the images. */
export interface ViewOptions extends AugmentOptions {
  /** Pixels of a side of random resized crops; none where absent or null. */
  readonly randomResizedCrop?: number | null;
  /** Strengths of the jitter of brightness, contrast, saturation and hue; none where absent or null. */
  readonly colorJitter?: readonly number[] | null;
}

/** `[C, H, W]` of views. */
export function viewShape(
  { imageShape, randomResizedCrop }: Pick<ViewOptions, "imageShape" | "randomResizedCrop">,
): readonly [channels: number, height: number, width: number] {
  return randomResizedCrop ? [imageShape[0], randomResizedCrop, randomResizedCrop] : imageShape;
}

/**
 * A random view of a batch. Without crops and jitter it is {@linkcode augmentImages}. A random resized crop takes in
 * rotation (before it) and mirroring (after it), as `RandomResizedCrop` after `RandomRotation` does; translation moves
 * what was cropped. Then colours are jittered, at last normalised. No gradient.
 * @param nextStream Gives a stream of random numbers that nothing else uses.
 * @returns float32 `[B, C, H, W]` of {@linkcode viewShape}.
 * @throws {RangeError} if shapes or options do not fit.
 */
export function randomView(
  batch: ImageBatch,
  key: RandomKey,
  nextStream: () => number,
  options: ViewOptions,
): Tensor {
  const { randomResizedCrop = null, colorJitter = null, translate = 0, fill } = options;
  const { pixels, indices } = batch;
  if (randomResizedCrop === null && colorJitter === null) {
    return augmentImages(pixels, indices, key, nextStream(), options);
  }
  const count = indices.shape[0]!;
  let images = randomResizedCrop === null
    ? augmentImages(pixels, indices, key, nextStream(), {
      ...options,
      mean: undefined,
      standardDeviation: undefined,
    })
    : cropped(batch, randomUniform(key, nextStream(), [count, drawsPerBox]), options, randomResizedCrop);
  if (randomResizedCrop !== null && translate > 0) {
    images = augmentImages(reshape(images, [sizeOf(images.shape)]), iota(count), key, nextStream(), {
      imageShape: viewShape(options),
      translate,
      fill,
    });
  }
  if (colorJitter !== null) {
    images = jitterColors(images, randomUniform(key, nextStream(), [count, drawsPerColor]), colorJitter);
  }
  return normalised(images, options);
}

function aspectsOf({ aspects, indices }: ImageBatch, { imageShape: [, height, width] }: ViewOptions): Tensor {
  return aspects ?? full([indices.shape[0]!], width / height);
}

function cropped(batch: ImageBatch, uniform: Tensor, options: ViewOptions, size: number): Tensor {
  const { imageShape, rotate = 0, flip = false, fill = "reflect" } = options;
  const [, height, width] = imageShape;
  const boxes = randomCropBoxes(uniform, aspectsOf(batch, options), { height, width, rotate, flip });
  return resampleImages(batch.pixels, batch.indices, boxes, { imageShape, size, isTurned: rotate > 0, fill });
}

/**
 * The view of evaluation: the images as they are, or where training has random resized crops the central one, resampled;
 * normalised. No gradient.
 * @param options Those of training; only crop and statistics count.
 * @returns float32 `[B, C, H, W]` of {@linkcode viewShape}.
 * @throws {RangeError} if shapes or options do not fit.
 */
export function plainView(batch: ImageBatch, options: ViewOptions): Tensor {
  const { imageShape, randomResizedCrop: size = null, mean, standardDeviation } = options;
  const { pixels, indices } = batch;
  if (size === null) {
    const zero = constant(0, "uint32");
    const key = { seed: zero, step: zero };
    return augmentImages(pixels, indices, key, 0, { imageShape, mean, standardDeviation });
  }
  const [, height, width] = imageShape;
  const boxes = centralCropBoxes(aspectsOf(batch, options), height, width);
  return normalised(resampleImages(pixels, indices, boxes, { imageShape, size }), options);
}

/** `(images − mean) / standardDeviation` per channel. */
function normalised(images: Tensor, { mean, standardDeviation }: ViewOptions): Tensor {
  if (!mean && !standardDeviation) return images;
  const { scales, offsets } = normalisation(images.shape[1]!, 1, { mean, standardDeviation });
  return add(mul(images, perChannel(scales, images)), perChannel(offsets, images));
}
