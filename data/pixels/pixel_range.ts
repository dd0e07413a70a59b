/** Value range of arrays of images: white is 1, 16 or 255. */

import type { RawArray } from "./planes.ts";

/** Value of white; black is 0. */
export type PixelRange = 1 | 16 | 255;

/** Largest value taken as 1, as rounding in other programs may exceed 1 slightly. */
const ROUNDED_ONE = 1.001;
/** Smallest maximum of fractional values taken as 0 to 255; maxima between 1 and this are rejected. */
const LEAST_OF_BYTES = 16;
/** White and number of pixels of the digits of UCI and scikit-learn. */
const WHITE_OF_DIGITS = 16, PIXELS_OF_DIGITS = 64;

/**
 * Detects whether values range from 0 to 1 or from 0 to 255; or from 0 to 16, as in the 8×8 digits of UCI. All
 * arrays of one type are considered together, as a single array may contain only dark images.
 *
 * @param arrays Arrays of images with their file names, for errors.
 * @returns The range of each type.
 * @throws {SyntaxError} when values are not numbers.
 * @throws {RangeError} naming the file and a value when the values fit neither range.
 */
export function findPixelRanges(
  arrays: readonly { readonly array: RawArray; readonly source: string }[],
): ReadonlyMap<string, PixelRange> {
  const ranges = new Map<string, PixelRange>();
  for (const dtype of new Set(arrays.map(({ array }) => array.dtype))) {
    const sameType = arrays.filter(({ array }) => array.dtype === dtype);
    const largest = Math.max(...sameType.map(({ array, source }) => largestOf(array, source)));
    const isBetween = largest > ROUNDED_ONE && largest < LEAST_OF_BYTES;
    const areDigits = sameType.every(({ array }) => pixelsOf(array) === PIXELS_OF_DIGITS);
    const fractional = isBetween ? sameType.find(({ array }) => hasFractions(array)) : undefined;
    const unclear = fractional ?? (isBetween && areDigits ? sameType[0] : undefined);
    if (unclear) {
      throw new RangeError(
        `Cannot use ${unclear.source}: values must range from 0 to 1 or from 0 to 255${
          fractional ? "" : ", or in images of 8×8 from 0 to 16"
        }, but the largest is ${largest}. Scale all arrays of the set in the same way`,
      );
    }
    ranges.set(
      dtype,
      largest <= ROUNDED_ONE ? 1 : areDigits && largest === WHITE_OF_DIGITS ? WHITE_OF_DIGITS : 255,
    );
  }
  return ranges;
}

/** Returns the largest value. @throws when a value is not that of a pixel. */
function largestOf({ values, dtype }: RawArray, source: string): number {
  if (Array.isArray(values)) {
    throw new SyntaxError(
      `Cannot use ${source} as images: its elements must be numbers, but they are texts (${dtype})`,
    );
  }
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? NaN;
    if (!(value >= 0 && value <= 255)) {
      throw new RangeError(
        `Cannot use ${source}: values must range from 0 to 1 or from 0 to 255, but value ${i} is ${value}. ` +
          "Scale all arrays of the set in the same way",
      );
    }
    if (value > largest) largest = value;
  }
  return largest;
}

function hasFractions({ values }: RawArray): boolean {
  return !Array.isArray(values) && values.some((value) => !Number.isInteger(value));
}

/** Returns the number of values of an image. */
function pixelsOf({ shape: [, ...sizes] }: RawArray): number {
  return sizes.reduce((product, size) => product * size, 1);
}
