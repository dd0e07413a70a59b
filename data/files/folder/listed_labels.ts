/** Labels that a list gives to the images of a user's folder. */

import { basename } from "node:path";
import {
  counted,
  fileFinder,
  labelListFrom,
  type LabelRow,
  type LabelTable,
  messageOf,
  NO_LABEL,
  parseLabelRows,
  parseLabelTable,
  shownName,
  someOf,
  sortedClasses,
} from "../../mod.ts";
import { readFile } from "../disk.ts";
import { IMAGE } from "./find_files.ts";
import type { Labelling } from "./class_folders.ts";

const TABLE = /\.(csv|tsv|tab)$/i;
const LIST = /^labels?(_list)?\.txt$/i;

/** Names of files that may be label lists. */
export function labelListsAmong(names: readonly string[]): string[] {
  return names.filter((name) => TABLE.test(name) || LIST.test(name));
}

/**
 * Reads a label list: a table of CSV and its kin, or lines of "name class" in a text file.
 *
 * @throws {Deno.errors.NotFound} when there is no such file. @throws {SyntaxError} naming it when it is no list.
 */
export async function readLabelTable(path: string): Promise<LabelTable> {
  const text = decodeText(await readFile(path), path);
  const lines = text.split(/\r\n|\n|\r/).filter((line) => line.trim() !== "");
  // Names and classes between tabs may have commas.
  const isTable = TABLE.test(path) ||
    (lines.length > 0 && lines.every((line) => /^[^\t]*[,;][^\t]*$/.test(line)));
  if (isTable) return await parseLabelTable(text, path);
  const rows = parseLabelRows(text, path);
  labelListFrom(rows, path); // Says which line is wrong.
  return { rows, columns: null };
}

/** The class of each file that a label list names; read as {@linkcode readLabelTable} does. @throws as it does */
export async function readLabelList(path: string): Promise<Map<string, string>> {
  const { rows } = await readLabelTable(path);
  return labelListFrom(rows.filter(({ className }) => className !== ""), path);
}

/** UTF-8, or UTF-16 where a byte order mark says so, as spreadsheets write. */
function decodeText(bytes: Uint8Array, path: string): string {
  const [first, second] = bytes;
  const encoding = first === 0xff && second === 0xfe
    ? "utf-16le"
    : first === 0xfe && second === 0xff
    ? "utf-16be"
    : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    throw new SyntaxError(`Cannot read ${path} as its text must be UTF-8: ${messageOf(error)}. Save it so.`);
  }
}

/**
 * Gives images the labels of a table. Whatever the table does not name has no label, and neither has what it names with
 * two classes. Lines that name no image are passed over, unless all do.
 *
 * @param names Paths of all images, below `directory`.
 * @param source The table's name, for notes and errors.
 * @throws {RangeError} when no line names an image, or there are fewer than two classes.
 */
export function labelsFromTable(
  names: readonly string[],
  { rows, columns }: LabelTable,
  { directory, source }: { readonly directory: string; readonly source: string },
): Labelling {
  const matched = matchRows(names, { rows, columns }, basename(directory));
  const { found, conflicts } = matched;
  if (found.size === 0) throw noneFound(source, names, rows);
  const labels = [...found].flatMap(([index, { className }]) =>
    className === "" || conflicts.has(index) ? [] : [[index, className] as const]
  );
  const classes = sortedClasses(labels.map(([, className]) => className));
  if (classes.length < 2) throw tooFewClasses(source, classes);
  const all = new Int32Array(names.length).fill(NO_LABEL);
  for (const [index, className] of labels) all[index] = classes.indexOf(className);
  const origin = columns ? ` (columns ${columns.file} and ${columns.label})` : "";
  return {
    classes,
    origin: `labels are those of ${source}${origin}`,
    train: { names, labels: all },
    test: null,
    notes: notesOf(matched, source),
  };
}

/** What the lines of a table name. */
interface MatchedRows {
  /** The first line of each image. */
  readonly found: ReadonlyMap<number, LabelRow>;
  /** Images of which lines say different classes, in words. */
  readonly conflicts: ReadonlyMap<number, string>;
  /** Lines that name no image. */
  readonly missing: readonly LabelRow[];
  /** Lines that may mean several. */
  readonly unclear: readonly LabelRow[];
}

function matchRows(names: readonly string[], { rows, columns }: LabelTable, folder: string): MatchedRows {
  const indexOf = fileFinder(names, folder);
  const found = new Map<number, LabelRow>(), conflicts = new Map<number, string>();
  const missing: LabelRow[] = [], unclear: LabelRow[] = [];
  for (const [i, row] of rows.entries()) {
    const index = indexOf(row.name);
    // Without known names of columns, the first line may still be one of names.
    if (index === undefined && i === 0 && columns === null && !IMAGE.test(row.name)) continue;
    if (index === undefined) missing.push(row);
    else if (index === "several") unclear.push(row);
    else {
      const former = found.get(index);
      if (!former) found.set(index, row);
      else if (former.className !== row.className) {
        const both = [former, row].map((each) => `line ${each.line} ${said(each)}`).join(", ");
        conflicts.set(index, `${shownName(names[index] ?? row.name)} (${both})`);
      }
    }
  }
  return { found, conflicts, missing, unclear };
}

function notesOf({ conflicts, missing, unclear }: MatchedRows, source: string): string[] {
  const notes: string[] = [];
  const lines = (list: readonly LabelRow[]) =>
    someOf(list.map(({ name, line }) => `line ${line} (${shownName(name) || "empty"})`));
  if (missing.length > 0) {
    const name = missing.length === 1 ? "names" : "name";
    notes.push(
      `${counted(missing.length, "line")} of ${source} ${name} no image that is there: ${lines(missing)}`,
    );
  }
  if (unclear.length > 0) {
    notes.push(
      `${counted(unclear.length, "line")} of ${source} may mean several images, and none gets the label: ${
        lines(unclear)
      }. Give more of their paths`,
    );
  }
  if (conflicts.size > 0) {
    notes.push(
      `${source} says different classes of ${counted(conflicts.size, "image")}, left without a label: ${
        someOf([...conflicts.values()])
      }`,
    );
  }
  return notes;
}

const said = ({ className }: LabelRow) => className === "" ? "no class" : className;

function noneFound(source: string, names: readonly string[], rows: readonly LabelRow[]): RangeError {
  return new RangeError(
    `Cannot use ${source} as it must name images of the folder: ${
      rows.length === 0 ? "it has no lines" : `it names ${someOf(rows.map(({ name }) => shownName(name)), 3)}`
    }; the images are ${someOf(names.map(shownName), 3)}`,
  );
}

function tooFewClasses(source: string, classes: readonly string[]): RangeError {
  return new RangeError(
    `Cannot use ${source} as it must give labels of two classes or more: it gives ${someOf(classes)}`,
  );
}
