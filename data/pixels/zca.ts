// deno-lint-ignore-file no-non-null-assertion -- loops over numbers, whose indices are in range by construction
/**
 * ZCA whitening: decorrelates the values of images while changing them as little as possible.
 *
 * A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009, appendix A; with 0.1 added to
 * the covariance as in the Mean Teacher ConvNet recipe.
 */

import { checkImages } from "./contrast.ts";
import { multiplyAll, type ProductOptions, sumOfOuterProducts } from "./image_products.ts";
import { inverseSquareRoot } from "./inverse_square_root.ts";

/** A whitening: `x ← matrix · (x − mean)`. */
export interface ZcaTransform {
  /** Mean of each value over the images used for fitting `[D]`. */
  readonly mean: Float32Array;
  /** `(covariance + regularization · I)^(−1/2)`, symmetric `[D, D]`. */
  readonly matrix: Float32Array;
}

/** Options of {@linkcode fitZca}. */
export interface FitZcaOptions extends ProductOptions {
  /** Number added to every variance, which limits the amplification of noise (default: 0.1). */
  readonly regularization?: number;
}

/** Options of {@linkcode applyZca}. */
export interface ApplyZcaOptions extends ProductOptions {
  /**
   * Array for the result, of the same length as the images and possibly the same array (default: a new
   * array).
   */
  readonly output?: Float32Array<ArrayBuffer>;
}

/** Maximum number of values of an image; a larger covariance would take over 2 GB, and hours. */
const LARGEST_IMAGE = 16_384;

/**
 * Fits a whitening to images: `matrix = (Σ + regularization · I)^(−1/2)` with their covariance Σ (divided by
 * N). All computations are in float64, except products of a thousand images at a time, which are float32 on
 * the device.
 *
 * The whitened images have the covariance `I − regularization · matrix²`.
 *
 * @param images `[N, imageSize]`
 * @param imageSize Number of values of an image, D = C·H·W. Memory grows with D², time with N·D² (on the
 * device) and D³ (half a minute on one core for D = 3072).
 * @throws {RangeError} when there are no images, their number is not an integer, they are too large, or the
 * regularisation is not above 0.
 *
 * @example
 * ```ts
 * import { Device } from "../../kernels/mod.ts";
 * import { applyZca, fitZca } from "../mod.ts";
 * import { assertAlmostEquals } from "../../tests/assert.ts";
 *
 * const device = await Device.request();
 * const images = Float32Array.of(2, 0, -2, 0);
 * const zca = await fitZca(images, 2, { device });
 * const white = await applyZca(zca, images, { device });
 * assertAlmostEquals(white[0]!, 2 / Math.sqrt(4 + 0.1), 1e-6);
 * device[Symbol.dispose]();
 * ```
 */
export async function fitZca(
  images: Float32Array,
  imageSize: number,
  options: FitZcaOptions,
): Promise<ZcaTransform> {
  const { regularization = 0.1, signal } = options;
  checkImages("fit a whitening to images", images, imageSize);
  const count = images.length / imageSize;
  if (count === 0) {
    throw new RangeError("Cannot fit a whitening to images: there are no images");
  }
  if (imageSize > LARGEST_IMAGE) {
    throw new RangeError(
      `Cannot fit a whitening to images: they may have at most ${LARGEST_IMAGE} values, ` +
        `but have ${imageSize}. Use smaller images.`,
    );
  }
  if (!(regularization > 0 && regularization < Infinity)) {
    throw new RangeError(
      `Cannot fit a whitening: the regularisation must be above 0, but it is ${regularization}`,
    );
  }
  const mean = meanOf(images, imageSize);
  const covariance = await sumOfOuterProducts({ images, mean }, options);
  for (const [i, product] of covariance.entries()) {
    const isDiagonal = i % (imageSize + 1) === 0;
    covariance[i] = isDiagonal ? product / count + regularization : product / count;
  }
  return { mean, matrix: Float32Array.from(await inverseSquareRoot(covariance, imageSize, signal)) };
}

/** Returns the mean of each value over all images. */
function meanOf(images: Float32Array, imageSize: number): Float32Array {
  const sum = new Float64Array(imageSize);
  for (let start = 0; start < images.length; start += imageSize) {
    for (let k = 0; k < imageSize; k++) sum[k] = sum[k]! + images[start + k]!;
  }
  return Float32Array.from(sum, (value) => value / (images.length / imageSize));
}

/**
 * Whitens images: computes `matrix · (x − mean)` for each.
 *
 * @param images `[N, D]`
 * @returns `[N, D]`
 * @throws {RangeError} when the number of images is not an integer, or the output has another length.
 */
export async function applyZca(
  { mean, matrix }: ZcaTransform,
  images: Float32Array,
  options: ApplyZcaOptions,
): Promise<Float32Array<ArrayBuffer>> {
  checkImages("whiten images", images, mean.length);
  const { output = new Float32Array(images.length) } = options;
  if (output.length !== images.length) {
    throw new RangeError(
      "Cannot whiten images: the output must have the length of the images, " +
        `but ${output.length} ≠ ${images.length}`,
    );
  }
  await multiplyAll({ images, mean }, matrix, output, options);
  return output;
}
