/** Detection of the columns of a label list: files, labels and sets. */

import { quoteOf, someOf } from "../text.ts";
import {
  FILE_COLUMNS,
  FLAG_COLUMNS,
  LABEL_COLUMNS,
  LABEL_NAME_COLUMNS,
  normalizeColumn,
  SET_COLUMNS,
} from "./column_names.ts";
import { PICTURE_NAME } from "./file_names.ts";
import type { ListRecord, ListRecords } from "./records.ts";
import { findSetName, type SetName } from "./sets.ts";

/** Options of {@linkcode chooseColumns}. */
export interface ColumnOptions {
  /** Name or number (from 1) of the column with file names (default: detected). */
  readonly fileColumn?: string | undefined;
  /** Name or number (from 1) of the column with labels (default: detected). */
  readonly labelColumn?: string | undefined;
  /** Returns whether a file of this name exists (default: always false). */
  readonly isFile?: ((name: string) => boolean) | undefined;
}

/** Columns by their index, from 0. */
export interface Columns {
  /** Names of all columns; null = the list has no header. */
  readonly head: readonly string[] | null;
  /** Column of file names. */
  readonly file: number;
  /** Column of labels, or one column for each class. */
  readonly labels: readonly number[];
  /** Column of sets such as train and test, if any. */
  readonly set: number | undefined;
  /** Set of the lines with 1 or true in that column; undefined if its values are names of sets. */
  readonly flag: SetName | undefined;
  /** Column named like a column of sets whose values name no set, if any. */
  readonly unusedSet: number | undefined;
}

/** Names of columns that number the lines, as written by pandas, normalised. */
export const INDEX_COLUMN = /^(unnamed:_\d+|index|)$/;
const WHOLE = /^-?\d+(\.0*)?$/;
const BINARY = /^(0|1)(\.0*)?$|^(true|false)?$/i;
const YES = /^1(\.0*)?$|^true$/i;

/** Returns whether a cell in the column of a class is 1 or true. */
export function isYes(cell: string): boolean {
  return YES.test(cell.trim());
}

/**
 * Finds the columns of files, labels and sets: by the options, otherwise by column names, otherwise by
 * content. The column of files contains file names. Labels are in the remaining column, or in one column for
 * each class, with 0 and 1.
 *
 * @throws {SyntaxError} naming the columns when they are ambiguous.
 */
export function chooseColumns(
  { kind, records }: ListRecords,
  source: string,
  options: ColumnOptions = {},
): Columns {
  return new ColumnChoice(kind, records, source, options).choose();
}

class ColumnChoice {
  readonly #cells: readonly string[];
  readonly #names: readonly string[];
  readonly #hasHead: boolean;
  readonly #rows: readonly ListRecord[];

  constructor(
    readonly kind: ListRecords["kind"],
    readonly records: readonly ListRecord[],
    readonly source: string,
    readonly options: ColumnOptions,
  ) {
    const [first] = records;
    if (!first) throw this.#error("it has no lines");
    this.#cells = first.fields.map((cell) => cell.trim());
    this.#names = this.#cells.map(normalizeColumn);
    this.#hasHead = this.#isHead();
    this.#rows = this.#hasHead ? records.slice(1) : records;
  }

  choose(): Columns {
    const { fileColumn, labelColumn } = this.options;
    const chosenLabel = this.#findOption(labelColumn, "--label-column");
    const file = this.#findOption(fileColumn, "--file-column") ?? this.#findFiles(chosenLabel);
    const named = this.#hasHead && this.#cells.length > 2
      ? this.#findKnown(SET_COLUMNS, this.#places().filter((at) => at !== file && at !== chosenLabel))
      : undefined;
    const isUsed = named !== undefined &&
      this.#rows.some(({ fields }) => findSetName(fields[named] ?? "") !== undefined);
    const flag = isUsed ? undefined : this.#findFlag();
    const set = isUsed ? named : flag;
    return {
      head: this.#hasHead ? this.#cells : null,
      file,
      labels: chosenLabel === undefined ? this.#findLabels(file, set ?? named) : [chosenLabel],
      set,
      flag: flag === undefined ? undefined : FLAG_COLUMNS.get(this.#names[flag] ?? ""),
      unusedSet: isUsed ? undefined : named,
    };
  }

  /** Finds a column such as `is_valid`, whose values are 0 and 1 or the like. */
  #findFlag(): number | undefined {
    if (!this.#hasHead || this.#cells.length < 3) return undefined;
    return this.#places().find((at) => FLAG_COLUMNS.has(this.#names[at] ?? "") && this.#isBinary(at));
  }

  #isBinary(at: number): boolean {
    return this.#rows.every(({ fields }) => BINARY.test((fields[at] ?? "").trim()));
  }

  /** Returns whether the first line is a header: none of its cells is a file name. */
  #isHead(): boolean {
    const has = (names: readonly string[]) => this.#findKnown(names) !== undefined;
    if (this.kind.startsWith("JSON") || (has(FILE_COLUMNS) && has(LABEL_COLUMNS))) return true;
    const { isFile = () => false, fileColumn, labelColumn } = this.options;
    if ([fileColumn, labelColumn].some((name) => name !== undefined && this.#findNamed(name).length > 0)) {
      return true;
    }
    return this.kind === "table" && !this.#cells.some((cell) => PICTURE_NAME.test(cell) || isFile(cell));
  }

  /** Returns all columns except those that number the lines. */
  #places(): number[] {
    return [...this.#cells.keys()].filter((at) =>
      !this.#hasHead || !INDEX_COLUMN.test(this.#names[at] ?? "")
    );
  }

  /** Finds the column with the likeliest of these names. */
  #findKnown(
    names: readonly string[],
    places: readonly number[] = [...this.#names.keys()],
  ): number | undefined {
    const found = names.map((name) => places.find((at) => this.#names[at] === name));
    return found.find((at) => at !== undefined);
  }

  /** Finds the columns of exactly this name; if there are none, ignores case and spaces. */
  #findNamed(name: string): number[] {
    const all = [...this.#cells.keys()];
    const exact = all.filter((at) => this.#cells[at] === name);
    return exact.length > 0 ? exact : all.filter((at) => this.#names[at] === normalizeColumn(name));
  }

  #findOption(name: string | undefined, option: string): number | undefined {
    if (name === undefined) return undefined;
    const [place] = this.#findNamed(name), count = this.#cells.length;
    if (place !== undefined) return place;
    if (/^\d+$/.test(name) && Number(name) >= 1 && Number(name) <= count) return Number(name) - 1;
    throw this.#error(
      `${option} must be one of the columns ${this.#listColumns()} or a number from 1 to ${count}, ` +
        `but it is "${quoteOf(name)}"`,
    );
  }

  #findFiles(chosenLabel: number | undefined): number {
    const { isFile = () => false } = this.options;
    const cellsOf = (at: number) => this.#rows.values().map(({ fields }) => fields[at] ?? "");
    const places = this.#places().filter((at) => at !== chosenLabel);
    const named = this.#findKnown(FILE_COLUMNS, places);
    // Numbers may match files without extension by chance, so names with an extension are tried first.
    for (const isMeant of [(cell: string) => PICTURE_NAME.test(cell.trim()) && isFile(cell), isFile]) {
      if (named !== undefined && cellsOf(named).some(isMeant)) return named;
      const counts = places.map((at) => ({
        at,
        // Each file counts once.
        count: new Set(cellsOf(at).filter(isMeant)).size,
      }))
        .filter(({ count }) => count > 0).sort((a, b) => b.count - a.count || a.at - b.at);
      const [best, next] = counts;
      if (best && best.count === next?.count && this.#cells.length > 2) break;
      if (best) return best.at;
    }
    if (named !== undefined) return named;
    if (this.#cells.length === 2 && this.#findKnown(LABEL_COLUMNS) === undefined) return places[0] ?? 0;
    throw this.#error(
      `no column of file names, such as file or path, was found among ${this.#listColumns()}. ` +
        "Choose one with --file-column",
    );
  }

  #findLabels(file: number, set: number | undefined): readonly number[] {
    const rest = this.#places().filter((at) => at !== file && at !== set);
    const known = this.#hasHead ? this.#findKnown(LABEL_COLUMNS, rest) : undefined;
    const isNumbered = known !== undefined &&
      this.#rows.every(({ fields }) => WHOLE.test((fields[known] ?? "0").trim() || "0"));
    const names = this.#hasHead && (known === undefined || isNumbered)
      ? this.#findKnown(LABEL_NAME_COLUMNS, rest)
      : undefined;
    if (names !== undefined || known !== undefined) return [names ?? known ?? 0];
    if (rest.length === 1) return rest;
    if (rest.length > 1 && this.#hasHead && rest.every((at) => this.#isBinary(at))) return rest;
    throw this.#error(
      "no column of labels, such as label or class, and no columns of 0 and 1 for each class " +
        `were found among ${this.#listColumns()}. Choose one with --label-column`,
    );
  }

  #listColumns(): string {
    return someOf(this.#cells.map((cell) => JSON.stringify(quoteOf(cell))), 10);
  }

  #error(reason: string): SyntaxError {
    return new SyntaxError(`Cannot read ${this.source} as a table of labels: ${reason}`);
  }
}
