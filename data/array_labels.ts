/** Labels of an array: numbers, texts, or a column for each class. */

import { missingLabels } from "./lists/missing.ts";
import type { RawArray } from "./pixels/planes.ts";

/** Larger numbers are no numbers of classes. */
const LARGEST = 2 ** 30;

/**
 * Reads labels of an array: whole numbers `[N]`, of which negative ones and NaN stand for no label; texts, of which words
 * like `NA` do, and empty ones; or `[N, classes]` with 1 in the column of the class and 0 elsewhere, or 0 everywhere for no label. An axis of
 * length 1 does not count.
 *
 * @param source The file's name, for errors.
 * @returns The class of each by its name, `undefined` where there is no label.
 * @throws {SyntaxError} naming the file when the shape is none of labels.
 * @throws {RangeError} naming the file and the first label that is none.
 *
 * @example
 * ```ts
 * import { labelsOfArray } from "./mod.ts";
 * import { assertEquals } from "../tests/assert.ts";
 *
 * const columns = { shape: [3, 2], values: Uint8Array.of(0, 1, 1, 0, 0, 0), dtype: "u1" };
 * assertEquals(labelsOfArray(columns, "labels.npy"), ["1", "0", undefined]);
 * ```
 */
export function labelsOfArray({ shape, values }: RawArray, source: string): (string | undefined)[] {
  const sizes = shape.filter((size) => size !== 1);
  if (sizes.length > 2 || (sizes.length === 2 && Array.isArray(values))) {
    throw new SyntaxError(
      `Cannot use ${source} as labels must be one for each image, or a column for each class: its shape is ${
        shape.join("×")
      }`,
    );
  }
  const isMissing = missingLabels();
  if (Array.isArray(values)) return values.map((text) => isMissing(text) ? undefined : text);
  const columns = sizes[1];
  return columns === undefined ? ofNumbers(values, source) : ofColumns(values, columns, source);
}

type Numbers = Exclude<RawArray["values"], string[]>;

function ofNumbers(values: Numbers, source: string): (string | undefined)[] {
  const bad = values.findIndex((value) =>
    !Number.isNaN(value) && (!Number.isInteger(value) || Math.abs(value) > LARGEST)
  );
  if (bad >= 0) {
    throw new RangeError(
      `Cannot use ${source} as labels must be whole numbers, negative where there is none: label ${bad} is ${
        values[bad]
      }`,
    );
  }
  return Array.from(values, (value) => value >= 0 ? `${value}` : undefined);
}

function ofColumns(values: Numbers, columns: number, source: string): (string | undefined)[] {
  return Array.from({ length: values.length / columns }, (_, row) => {
    const own = values.subarray(row * columns, (row + 1) * columns);
    const first = own.indexOf(1);
    if (first !== own.lastIndexOf(1) || own.some((value) => value !== 0 && value !== 1)) {
      throw new RangeError(
        `Cannot use ${source} as its ${columns} columns must be 1 for the class and 0 for others: row ${row} is ${
          own.subarray(0, 10).join(" ")
        }${columns > 10 ? " …" : ""}`,
      );
    }
    return first < 0 ? undefined : `${first}`;
  });
}
