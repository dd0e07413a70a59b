/** What white is in arrays of images: 1 or 255. */

import type { RawArray } from "./planes.ts";

/** The value of white, where black is 0. */
export type PixelRange = 1 | 255;

/** Rounding in other programs makes a little more than 1 of white. */
const ROUNDED_ONE = 1.001;
/** Floats with fractions that go further than 1, but not so far, are of neither range. */
const LEAST_OF_BYTES = 16;

/**
 * Finds out whether values go from 0 to 1 or from 0 to 255, of arrays of one type together: one of them may be dark.
 *
 * @param arrays Arrays of images with the files' names, for errors.
 * @returns The range of each type.
 * @throws {SyntaxError} when values are no numbers.
 * @throws {RangeError} naming the file and a value when the values are of neither range.
 */
export function pixelRangesOf(
  arrays: readonly { readonly array: RawArray; readonly source: string }[],
): ReadonlyMap<string, PixelRange> {
  const ranges = new Map<string, PixelRange>();
  for (const dtype of new Set(arrays.map(({ array }) => array.dtype))) {
    const own = arrays.filter(({ array }) => array.dtype === dtype);
    const largest = Math.max(...own.map(({ array, source }) => largestOf(array, source)));
    const strange = own.find(({ array }) => hasFractions(array));
    if (largest > ROUNDED_ONE && largest < LEAST_OF_BYTES && strange) {
      throw new RangeError(
        `Cannot use ${strange.source} as its floats must be from 0 to 1, or from 0 to 255: the largest is ${largest}. Scale all arrays of the set alike`,
      );
    }
    ranges.set(dtype, largest > ROUNDED_ONE ? 255 : 1);
  }
  return ranges;
}

/** The largest value. @throws when one is none of a pixel. */
function largestOf({ values, dtype }: RawArray, source: string): number {
  if (Array.isArray(values)) {
    throw new SyntaxError(
      `Cannot use ${source} as images must be of numbers: it has texts, of type ${dtype}`,
    );
  }
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? NaN;
    if (!(value >= 0 && value <= 255)) {
      throw new RangeError(
        `Cannot use ${source} as its numbers must be from 0 to 1, or from 0 to 255: number ${i} is ${value}. Scale all arrays of the set alike`,
      );
    }
    if (value > largest) largest = value;
  }
  return largest;
}

function hasFractions({ values }: RawArray): boolean {
  return !Array.isArray(values) && values.some((value) => !Number.isInteger(value));
}
