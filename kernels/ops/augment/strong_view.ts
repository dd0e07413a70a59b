/**
 * Strong views of a batch: RandAugment of random views, as FixMatch compares them with weak ones.
 * @module
 */
import type { Tensor } from "../../tensor.ts";
import { perChannel } from "../batch_norm.ts";
import { add, mul } from "../pointwise.ts";
import type { RandomKey } from "../random/random.ts";
import { normalisation } from "./augment_pixels.ts";
import { type ImageBatch, randomView, type ViewOptions } from "./augment_views.ts";
import { randAugment, type RandAugmentOptions } from "./rand_augment.ts";

/**
 * Computes a strong view of a batch: {@linkcode randomView}, then {@linkcode randAugment}, then normalisation.
 * No gradient.
 * @param batch Bytes, or float32 pixels with values in [0, 1].
 * @param nextStream Returns an unused stream of random numbers.
 * @param options Those of the weak view; mean and standard deviation are applied last.
 * @returns float32 `[B, C, H, W]` of `viewShape`.
 * @throws {RangeError} if shapes or options do not fit.
 */
export function strongView(
  batch: ImageBatch,
  key: RandomKey,
  nextStream: () => number,
  options: ViewOptions,
  strong: RandAugmentOptions = {},
): Tensor {
  const { mean, standardDeviation, ...weak } = options;
  const images = randAugment(randomView(batch, key, nextStream, weak), key, nextStream, strong);
  if (!mean && !standardDeviation) return images;
  const { scales, offsets } = normalisation(options.imageShape[0], 1, { mean, standardDeviation });
  return add(mul(images, perChannel(scales, images)), perChannel(offsets, images));
}
