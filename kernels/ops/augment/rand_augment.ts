/**
 * RandAugment (Cubuk et al. 2020): operations drawn at random for each image of a batch, and cutout.
 * @module
 */
import { apply, type Tensor } from "../../tensor.ts";
import { type RandomKey, randomUniform } from "../random/random.ts";
import { cutout, drawsPerCutout } from "./cutout.ts";
import { drawsPerOperation, mostMagnitude, operationNumbers, randAugmentOp } from "./rand_augment_op.ts";
import { type RandAugmentOperation, randAugmentOperations } from "./rand_augment_reference.ts";

export { type RandAugmentOperation, randAugmentOperations } from "./rand_augment_reference.ts";

/** Options of {@linkcode randAugment}. */
export interface RandAugmentOptions {
  /** Number of operations on each image, one after the other (N in the paper); default 2. */
  readonly count?: number;
  /** Magnitude M on the paper's scale, 0 … 10; default 10. */
  readonly magnitude?: number;
  /** True if each operation draws its magnitude uniformly in 0 … M, as in FixMatch; default true. */
  readonly randomMagnitude?: boolean;
  /** Operations to choose from, all equally likely; default: the 14 of the paper. */
  readonly operations?: readonly RandAugmentOperation[];
  /** Side in pixels of a square that is cut out at the end; default 0, none. */
  readonly cutout?: number;
  /** Value of pixels outside the image and of pixels cut out; default 0.5. */
  readonly fill?: number;
}

/**
 * Applies to each image the operation that `uniform` draws; see {@linkcode randAugment}. No gradient.
 * @param images `[N, C, H, W]` with values in [0, 1].
 * @param uniform `[N, 3]` in [0, 1): operation, magnitude and sign of each image.
 * @throws {RangeError} if shapes or options do not fit.
 */
export function randAugmentOnce(
  images: Tensor,
  uniform: Tensor,
  { operations = randAugmentOperations, magnitude = mostMagnitude, randomMagnitude = true, fill = 0.5 }:
    RandAugmentOptions = {},
): Tensor {
  const numbers = operationNumbers(operations);
  return apply(randAugmentOp, [images, uniform], { operations: numbers, magnitude, randomMagnitude, fill });
}

/**
 * Applies RandAugment (Cubuk et al. 2020): `count` operations to each image, each drawn for that image, then
 * cutout. With a strength s = magnitude / 10, or uniform in 0 … magnitude / 10, a random sign ±, and a value v in
 * [0, 1], the operations are:
 *
 * - identity: `v`.
 * - autoContrast: `(v − low) / (high − low)` per channel; `v` if all values are equal.
 * - equalize: equal counts of levels per channel, by Pillow's table in whole numbers.
 * - rotate: by ±30 s degrees about the centre.
 * - solarize: `1 − v` where `v ≥ 256/255 · (1 − s)`.
 * - posterize: the first `8 − round(4 s)` bits of the level.
 * - color, contrast, brightness, sharpness: `other + (1 ± 0.9 s)(v − other)`, clamped to [0, 1], where `other` is
 *   the lightness, the mean lightness of the image, 0, and the image after Pillow's SMOOTH filter.
 * - shearX, shearY: by ±0.3 s, with the upper left corner fixed.
 * - translateX, translateY: by ±round(0.3 s · size) pixels.
 *
 * Every operation grows with the magnitude, as in torchvision. The ranges are AutoAugment's, for translations
 * FixMatch's. Lightness is Pillow's for three channels, else the mean of the channels.
 *
 * Rounding: equalize and posterize work on levels `⌊255 v + ½⌋`, as Pillow does; the other operations keep
 * fractions, which Pillow rounds to bytes after each operation (and rounds the mean lightness). Geometry is
 * interpolated like Pillow's BILINEAR; the authors take the nearest pixel.
 * @param images `[N, C, H, W]` with values in [0, 1], not normalised.
 * @param nextStream Returns an unused stream of random numbers.
 * @returns `[N, C, H, W]`.
 * @throws {RangeError} if shapes or options do not fit.
 * @example
 * ```ts
 * import { compile, Device, randAugment, variable } from "../../mod.ts";
 * const images = variable([2, 1, 4, 4], Array.from({ length: 32 }, (_, i) => i / 31));
 * const zero = variable([], [0], { dtype: "uint32" });
 * let stream = 0;
 * const strong = randAugment(images, { seed: zero, step: zero }, () => stream++, { cutout: 2 });
 * using device = await Device.request();
 * const program = await compile(device, {}, () => ({ outputs: { strong } }));
 * console.assert((await program.runAndRead({})).strong.length === 32);
 * ```
 */
export function randAugment(
  images: Tensor,
  key: RandomKey,
  nextStream: () => number,
  { count = 2, cutout: side = 0, fill = 0.5, ...options }: RandAugmentOptions = {},
): Tensor {
  if (!Number.isSafeInteger(count) || count < 0) {
    throw new RangeError(
      `Cannot apply RandAugment: the number of operations must be a whole number ≥ 0, but it is ${count}`,
    );
  }
  const batch = images.shape[0] ?? 0;
  let result = images;
  for (let i = 0; i < count; i++) {
    const uniform = randomUniform(key, nextStream(), [batch, drawsPerOperation]);
    result = randAugmentOnce(result, uniform, { ...options, fill });
  }
  if (side === 0) return result;
  return cutout(result, randomUniform(key, nextStream(), [batch, drawsPerCutout]), side, fill);
}

/** Ops of this file, for the table of all ops. */
export const randAugmentOps = [randAugmentOp] as const;
