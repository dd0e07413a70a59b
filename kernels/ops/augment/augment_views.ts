/**
 * Views of a batch: random views with all augmentations for training, plain views for evaluation.
 * @module
 */
import { formatShape, sameShape, type Tensor } from "../../tensor.ts";
import { augmentImages, type AugmentOptions } from "./augment.ts";
import { type Augmentation, composeAugmentations, jitterRandomly, shiftRandomly } from "./augmentations.ts";
import { centralCropBoxes, drawsPerBox, randomCropBoxes } from "./augment_crop.ts";
import { resampleImages } from "./augment_resample.ts";
import { normalisation } from "./augment_pixels.ts";
import { perChannel } from "../batch_norm.ts";
import { constant, full } from "../constants.ts";
import { add, mul } from "../pointwise.ts";
import { type RandomKey, randomUniform } from "../random/random.ts";

/** Batch of images from a set. */
export interface ImageBatch {
  /** Pixels of the set, in parts, as for {@linkcode augmentImages}. */
  readonly pixels: readonly Tensor[];
  /** Indices of the batch in the set: int32 `[B]`. An index outside yields a constant image. */
  readonly indices: Tensor;
  /** Width / height of each image as displayed: float32 `[B]`; if absent, the ratio of the pixel counts. */
  readonly aspects?: Tensor | undefined;
}

/** Options of views. */
export interface ViewOptions extends AugmentOptions {
  /** Side of random resized crops in pixels; no crops if absent or null. */
  readonly randomResizedCrop?: number | null;
  /** Strengths of the jitter of brightness, contrast, saturation and hue; no jitter if absent or null. */
  readonly colorJitter?: readonly number[] | null;
}

/** Returns the shape of a view, `[C, H, W]`. */
export function viewShape(
  { imageShape, randomResizedCrop }: Pick<ViewOptions, "imageShape" | "randomResizedCrop">,
): readonly [channels: number, height: number, width: number] {
  return randomResizedCrop ? [imageShape[0], randomResizedCrop, randomResizedCrop] : imageShape;
}

/**
 * Computes a random view of a batch. Without crops, jitter and `further` this is {@linkcode augmentImages}. A
 * random resized crop includes rotation (before the crop) and mirroring (after), like `RandomResizedCrop`
 * after `RandomRotation`; the crop is then translated. Finally, colours are jittered, `further` is applied and
 * pixels are normalised. No gradient.
 * @param nextStream Returns an unused stream of random numbers.
 * @param further Augmentation applied after those of the options.
 * @returns float32 `[B, C, H, W]` of {@linkcode viewShape}.
 * @throws {RangeError} if shapes or options do not fit, or `further` returns another shape.
 */
export function randomView(
  batch: ImageBatch,
  key: RandomKey,
  nextStream: () => number,
  options: ViewOptions,
  further?: Augmentation,
): Tensor {
  const { randomResizedCrop = null, colorJitter = null, translate = 0, fill } = options;
  const { pixels, indices, aspects } = batch;
  const augmentations = [
    ...(randomResizedCrop !== null && translate > 0 ? [shiftRandomly(translate, fill)] : []),
    ...(colorJitter === null ? [] : [jitterRandomly(colorJitter)]),
    ...(further ? [further] : []),
  ];
  if (randomResizedCrop === null && augmentations.length === 0) {
    return augmentImages(pixels, indices, key, nextStream(), options);
  }
  const unscaled = { ...options, mean: undefined, standardDeviation: undefined };
  const images = randomResizedCrop === null
    ? augmentImages(pixels, indices, key, nextStream(), unscaled)
    : cropImages(
      batch,
      randomUniform(key, nextStream(), [indices.shape[0]!, drawsPerBox]),
      options,
      randomResizedCrop,
    );
  const changed = composeAugmentations(...augmentations)(images, { key, nextStream, aspects });
  const shape = [indices.shape[0]!, ...viewShape(options)];
  if (!sameShape(changed.shape, shape)) {
    throw new RangeError(
      `Cannot augment images: an augmentation must return images of shape ${
        formatShape(shape)
      }, but their shape is ${formatShape(changed.shape)}`,
    );
  }
  return normalise(changed, options);
}

function aspectsOf({ aspects, indices }: ImageBatch, { imageShape: [, height, width] }: ViewOptions): Tensor {
  return aspects ?? full([indices.shape[0]!], width / height);
}

function cropImages(batch: ImageBatch, uniform: Tensor, options: ViewOptions, size: number): Tensor {
  const { imageShape, rotate = 0, flip = false, fill = "reflect" } = options;
  const [, height, width] = imageShape;
  const boxes = randomCropBoxes(uniform, aspectsOf(batch, options), { height, width, rotate, flip });
  return resampleImages(batch.pixels, batch.indices, boxes, { imageShape, size, isTurned: rotate > 0, fill });
}

/**
 * Computes the view for evaluation: the normalised images or, if training uses random resized crops, their
 * resampled and normalised central crops. No gradient.
 * @param options Options of training, of which only crop and statistics are used.
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
  return normalise(resampleImages(pixels, indices, boxes, { imageShape, size }), options);
}

/** Computes `(images − mean) / standardDeviation` per channel. */
function normalise(images: Tensor, { mean, standardDeviation }: ViewOptions): Tensor {
  if (!mean && !standardDeviation) return images;
  const { scales, offsets } = normalisation(images.shape[1]!, 1, { mean, standardDeviation });
  return add(mul(images, perChannel(scales, images)), perChannel(offsets, images));
}
