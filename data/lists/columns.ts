/** Which columns of a label list are which. */

import { quoteOf, someOf } from "../text.ts";
import type { ListRecord, ListRecords } from "./records.ts";
import { setNamed } from "./sets.ts";

/** How to tell columns apart. */
export interface ColumnOptions {
  /** The column of files: its name, or its number from 1 on (default: it is found). */
  readonly fileColumn?: string | undefined;
  /** The column of labels: its name, or its number from 1 on (default: it is found). */
  readonly labelColumn?: string | undefined;
  /** Whether there is a file of this name (default: no name says anything). */
  readonly isFile?: ((name: string) => boolean) | undefined;
}

/** Columns by their places, from 0 on. */
export interface Columns {
  /** How all are called; null = the first line is data like the others. */
  readonly head: readonly string[] | null;
  readonly file: number;
  /** One of labels, or one for each class. */
  readonly labels: readonly number[];
  /** That of sets such as train and test. */
  readonly set: number | undefined;
  /** A column that is called like one of sets, but names none. */
  readonly unusedSet: number | undefined;
}

/** Names of columns, the likeliest first. */
const FILE_COLUMNS = (
  "file filename file_name image image_name imagename image_file image_path img path filepath file_path name id image_id"
).split(" ");
const LABEL_COLUMNS = "label labels class class_name classname category target y".split(" ");
const SET_COLUMNS = "split subset set fold partition data_split dataset_split data_set usage phase".split(
  " ",
);
/** Columns that number the lines, as pandas writes them. */
const INDEX_COLUMN = /^(unnamed:_\d+|index|)$/;
const FILE_NAME = /\.(jpe?g|jfif|png|webp|gif|bmp|tiff?|avif|heic|jp2)$/i;
const BINARY = /^(0|1)(\.0*)?$|^(true|false)?$/i;
const YES = /^1(\.0*)?$|^true$/i;

/** Whether a cell of a class's column says that it is the class. */
export function saysYes(cell: string): boolean {
  return YES.test(cell.trim());
}

/**
 * Tells which columns are which: as is said, or by their names, or by what is in them. The column of files is the one that
 * names them; that of labels the one that is left, or there is one for each class, with 0 and 1.
 *
 * @throws {SyntaxError} naming the columns when it cannot be told.
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
    if (!first) throw this.#refusal("it must have lines", "it has none");
    this.#cells = first.fields.map((cell) => cell.trim());
    this.#names = this.#cells.map(plainName);
    this.#hasHead = this.#isHead();
    this.#rows = this.#hasHead ? records.slice(1) : records;
  }

  choose(): Columns {
    const { fileColumn, labelColumn } = this.options;
    const saidLabel = this.#said(labelColumn, "--label-column");
    const file = this.#said(fileColumn, "--file-column") ?? this.#findFiles(saidLabel);
    const named = this.#hasHead && this.#cells.length > 2
      ? this.#known(SET_COLUMNS, this.#places().filter((at) => at !== file && at !== saidLabel))
      : undefined;
    const isUsed = named !== undefined &&
      this.#rows.some(({ fields }) => setNamed(fields[named] ?? "") !== undefined);
    return {
      head: this.#hasHead ? this.#cells : null,
      file,
      labels: saidLabel === undefined ? this.#findLabels(file, named) : [saidLabel],
      set: isUsed ? named : undefined,
      unusedSet: isUsed ? undefined : named,
    };
  }

  /** Whether the first line names columns: no file is called like something in it. */
  #isHead(): boolean {
    const knows = (names: readonly string[]) => this.#known(names) !== undefined;
    if (this.kind === "JSON lines" || (knows(FILE_COLUMNS) && knows(LABEL_COLUMNS))) return true;
    const { isFile = () => false, fileColumn, labelColumn } = this.options;
    if ([fileColumn, labelColumn].some((name) => name !== undefined && this.#called(name).length > 0)) {
      return true;
    }
    return this.kind === "table" && !this.#cells.some((cell) => FILE_NAME.test(cell) || isFile(cell));
  }

  /** All columns but those that number lines. */
  #places(): number[] {
    return [...this.#cells.keys()].filter((at) =>
      !this.#hasHead || !INDEX_COLUMN.test(this.#names[at] ?? "")
    );
  }

  /** The column of the likeliest of these names. */
  #known(names: readonly string[], places: readonly number[] = [...this.#names.keys()]): number | undefined {
    const found = names.map((name) => places.find((at) => this.#names[at] === name));
    return found.find((at) => at !== undefined);
  }

  /** Columns of this very name, or else of this name but for case and blanks. */
  #called(name: string): number[] {
    const all = [...this.#cells.keys()];
    const exact = all.filter((at) => this.#cells[at] === name);
    return exact.length > 0 ? exact : all.filter((at) => this.#names[at] === plainName(name));
  }

  #said(name: string | undefined, option: string): number | undefined {
    if (name === undefined) return undefined;
    const [place] = this.#called(name), count = this.#cells.length;
    if (place !== undefined) return place;
    if (/^\d+$/.test(name) && Number(name) >= 1 && Number(name) <= count) return Number(name) - 1;
    throw this.#refusal(
      `${option} must be one of its columns, ${this.#shown()}, or a number from 1 to ${count}`,
      `it is "${quoteOf(name)}"`,
    );
  }

  #findFiles(saidLabel: number | undefined): number {
    const { isFile = () => false } = this.options;
    const cellsOf = (at: number) => new Set(this.#rows.map(({ fields }) => fields[at] ?? ""));
    const places = this.#places().filter((at) => at !== saidLabel);
    const named = this.#known(FILE_COLUMNS, places);
    // Numbers may name files without their endings, though they are something else.
    for (const isMeant of [(cell: string) => FILE_NAME.test(cell.trim()) && isFile(cell), isFile]) {
      if (named !== undefined && cellsOf(named).values().some(isMeant)) return named;
      const counts = places.map((at) => ({
        at,
        count: cellsOf(at).values().filter(isMeant).toArray().length,
      }))
        .filter(({ count }) => count > 0).sort((a, b) => b.count - a.count || a.at - b.at);
      const [best, next] = counts;
      if (best && best.count === next?.count && this.#cells.length > 2) break;
      if (best) return best.at;
    }
    if (named !== undefined) return named;
    if (this.#cells.length === 2 && this.#known(LABEL_COLUMNS) === undefined) return places[0] ?? 0;
    throw this.#refusal(
      "a column must be that of files, such as file or path",
      `its columns are ${this.#shown()}. Say which with --file-column`,
    );
  }

  #findLabels(file: number, set: number | undefined): readonly number[] {
    const rest = this.#places().filter((at) => at !== file && at !== set);
    const known = this.#hasHead ? this.#known(LABEL_COLUMNS, rest) : undefined;
    if (known !== undefined) return [known];
    if (rest.length === 1) return rest;
    const isBinary = (at: number) => this.#rows.every(({ fields }) => BINARY.test((fields[at] ?? "").trim()));
    if (rest.length > 1 && this.#hasHead && rest.every(isBinary)) return rest;
    throw this.#refusal(
      "a column must be that of labels, such as label or class, or there must be one for each class, of 0 and 1",
      `its columns are ${this.#shown()}. Say which with --label-column`,
    );
  }

  #shown(): string {
    return someOf(this.#cells.map((cell) => JSON.stringify(quoteOf(cell))), 10);
  }

  #refusal(rule: string, state: string): SyntaxError {
    return new SyntaxError(`Cannot read ${this.source} as a table of labels as ${rule}: ${state}`);
  }
}

function plainName(cell: string): string {
  return cell.trim().toLowerCase().replaceAll(/[\s-]+/g, "_");
}
