// deno-lint-ignore-file no-non-null-assertion -- loops over numbers, whose indices are in range by construction
/**
 * ZCA whitening: decorrelating the numbers of images while they stay as close to what they were as can be.
 *
 * A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009, appendix A; with 0.1 added to the
 * covariance as in the Mean Teacher ConvNet recipe.
 */

import { checkImages } from "./contrast.ts";
import { multiplyAll, type ProductOptions, sumOfOuterProducts } from "./image_products.ts";
import { inverseSquareRoot } from "./inverse_square_root.ts";

/** A whitening: `x ← matrix · (x − mean)`. */
export interface ZcaTransform {
  /** Mean of each number over the images it was fitted to `[D]`. */
  readonly mean: Float32Array;
  /** `(covariance + regularization · I)^(−1/2)`, symmetric `[D, D]`. */
  readonly matrix: Float32Array;
}

/** How to fit a whitening. */
export interface FitZcaOptions extends ProductOptions {
  /** Added to every variance, so that noise is not blown up (default: 0.1). */
  readonly regularization?: number;
}

/** How to apply a whitening. */
export interface ApplyZcaOptions extends ProductOptions {
  /** Where to put the result: an array of the same length, which may be the images' own (default: a new one). */
  readonly output?: Float32Array<ArrayBuffer>;
}

/** The covariance of more numbers would take over 2 GB, and hours. */
const LARGEST_IMAGE = 16_384;

/**
 * Fits a whitening to images: `matrix = (Σ + regularization · I)^(−1/2)` with their covariance Σ (divided by N), in
 * float64 but for the products, which are float32 on a device within a thousand images.
 *
 * What it makes of these images has the covariance `I − regularization · matrix²`.
 *
 * @param images `[N, imageSize]`
 * @param imageSize Numbers of an image, D = C·H·W. It takes memory for D² and time for N·D² and D³: half a minute on
 * one core for D = 3072 beside the product of N·D² on the device.
 * @throws {RangeError} when there is no image or no whole number of them, one is too large, or the regularisation is
 * not above 0.
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
    throw new RangeError("Cannot fit a whitening to images as there must be one: there is none");
  }
  if (imageSize > LARGEST_IMAGE) {
    throw new RangeError(
      `Cannot fit a whitening to images as they must have at most ${LARGEST_IMAGE} numbers: they have ${imageSize}`,
    );
  }
  if (!(regularization > 0 && regularization < Infinity)) {
    throw new RangeError(
      `Cannot fit a whitening as its regularisation must be above 0: it is ${regularization}`,
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

/** Mean of each number over all images. */
function meanOf(images: Float32Array, imageSize: number): Float32Array {
  const sum = new Float64Array(imageSize);
  for (let start = 0; start < images.length; start += imageSize) {
    for (let k = 0; k < imageSize; k++) sum[k] = sum[k]! + images[start + k]!;
  }
  return Float32Array.from(sum, (value) => value / (images.length / imageSize));
}

/**
 * Whitens images: `matrix · (x − mean)` of each.
 *
 * @param images `[N, D]`
 * @returns `[N, D]`
 * @throws {RangeError} when there is no whole number of images, or the output has another length.
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
      `Cannot whiten images as the output must be as long as they are: ${output.length} ≠ ${images.length}`,
    );
  }
  await multiplyAll({ images, mean }, matrix, output, options);
  return output;
}
