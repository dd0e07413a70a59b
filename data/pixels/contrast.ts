// deno-lint-ignore-file no-non-null-assertion -- loops over numbers, whose indices are in range by construction
/** Normalisation of brightness and contrast, image by image. */

import type { Pixels } from "../dataset.ts";

/** Images with a smaller norm after subtracting the mean are constant and are not scaled. */
const LEAST_NORM = 1e-8;

/**
 * Applies global contrast normalisation: `x ← norm · (x − mean(x)) / ‖x − mean(x)‖` for every image x, over
 * all its channels and pixels. A constant image becomes 0. The scale of the pixels does not matter.
 *
 * Goodfellow, Bengio & Courville, Deep Learning, 2016, §12.2.1.1; with norm 55 as in the Mean Teacher ConvNet
 * recipe.
 *
 * @param images `[N, imageSize]`
 * @param imageSize Number of values of an image, C·H·W.
 * @param norm Resulting norm of every image.
 * @throws {RangeError} when the length of `images` is not a multiple of `imageSize`.
 *
 * @example
 * ```ts
 * import { globalContrastNormalization } from "../mod.ts";
 * import { assertEquals } from "../../tests/assert.ts";
 *
 * const images = globalContrastNormalization(Uint8Array.of(4, 10, 7, 7), 2, 5 * Math.SQRT2);
 * assertEquals([...images], [-5, 5, 0, 0]);
 * ```
 */
export function globalContrastNormalization(
  images: Pixels,
  imageSize: number,
  norm = 55,
): Float32Array<ArrayBuffer> {
  return rescale(images, imageSize, norm);
}

/**
 * Applies per-image normalisation: `x ← (x − mean(x)) / std(x)` for every image x, over all its channels and
 * pixels, with the population standard deviation. A constant image becomes 0.
 *
 * @param images `[N, imageSize]`
 * @param imageSize Number of values of an image, C·H·W.
 * @throws {RangeError} when the length of `images` is not a multiple of `imageSize`.
 *
 * @example
 * ```ts
 * import { perImageNormalization } from "../mod.ts";
 * import { assertEquals } from "../../tests/assert.ts";
 *
 * assertEquals([...perImageNormalization(Uint8Array.of(4, 10, 7, 7), 2)], [-1, 1, 0, 0]);
 * ```
 */
export function perImageNormalization(images: Pixels, imageSize: number): Float32Array<ArrayBuffer> {
  // √n is the norm of n numbers with mean 0 and variance 1.
  return rescale(images, imageSize, Math.sqrt(imageSize));
}

/** Subtracts each image's mean and scales it to a norm. */
function rescale(images: Pixels, imageSize: number, norm: number): Float32Array<ArrayBuffer> {
  checkImages("normalise images", images, imageSize);
  const result = new Float32Array(images.length);
  for (let start = 0; start < images.length; start += imageSize) {
    const end = start + imageSize;
    let sum = 0, squares = 0;
    for (let i = start; i < end; i++) sum += images[i]!;
    const mean = sum / imageSize;
    for (let i = start; i < end; i++) squares += (images[i]! - mean) ** 2;
    const oldNorm = Math.sqrt(squares);
    if (oldNorm < LEAST_NORM) continue;
    const scale = norm / oldNorm;
    for (let i = start; i < end; i++) result[i] = (images[i]! - mean) * scale;
  }
  return result;
}

/** Checks that the number of images is an integer. @throws {RangeError} when it is not. */
export function checkImages(verb: string, images: Pixels, imageSize: number): void {
  if (!(Number.isInteger(imageSize) && imageSize > 0) || images.length % imageSize !== 0) {
    throw new RangeError(
      `Cannot ${verb}: the number of values must be a multiple of the image size, ` +
        `but there are ${images.length} values and images have ${imageSize}`,
    );
  }
}
