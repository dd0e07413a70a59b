/** Tables of labels: CSV and its kin, as spreadsheets, scripts and labelling tools write them. */

import { messageOf, someOf } from "./text.ts";

/** A line of a table. */
export interface LabelRow {
  /** What it says of the file's name. */
  readonly name: string;
  /** The class; empty = none. */
  readonly className: string;
  /** Where it begins in the file, counted from 1. */
  readonly line: number;
}

/** A table of labels. */
export interface LabelTable {
  /** Its lines, but for names of columns. */
  readonly rows: readonly LabelRow[];
  /** How its columns are called; nothing where there is no line of names, and files come first, classes second. */
  readonly columns: { readonly file: string; readonly label: string } | null;
}

/** Names of columns, the likeliest first. */
const FILE_COLUMNS = (
  "file filename file_name image image_name imagename image_file image_path img path filepath file_path name id image_id"
).split(" ");
const LABEL_COLUMNS = "label labels class class_name classname category target y".split(" ");
const SEPARATORS = ["\t", ";", ","];
/** What stands for "no label" in tables that leave no field empty. */
const NOTHING = /^(-1(\.0)?|nan|unlabell?ed)?$/i;

/**
 * Reads a table of labels: fields between commas, semicolons or tabs, whichever the first line has most of, quoted where
 * they hold one (RFC 4180), line breaks of any kind. Columns are told by their names, as `filename` and `label`; a table
 * of two columns without such names has the file first. An empty label, −1, `nan` and `unlabeled` say that there is none.
 *
 * @param source The file's name, for errors.
 * @throws {SyntaxError} naming the file, and where it matters the line, when it is no such table.
 *
 * @example
 * ```ts
 * import { parseLabelTable } from "./mod.ts";
 * import { assertEquals } from "../tests/assert.ts";
 *
 * const { rows } = await parseLabelTable('id,breed,label\n1,"x, y",cat\n2,z,\n', "labels.csv");
 * assertEquals(rows.map(({ name, className }) => [name, className]), [["1", "cat"], ["2", ""]]);
 * ```
 */
export async function parseLabelTable(text: string, source: string): Promise<LabelTable> {
  const fail = (rule: string, state: string) =>
    new SyntaxError(`Cannot read ${source} as a table of labels as ${rule}: ${state}`);
  const records = await readRecords(text, fail);
  const [first] = records;
  if (!first) throw fail("it must have lines", "it has none");
  const cells = first.fields.map((cell) => cell.trim());
  const lower = cells.map((cell) => cell.toLowerCase().replaceAll(/[\s-]+/g, "_"));
  const find = (names: readonly string[]) =>
    lower.indexOf(names.find((name) => lower.includes(name)) ?? "\n");
  const [fileColumn, labelColumn] = [find(FILE_COLUMNS), find(LABEL_COLUMNS)];
  const [file, label] = [cells[fileColumn], cells[labelColumn]];
  const isHead = file !== undefined || label !== undefined;
  if (isHead ? file === undefined || label === undefined : cells.length !== 2) {
    const missing = isHead && file !== undefined ? "labels" : isHead ? "files" : "files and one of labels";
    throw fail(
      `its first line must name a column of ${missing}, such as ${
        missing === "labels" ? "label or class" : missing === "files" ? "file or path" : "file and label"
      }`,
      `its columns are ${someOf(cells.map((cell) => JSON.stringify(cell)), 10)}`,
    );
  }
  const [fileAt, labelAt] = isHead ? [fileColumn, labelColumn] : [0, 1];
  const rows = (isHead ? records.slice(1) : records).map(({ fields, line }) => {
    const className = (fields[labelAt] ?? "").trim();
    return {
      name: fields[fileAt] ?? "",
      className: NOTHING.test(className) ? "" : className,
      line,
    };
  });
  return { rows, columns: file !== undefined && label !== undefined ? { file, label } : null };
}

async function readRecords(
  text: string,
  fail: (rule: string, state: string) => SyntaxError,
): Promise<{ readonly fields: readonly string[]; readonly line: number }[]> {
  // Loaded here as most runs read no table.
  const { parse } = await import("npm:csv-parse@7.0.3/sync");
  const lines = text.replace(/^\ufeff/, "");
  try {
    const records = parse(lines, {
      delimiter: separatorOf(lines),
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
    }) as unknown as { readonly record: readonly string[]; readonly info: { readonly lines: number } }[];
    // The parser counts lines at the end of a record; a quoted field may have several.
    return records.map(({ record, info }) => ({
      fields: record,
      line: info.lines -
        record.reduce((breaks, field) => breaks + (field.match(/\r\n|\n|\r/g)?.length ?? 0), 0),
    }));
  } catch (error) {
    // The parser's words name the line.
    throw fail("its fields must be well quoted", messageOf(error));
  }
}

/** The separator that the first line has most of, outside quotes. */
function separatorOf(text: string): string {
  const [line = ""] = text.replaceAll(/"[^"]*"/g, "").split(/\r\n|\n|\r/).filter((each) =>
    each.trim() !== ""
  );
  const countOf = (separator: string) => line.split(separator).length;
  return SEPARATORS.reduce((best, each) => countOf(each) > countOf(best) ? each : best);
}
