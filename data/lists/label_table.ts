/** Tables of labels: file, class and set of each line, whatever the format of the list. */

import { counted, quoteOf, someOf } from "../text.ts";
import { chooseColumns, type ColumnOptions, type Columns, isYes } from "./columns.ts";
import { createMissingTest, describeMissing } from "./missing.ts";
import { type ListRecord, type ListRecords, parseRecords } from "./records.ts";
import { findSetName, type SetName } from "./sets.ts";

/** A line of a label list. */
export interface LabelRow {
  /** File name as written. */
  readonly name: string;
  /** Class name; empty = unlabelled. */
  readonly className: string;
  /** Label as written, such as `NA`. */
  readonly labelText: string;
  /** Set named by the line, if any. */
  readonly set?: SetName | undefined;
  /** True if the example was suggested for labelling; such examples are never held out. */
  readonly isSuggested?: boolean;
  /** True if the label replaces other labels of the example. */
  readonly isCorrection?: boolean;
  /** Number of its first line in the file, counted from 1; 0 = the label is in the name itself. */
  readonly line: number;
}

/** A table of labels. */
export interface LabelTable {
  /** File name for messages. */
  readonly source: string;
  /** Lines without the header. */
  readonly rows: readonly LabelRow[];
  /** Names of the columns; null = the list has no header. */
  readonly columns: {
    readonly file: string;
    /** Null = one column for each class. */
    readonly label: string | null;
    readonly set?: string;
    /** Names of all columns. */
    readonly all: readonly string[];
  } | null;
  /** Sentences about lines without a label and about unused columns. */
  readonly notes: readonly string[];
}

/** Options of {@linkcode parseLabelTable}. */
export interface LabelTableOptions extends ColumnOptions {
  /** Words that mean unlabelled (default: {@linkcode MISSING_MARKERS}). */
  readonly missing?: readonly string[] | undefined;
}

/**
 * Parses a table of labels: JSON lines, or fields separated by tabs, semicolons, commas or bars (the most
 * frequent one in the first line), optionally quoted (RFC 4180), with any kind of line breaks. Columns are
 * found by their names, such as `filename` and `label`, or by their content; in two columns without such
 * names, the first is the file. Labels may also be given as one column for each class, with 0 and 1. A column
 * such as `split` assigns lines to sets.
 *
 * @param source The file's name, for errors.
 * @throws {SyntaxError} naming the file, and usually the line, when it is not such a table.
 * @throws {RangeError} when only some values of the column of sets name a set.
 *
 * @example
 * ```ts
 * import { parseLabelTable } from "../internal.ts";
 * import { assertEquals } from "../../tests/assert.ts";
 *
 * const { rows } = parseLabelTable('id,breed,label\n1,"x, y",cat\n2,z,?\n', "labels.csv");
 * assertEquals(rows.map(({ name, className }) => [name, className]), [["1", "cat"], ["2", ""]]);
 * ```
 */
export function parseLabelTable(text: string, source: string, options: LabelTableOptions = {}): LabelTable {
  const isJson = /^\ufeff?\s*\{/.test(text);
  return buildLabelTable(parseRecords(text, source, isJson ? "JSON lines" : "table"), source, options);
}

/** Builds a table of labels from the records of a list. @throws as {@linkcode parseLabelTable} */
export function buildLabelTable(
  list: ListRecords,
  source: string,
  options: LabelTableOptions = {},
): LabelTable {
  const columns = chooseColumns(list, source, options);
  const { head, set, flag, unusedSet } = columns;
  const records = head === null ? list.records : list.records.slice(1);
  const isMissing = createMissingTest(options.missing);
  const several: string[] = [];
  const toClass = areFloats(records, columns, isMissing)
    ? (text: string) => text.replace(/\.0*$/, "")
    : undefined;
  const rows = records.map((record): LabelRow => {
    const name = record.fields[columns.file] ?? "", { line } = record;
    const classes = classesIn(record, columns);
    if (classes.length > 1) several.push(`line ${line} (${quoteOf(name)}: ${quoteOf(classes.join(", "))})`);
    const labelText = classes.join(", ");
    const className = classes.length > 1 || isMissing(labelText) ? "" : toClass?.(labelText) ?? labelText;
    const cell = set === undefined ? "" : record.fields[set] ?? "";
    const word = flag === undefined || cell.trim() === "" ? cell : flagged(flag, isYes(cell));
    return {
      name,
      className,
      labelText,
      line,
      ...(word.trim() !== "" && { set: setOf(word, record, source, head?.[set ?? 0]) }),
    };
  });
  const missing = describeMissing(
    rows.filter(({ labelText, className }) => className !== "" || isMissing(labelText)),
    source,
  );
  return {
    source,
    rows,
    columns: head && {
      file: head[columns.file] ?? "",
      label: columns.labels.length === 1 ? head[columns.labels[0] ?? 0] ?? "" : null,
      ...(set !== undefined && { set: head[set] ?? "" }),
      all: head,
    },
    notes: [
      ...(missing === undefined ? [] : [missing]),
      ...(several.length === 0 ? [] : [describeSeveral(several, source)]),
      ...describeJoined(rows, source),
      ...(unusedSet === undefined ? [] : [describeUnused(records, unusedSet, head ?? [], source)]),
    ],
  };
}

/** Returns whether all labels are whole numbers, some as `1.0`: pandas writes so if some labels are missing. */
function areFloats(
  records: readonly ListRecord[],
  columns: Columns,
  isMissing: (word: string) => boolean,
): boolean {
  const [at = 0] = columns.labels;
  if (columns.labels.length > 1) return false;
  const words = records.map(({ fields }) => (fields[at] ?? "").trim()).filter((word) => !isMissing(word));
  return words.some((word) => /\.0+$/.test(word)) && words.every((word) => /^-?\d+(\.0*)?$/.test(word));
}

/** Returns the set of a line by a column that tells one set from the others. */
function flagged(flag: SetName, isIn: boolean): SetName {
  return isIn ? flag : flag === "train" ? "test" : "train";
}

/** Describes classes that join other classes of the list, such as `cat|dog` beside `cat` and `dog`. */
function describeJoined(rows: readonly LabelRow[], source: string): string[] {
  const classes = new Set(rows.map(({ className }) => className));
  classes.delete("");
  const joined = [...classes].filter((name) => {
    const parts = name.split(/[|,;/+&\s]+/).filter((part) => part !== "");
    return parts.length > 1 && parts.every((part) => part !== name && classes.has(part));
  });
  if (joined.length === 0) return [];
  const count = rows.filter(({ className }) => joined.includes(className)).length;
  return [
    `${counted(count, "line")} of ${source} may name several classes: ${someOf(joined)} ${
      joined.length === 1 ? "is" : "are"
    } used as ${joined.length === 1 ? "a class" : "classes"} of ${
      joined.length === 1 ? "its" : "their"
    } own; --missing leaves such labels out`,
  ];
}

/** Returns all classes named by a line. */
function classesIn({ fields }: ListRecord, { head, labels }: Columns): string[] {
  const [only] = labels;
  if (labels.length > 1) {
    return labels.filter((at) => isYes(fields[at] ?? "")).map((at) => head?.[at] ?? "");
  }
  const cell = (fields[only ?? 0] ?? "").trim();
  const [, inside] = /^\[(.*)\]$/s.exec(cell) ?? [];
  if (inside === undefined) return [cell];
  return inside.split(",").map((each) => each.trim().replace(/^(["'])(.*)\1$/s, "$2")).filter((each) =>
    each !== ""
  );
}

function setOf(word: string, { line }: ListRecord, source: string, column: string | undefined): SetName {
  const set = findSetName(word);
  if (set !== undefined) return set;
  throw new RangeError(
    `Cannot use ${source}: values of column ${column} must be train, val, test or unlabeled, ` +
      `but line ${line} has ${JSON.stringify(quoteOf(word))}`,
  );
}

function describeSeveral(several: readonly string[], source: string): string {
  const [have, count] = several.length === 1 ? ["has", "counts"] : ["have", "count"];
  return `${
    counted(several.length, "line")
  } of ${source} ${have} several classes and ${count} as unlabelled: ${someOf(several)}`;
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
  return `column ${quoteOf(head[column] ?? "")} of ${source} is ignored: its values (${
    someOf(words.sort().map(quoteOf))
  }) are not sets such as train, val and test`;
}
