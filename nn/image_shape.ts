/**
 * Limits of image shapes in files.
 * @module
 */

/**
 * Maximum number of values of an image: 16.8 million, such as 3 × 2364 × 2364. Networks take hundreds of times
 * this memory, so a file must not claim more without notice.
 */
export const mostImageValues = 2 ** 24;

/** Returns whether a value of a file is `[C, H, W]` of an image, and not too large for any computer. */
export function isImageShape(value: unknown): value is readonly [number, number, number] {
  return Array.isArray(value) && value.length === 3 &&
    value.every((size) => Number.isSafeInteger(size) && size > 0) &&
    value.reduce((product, size) => product * size, 1) <= mostImageValues;
}
