/** Tables of labels: what a list says of each file, however it is written. */

import { counted, quoteOf, someOf } from "../text.ts";
import { chooseColumns, type ColumnOptions, type Columns, saysYes } from "./columns.ts";
import { describeMissing, missingLabels } from "./missing.ts";
import { type ListRecord, type ListRecords, parseRecords } from "./records.ts";
import { type SetName, setNamed } from "./sets.ts";

/** A line of a label list. */
export interface LabelRow {
  /** What it says of the file's name. */
  readonly name: string;
  /** The class; empty = none. */
  readonly className: string;
  /** What it says of the class. */
  readonly said: string;
  /** The set that it says; nothing where it says none. */
  readonly set?: SetName | undefined;
  /** Whether its example was suggested to be labelled, and is never held out. */
  readonly isSuggested?: true;
  /** Where it begins in the file, counted from 1. */
  readonly line: number;
}

/** A table of labels. */
export interface LabelTable {
  /** What it is called in messages. */
  readonly source: string;
  /** Its lines, but for names of columns. */
  readonly rows: readonly LabelRow[];
  /** How its columns are called; nothing where there is no line of names. */
  readonly columns: {
    readonly file: string;
    /** Null = there is one for each class. */
    readonly label: string | null;
    readonly set?: string;
  } | null;
  /** Sentences on lines without a label, and on columns that are not used. */
  readonly notes: readonly string[];
}

/** How to read a label list. */
export interface LabelTableOptions extends ColumnOptions {
  /** Words that stand for no label (default: {@linkcode MISSING_MARKERS}). */
  readonly missing?: readonly string[] | undefined;
}

/**
 * Reads a table of labels: fields between commas, semicolons or tabs, whichever the first line has most of, quoted where
 * they hold one (RFC 4180), line breaks of any kind; or JSON lines. Columns are told by their names, as `filename` and
 * `label`, or by what is in them; a table of two columns without such names has the file first. Labels may also stand in a
 * column for each class, with 0 and 1. A column `split` says the sets.
 *
 * @param source The file's name, for errors.
 * @throws {SyntaxError} naming the file, and where it matters the line, when it is no such table.
 * @throws {RangeError} when only some words of a column of sets name one.
 *
 * @example
 * ```ts
 * import { parseLabelTable } from "../mod.ts";
 * import { assertEquals } from "../../tests/assert.ts";
 *
 * const { rows } = parseLabelTable('id,breed,label\n1,"x, y",cat\n2,z,?\n', "labels.csv");
 * assertEquals(rows.map(({ name, className }) => [name, className]), [["1", "cat"], ["2", ""]]);
 * ```
 */
export function parseLabelTable(text: string, source: string, options: LabelTableOptions = {}): LabelTable {
  const isJson = /^\ufeff?\s*\{/.test(text);
  return labelTableOf(parseRecords(text, source, isJson ? "JSON lines" : "table"), source, options);
}

/** What the lines of a list say. @throws as {@linkcode parseLabelTable} */
export function labelTableOf(
  list: ListRecords,
  source: string,
  options: LabelTableOptions = {},
): LabelTable {
  const columns = chooseColumns(list, source, options);
  const { head, set, unusedSet } = columns;
  const records = head === null ? list.records : list.records.slice(1);
  const isMissing = missingLabels(options.missing);
  const several: string[] = [];
  const rows = records.map((record): LabelRow => {
    const name = record.fields[columns.file] ?? "", { line } = record;
    const classes = classesIn(record, columns);
    if (classes.length > 1) several.push(`line ${line} (${quoteOf(name)}: ${quoteOf(classes.join(", "))})`);
    const said = classes.join(", ");
    const className = classes.length > 1 || isMissing(said) ? "" : said;
    const word = set === undefined ? "" : record.fields[set] ?? "";
    return {
      name,
      className,
      said,
      line,
      ...(word.trim() !== "" && { set: setOf(word, record, source, head?.[set ?? 0]) }),
    };
  });
  const missing = describeMissing(
    rows.filter(({ said, className }) => className !== "" || isMissing(said)),
    source,
  );
  return {
    source,
    rows,
    columns: head && {
      file: head[columns.file] ?? "",
      label: columns.labels.length === 1 ? head[columns.labels[0] ?? 0] ?? "" : null,
      ...(set !== undefined && { set: head[set] ?? "" }),
    },
    notes: [
      ...(missing === undefined ? [] : [missing]),
      ...(several.length === 0 ? [] : [describeSeveral(several, source)]),
      ...(unusedSet === undefined ? [] : [describeUnused(records, unusedSet, head ?? [], source)]),
    ],
  };
}

/** All classes that a line names. */
function classesIn({ fields }: ListRecord, { head, labels }: Columns): string[] {
  const [only] = labels;
  if (labels.length > 1) {
    return labels.filter((at) => saysYes(fields[at] ?? "")).map((at) => head?.[at] ?? "");
  }
  const cell = (fields[only ?? 0] ?? "").trim();
  const [, inside] = /^\[(.*)\]$/s.exec(cell) ?? [];
  if (inside === undefined) return [cell];
  return inside.split(",").map((each) => each.trim().replace(/^(["'])(.*)\1$/s, "$2")).filter((each) =>
    each !== ""
  );
}

function setOf(word: string, { line }: ListRecord, source: string, column: string | undefined): SetName {
  const set = setNamed(word);
  if (set !== undefined) return set;
  throw new RangeError(
    `Cannot use ${source} as its column ${column} must say train, val, test or unlabeled: line ${line} says ${
      JSON.stringify(quoteOf(word))
    }`,
  );
}

function describeSeveral(several: readonly string[], source: string): string {
  const [have, give] = several.length === 1 ? ["has", "gives"] : ["have", "give"];
  return `${counted(several.length, "line")} of ${source} ${have} several classes, and ${give} no label: ${
    someOf(several)
  }`;
}

function describeUnused(
  records: readonly ListRecord[],
  column: number,
  head: readonly string[],
  source: string,
): string {
  const words = [...new Set(records.map(({ fields }) => (fields[column] ?? "").trim()))].filter((word) =>
    word
  );
  return `column ${quoteOf(head[column] ?? "")} of ${source} is not used: its values (${
    someOf(words.sort().map(quoteOf))
  }) name no sets such as train, val and test`;
}
