/** Labels from an array of numbers, texts, or one-hot rows. */

import { createMissingTest } from "./lists/missing.ts";
import type { RawArray } from "./pixels/planes.ts";

/** Largest number accepted as a class. */
const LARGEST = 2 ** 30;

/**
 * Reads the labels in an array. Axes of length 1 are ignored. Three forms are accepted:
 * integers `[N]` (negative numbers and NaN mean unlabelled), texts `[N]` (empty texts and markers such as
 * `NA` mean unlabelled), and one-hot rows `[N, classes]` (a row of zeros means unlabelled).
 *
 * @param source The file's name, for errors.
 * @returns The class name of each example, `undefined` if unlabelled.
 * @throws {SyntaxError} naming the file when the shape is not one of these.
 * @throws {RangeError} naming the file and the first invalid label.
 *
 * @example
 * ```ts
 * import { readArrayLabels } from "./internal.ts";
 * import { assertEquals } from "../tests/assert.ts";
 *
 * const columns = { shape: [3, 2], values: Uint8Array.of(0, 1, 1, 0, 0, 0), dtype: "u1" };
 * assertEquals(readArrayLabels(columns, "labels.npy"), ["1", "0", undefined]);
 * ```
 */
export function readArrayLabels({ shape, values }: RawArray, source: string): (string | undefined)[] {
  const sizes = shape.filter((size) => size !== 1);
  if (sizes.length > 2 || (sizes.length === 2 && Array.isArray(values))) {
    throw new SyntaxError(
      `Cannot use ${source} as labels: the shape must be [N] or [N, classes], but it is ${shape.join("×")}`,
    );
  }
  const isMissing = createMissingTest();
  if (Array.isArray(values)) return values.map((text) => isMissing(text) ? undefined : text);
  const columns = sizes[1];
  return columns === undefined ? readIntegers(values, source) : readOneHotRows(values, columns, source);
}

type Numbers = Exclude<RawArray["values"], string[]>;

function readIntegers(values: Numbers, source: string): (string | undefined)[] {
  const bad = values.findIndex((value) =>
    !Number.isNaN(value) && (!Number.isInteger(value) || Math.abs(value) > LARGEST)
  );
  if (bad >= 0) {
    const rule = Number.isInteger(values[bad]) ? `between -${LARGEST} and ${LARGEST}` : "integers";
    throw new RangeError(
      `Cannot use ${source} as labels: labels must be ${rule} (negative = unlabelled), but label ${bad} is ${
        values[bad]
      }`,
    );
  }
  return Array.from(values, (value) => value >= 0 ? `${value}` : undefined);
}

function readOneHotRows(values: Numbers, columns: number, source: string): (string | undefined)[] {
  return Array.from({ length: values.length / columns }, (_, row) => {
    const cells = values.subarray(row * columns, (row + 1) * columns);
    const first = cells.indexOf(1);
    if (first !== cells.lastIndexOf(1) || cells.some((value) => value !== 0 && value !== 1)) {
      throw new RangeError(
        `Cannot use ${source} as one-hot labels: ` +
          `each row must have a 1 in the column of its class and 0 elsewhere, but row ${row} is ${
            cells.subarray(0, 10).join(" ")
          }${columns > 10 ? " …" : ""}`,
      );
    }
    return first < 0 ? undefined : `${first}`;
  });
}
