/** Reading of label list files: CSV and its variants, JSON lines, or lines of "name class". */

import {
  blankMarks,
  buildLabelTable,
  concatenateBytes,
  CORRECTED,
  counted,
  type LabelRow,
  type LabelTable,
  type LabelTableOptions,
  type ListRecords,
  LONGEST_LINE,
  messageOf,
  parseRecords,
  quoteOf,
  type SetName,
  SUGGESTED,
} from "../../internal.ts";
import { basename } from "node:path";
import { collectLabelList } from "../../mod.ts";
import { streamAnyFile } from "../archive.ts";
import { setOfWord, splitWords } from "./set_names.ts";

const TABLE = /\.(csv|tsv|tab)$/i;
const JSON_LINES = /\.(jsonl|ndjson)$/i;
const JSON_DOCUMENT = /\.json$/i;
/** Names of lists that are read only if nothing else has labels, as other files have such names too. */
const WEAK_LIST = /^((labels?|annotations?|metadata|dataset)\.json|.*\.txt)$/i;
const LIST = /^(labels?(_list)?\.txt|(labels?|metadata)\.(jsonl|ndjson))$/i;
/** Maximum size of a list in bytes, enough for half a million long lines. */
const LARGEST_LIST = 32 * 2 ** 20;

/** Returns the names that may be those of label lists. */
export function labelListsAmong(names: readonly string[]): string[] {
  return names.filter((name) => TABLE.test(name) || LIST.test(name));
}

/** Returns the names that are those of label lists if nothing else has labels: JSON, or `train.txt` and the like. */
export function weakListsAmong(names: readonly string[]): string[] {
  return names.filter((name) =>
    WEAK_LIST.test(name) && (!/\.txt$/i.test(name) || setOfList(name) !== undefined)
  );
}

/** Returns the set that the name of a list means, such as `train_labels.csv`; undefined if it means none. */
export function setOfList(path: string): SetName | undefined {
  const words = splitWords(basename(path).replace(/\.[^.]+$/, "")).filter((word) =>
    !/^(labels?|list|annotations?|\d+)$/.test(word)
  );
  return words.length === 1 ? setOfWord(words[0]) : undefined;
}

/**
 * Reads a label list.
 *
 * @param source Name for messages (default: its path).
 * @throws {Deno.errors.NotFound} when the file does not exist. @throws {RangeError} when it is too large, or
 * names unknown sets. @throws {SyntaxError} naming the file when it is malformed.
 */
export async function readLabelTable(
  path: string,
  options: LabelTableOptions = {},
  source: string = path,
): Promise<LabelTable> {
  const decoded = decodeText(await readLines(path), path), { text, markOf } = blankMarks(decoded.text);
  const kind: ListRecords["kind"] | undefined = TABLE.test(path)
    ? "table"
    : JSON_LINES.test(path)
    ? "JSON lines"
    : JSON_DOCUMENT.test(path)
    ? "JSON"
    : undefined;
  const table = buildLabelTable(parseRecords(text, path, kind), source, options);
  const rows = table.rows.map((row) => {
    const mark = markOf(row.line);
    return mark ? { ...row, isSuggested: mark === SUGGESTED, isCorrection: mark === CORRECTED } : row;
  });
  const notes = decoded.isGuessed
    ? [
      `${source} is not UTF-8, and is read as Windows-1252, which Excel writes in Western Europe: check names with ` +
      "letters other than a to z, or save it as UTF-8",
    ]
    : [];
  return { ...table, rows, notes: [...notes, ...table.notes] };
}

/** Reads a list, and checks the limits of its size and lines while reading. */
async function readLines(path: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0, lineStart = 0;
  const createError = (reason: string) =>
    new RangeError(`Cannot read ${path} as a label list: ${reason}. Is this the right file?`);
  for await (const chunk of streamAnyFile(path)) {
    const end = chunk.findLastIndex(isLineEnd);
    if (end >= 0) lineStart = size + end + 1;
    chunks.push(chunk);
    size += chunk.length;
    if (size - lineStart > LONGEST_LINE && !JSON_DOCUMENT.test(path)) {
      throw createError(`the line at byte ${lineStart} has more than ${LONGEST_LINE} bytes`);
    }
    if (size > LARGEST_LIST) throw createError(`it has more than ${LARGEST_LIST} bytes`);
  }
  return concatenateBytes(chunks);
}

function isLineEnd(byte: number): boolean {
  return byte === 0x0a || byte === 0x0d;
}

/** Control characters that no text has. */
// deno-lint-ignore no-control-regex
const CONTROLS = /[\0-\x08\x0e-\x1a\x1c-\x1f]/;

/** Decodes UTF-8, or UTF-16 with a byte order mark; other text as Windows-1252. @throws {SyntaxError} for no text. */
function decodeText(bytes: Uint8Array, path: string): { readonly text: string; readonly isGuessed: boolean } {
  const [first, second] = bytes;
  const encoding = first === 0xff && second === 0xfe
    ? "utf-16le"
    : first === 0xfe && second === 0xff
    ? "utf-16be"
    : "utf-8";
  try {
    return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes), isGuessed: false };
  } catch (error) {
    const text = new TextDecoder("windows-1252").decode(bytes);
    if (encoding === "utf-8" && !CONTROLS.test(text)) return { text, isGuessed: true };
    throw new SyntaxError(
      `Cannot read ${path}: it is not text in UTF-8 (${messageOf(error)}). ` +
        "Save it as CSV in UTF-8.",
    );
  }
}

/** Combined contents of one or several label lists. */
export interface ReadLabelList {
  /** Class name by name of example. */
  readonly list: ReadonlyMap<string, string>;
  /** Sentences about lines without a label and about unused columns. */
  readonly notes: readonly string[];
}

/**
 * Reads the class of each name in one or several label lists, for examples that may not be files. Lines of
 * sets other than train are ignored. Corrections replace the classes of all lists; the last one counts, and one
 * without a class removes the label.
 *
 * @throws {SyntaxError} when two lines give different classes for a name. @throws as
 * {@linkcode readLabelTable} does
 */
export async function readLabelList(
  paths: readonly string[],
  options: LabelTableOptions = {},
): Promise<ReadLabelList> {
  const all = new Map<string, string>(), corrections = new Map<string, string>(), notes: string[] = [];
  for (const path of paths) {
    const table = await readLabelTable(path, options);
    const isUsed = ({ set }: LabelRow) => set === undefined || set === "train";
    const others = table.rows.filter((row) => !isUsed(row)).length;
    notes.push(...table.notes);
    if (others > 0) {
      notes.push(
        `${counted(others, "line")} of ${path} for sets other than train ${
          others === 1 ? "is" : "are"
        } ignored`,
      );
    }
    const used = table.rows.filter(isUsed), plain = used.filter(({ isCorrection }) => !isCorrection);
    for (const row of used) if (row.isCorrection) corrections.set(row.name, row.className);
    const classes = collectLabelList(plain.filter(({ className }) => className !== ""), path);
    for (const [name, className] of classes) {
      const earlier = all.get(name);
      if (earlier !== undefined && earlier !== className) {
        throw new SyntaxError(
          `Cannot combine ${paths.join(", ")}: a file must have one class, but ${quoteOf(name)} is ${
            quoteOf(className)
          } in ${path} and ${quoteOf(earlier)} in an earlier list`,
        );
      }
      all.set(name, className);
    }
  }
  for (const [name, className] of corrections) {
    if (className === "") all.delete(name);
    else all.set(name, className);
  }
  return { list: all, notes };
}
