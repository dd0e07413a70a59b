/** Columns of a table of pixels, found by its first lines. */

import {
  FILE_COLUMNS,
  LABEL_COLUMNS,
  LABEL_NAME_COLUMNS,
  normalizeColumn,
  SET_COLUMNS,
} from "../lists/column_names.ts";
import { INDEX_COLUMN } from "../lists/columns.ts";
import { detectSeparator } from "../lists/records.ts";
import { findSetName } from "../lists/sets.ts";
import { quoteOf, someOf } from "../text.ts";
import { findSquare, type ImageSize, isSide, LEAST_SIDE, MOST_SIDE } from "./image_sizes.ts";
import { areRepeatedNames, findDisorder, findPixelRun } from "./pixel_names.ts";
import { MOST_FIELDS, splitFields, wordsOf } from "./split_fields.ts";

/** Columns of a table of pixels. */
export interface TableLayout {
  /** Separator of fields. */
  readonly separator: string;
  /** Separator of pixels: that of fields, or a blank if a single column has all pixels. */
  readonly pixelSeparator: string;
  /** Number of lines before the first image. */
  readonly headLines: number;
  /** Names of all columns; null = the table has no head line. */
  readonly names: readonly string[] | null;
  /** Number of all columns. */
  readonly columns: number;
  /** Index of the first column of pixels. */
  readonly firstPixel: number;
  /** Number of columns of pixels. */
  readonly pixelColumns: number;
  /** Height, width and number of channels of an image. */
  readonly shape: ImageSize;
  /**
   * Index of the column of labels; null if there is none. `"first or last"` if either can have the labels, and
   * the other has a pixel: then both are missing in the columns of pixels.
   */
  readonly label: number | "first or last" | null;
  /** Index of the column of sets; null if there is none. */
  readonly set: number | null;
  /** Sentences about decisions and ignored columns. */
  readonly notes: readonly string[];
}

/** Smallest number of pixels of an image. */
const LEAST_PIXELS = LEAST_SIDE ** 2;
/** Other usual names of columns that name or number images. */
const IMAGE_COLUMNS = [...FILE_COLUMNS, "imageid", "row", "row_id"];
const NUMBER = /^\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*$/i;

/**
 * Finds the columns of a table of pixels.
 *
 * @param lines The first lines with text, at most three.
 * @param source The file's name, for errors.
 * @returns The columns, or undefined if the lines are not of such a table.
 * @throws {SyntaxError} when the table has columns of pixels that cannot be read.
 */
export function findTableLayout(lines: readonly string[], source: string): TableLayout | undefined {
  const [, excels] = /^\s*"?sep=([\t;,|])"?[\t ;,]*$/i.exec(lines[0] ?? "") ?? [];
  const [first, second] = excels === undefined ? lines : lines.slice(1);
  if (first === undefined) return undefined;
  const separator = excels ?? detectSeparator(first);
  const fields = splitFields(first, separator);
  if (fields.length > MOST_FIELDS) return undefined;
  const choice = new LayoutChoice(
    fields,
    second === undefined ? undefined : splitFields(second, separator),
    source,
  );
  const layout = choice.ofLists() ?? choice.ofColumns();
  return layout && {
    ...layout,
    separator,
    pixelSeparator: layout.isList ? " " : separator,
    headLines: (excels === undefined ? 0 : 1) + (layout.names ? 1 : 0),
  };
}

type Choice = Omit<TableLayout, "separator" | "pixelSeparator" | "headLines"> & { readonly isList: boolean };

class LayoutChoice {
  readonly #cells: readonly string[];
  readonly #row: readonly string[] | undefined;
  readonly #source: string;

  constructor(first: readonly string[], second: readonly string[] | undefined, source: string) {
    this.#cells = first.map((cell) => cell.trim());
    this.#row = second;
    this.#source = source;
  }

  /** Finds a column whose fields have all pixels, with blanks between them. */
  ofLists(): Choice | undefined {
    const isList = (cell: string) => {
      const words = wordsOf(cell);
      return words.length >= LEAST_PIXELS && words.every((word) => NUMBER.test(word));
    };
    const isHead = !this.#cells.some(isList), row = isHead ? this.#row : this.#cells;
    const at = row?.findIndex(isList) ?? -1, list = row?.[at];
    if (list === undefined) return undefined;
    const count = wordsOf(list).length;
    return {
      ...this.#others(at, 1, isHead),
      shape: this.#shapeOf(count, `a line has ${count}`),
      isList: true,
    };
  }

  /** Finds a column for each pixel. */
  ofColumns(): Choice | undefined {
    const cells = this.#cells;
    if (cells.length < LEAST_PIXELS) return undefined;
    const hasRepeatedNames = areRepeatedNames(cells), run = findPixelRun(cells);
    const texts = cells.filter((cell) => !NUMBER.test(cell)).length;
    // Names such as 0, 1, 2 … cannot be a line of pixels if there are more of them than values of a byte.
    const isHead = hasRepeatedNames || run.count > 256 || texts > 0 && run.count >= LEAST_PIXELS || texts > 1;
    if (!isHead) return this.#headless();
    if (hasRepeatedNames) {
      const found = this.#headless();
      const note = "the first line is skipped: pandas made names of columns from a line of pixels";
      return found && { ...found, names: cells, notes: [note] };
    }
    if (this.#namesFiles()) return undefined;
    if (run.count < LEAST_PIXELS) {
      const disorder = findDisorder(cells, LEAST_PIXELS);
      if (!disorder) return undefined;
      const [before, after] = disorder.map(quoteOf);
      throw this.#error("columns of pixels must be in their order", `${after} follows ${before}`);
    }
    const { first, count, size } = run, isAll = count === cells.length;
    if (isAll && !size && !findSquare(count) && findSquare(count - 1)) return this.#undecided(count, cells);
    const names = `${quoteOf(cells[first] ?? "")} to ${quoteOf(cells[first + count - 1] ?? "")}`;
    const shape = size && size.every(isSide)
      ? [...size, 1] as const
      : this.#shapeOf(count, `${count} columns are named ${names}`);
    return { ...this.#others(first, count, true), shape, isList: false };
  }

  /** Returns whether a column has names of files, as in a label list with a column for each class. */
  #namesFiles(): boolean {
    return this.#cells.some((cell, at) => {
      const value = this.#row?.[at]?.trim() ?? "";
      return IMAGE_COLUMNS.includes(normalizeColumn(cell)) && value !== "" && !NUMBER.test(value);
    });
  }

  /** Finds the columns of a table whose first line has numbers, or a text beside them. */
  #headless(): Choice | undefined {
    const { length } = this.#cells, isText = (at: number) => !NUMBER.test(this.#cells.at(at) ?? "");
    const whole = findSquare(length), size = findSquare(length - 1);
    if (whole && size) {
      throw this.#error(
        "without names, its columns must be pixels, or pixels and a label",
        `${length} columns can be both. Add a line of names, such as label,pixel0,pixel1 and so on`,
      );
    }
    if (this.#cells.filter((cell) => !NUMBER.test(cell)).length > 1) return undefined;
    const about = { names: null, columns: length, set: null, isList: false, notes: [] };
    if (whole) {
      return isText(0) || isText(-1)
        ? undefined
        : { ...about, firstPixel: 0, pixelColumns: length, shape: whole, label: null };
    }
    if (!size) return undefined;
    if (!isText(0) && !isText(-1)) return this.#undecided(length, null);
    const firstPixel = isText(0) ? 1 : 0, label = isText(0) ? 0 : length - 1;
    return { ...about, firstPixel, pixelColumns: length - 1, shape: size, label };
  }

  #undecided(columns: number, names: readonly string[] | null): Choice {
    return {
      names,
      columns,
      firstPixel: 1,
      pixelColumns: columns - 2,
      shape: this.#shapeOf(columns - 1, `there are ${columns} columns`),
      label: "first or last",
      set: null,
      isList: false,
      notes: [],
    };
  }

  /** Finds the columns of labels and sets among those without pixels. */
  #others(firstPixel: number, pixelColumns: number, isHead: boolean): Omit<Choice, "shape" | "isList"> {
    const columns = this.#cells.length, names = this.#cells.map(normalizeColumn);
    const places = [...names.keys()].filter((at) => at < firstPixel || at >= firstPixel + pixelColumns);
    const find = (known: readonly string[]) =>
      isHead
        ? known.map((name) => places.find((at) => names[at] === name)).find((at) => at !== undefined)
        : undefined;
    const named = isHead ? find(SET_COLUMNS) : places.find((at) => findSetName(this.#cells[at] ?? ""));
    const word = named === undefined ? "" : (isHead ? this.#row : this.#cells)?.[named]?.trim() ?? "";
    const isUsed = word === "" || findSetName(word) !== undefined;
    const isIndex = (at: number) =>
      isHead && (INDEX_COLUMN.test(names[at] ?? "") || IMAGE_COLUMNS.includes(names[at] ?? ""));
    const rest = places.filter((at) => at !== named && !isIndex(at));
    const label = find(LABEL_NAME_COLUMNS) ?? find(LABEL_COLUMNS) ??
      (rest.length === 1 ? rest[0] : undefined);
    const others = rest.filter((at) => at !== label);
    this.#checkOthers(others, label);
    const unused = [...(isUsed ? [] : [named ?? 0]), ...others];
    return {
      names: isHead ? this.#cells : null,
      columns,
      firstPixel,
      pixelColumns,
      label: label ?? null,
      set: isUsed ? named ?? null : null,
      notes: unused.length === 0 ? [] : [
        `${unused.length === 1 ? "column" : "columns"} ${someOf(unused.map((at) => this.#cells[at] ?? ""))} ${
          unused.length === 1 ? "is" : "are"
        } ignored`,
      ],
    };
  }

  /** @throws {SyntaxError} when columns without a known use may be pixels or labels. */
  #checkOthers(others: readonly number[], label: number | undefined): void {
    const state = `there are also ${someOf(others.map((at) => this.#cells[at] ?? ""))}`;
    if (others.length >= LEAST_PIXELS) {
      throw this.#error("the names of all columns of pixels must count up in one sequence", state);
    }
    if (label === undefined && others.length > 0) {
      throw this.#error(
        "the column of labels must be named label, unless it is the only one beside pixels",
        state,
      );
    }
  }

  #shapeOf(count: number, state: string): ImageSize {
    const size = findSquare(count);
    if (size) return size;
    throw this.#error(
      `images must be squares of ${LEAST_SIDE}×${LEAST_SIDE} to ${MOST_SIDE}×${MOST_SIDE} pixels, with one number a ` +
        "pixel or three, or have columns named by row and column, such as 1x1 to 28x32",
      state,
    );
  }

  #error(rule: string, state: string): SyntaxError {
    return new SyntaxError(`Cannot read ${this.#source} as a table of pixels: ${rule}, but ${state}`);
  }
}
