/** Label lists as files: a table of CSV and its kin, JSON lines, or lines of "name class". */

import {
  concatenateBytes,
  counted,
  labelListFrom,
  type LabelRow,
  type LabelTable,
  labelTableOf,
  type LabelTableOptions,
  type ListRecords,
  LONGEST_LINE,
  messageOf,
  parseRecords,
  quoteOf,
  withoutMark,
} from "../../mod.ts";
import { piecesOfAnyFile } from "../archive.ts";

const TABLE = /\.(csv|tsv|tab)$/i;
const JSON_LINES = /\.(jsonl|ndjson)$/i;
const LIST = /^(labels?(_list)?\.txt|(labels?|metadata)\.(jsonl|ndjson))$/i;
/** Bytes of a list at most: as many as half a million long lines have. */
const LARGEST_LIST = 32 * 2 ** 20;

/** Names of files that may be label lists. */
export function labelListsAmong(names: readonly string[]): string[] {
  return names.filter((name) => TABLE.test(name) || LIST.test(name));
}

/**
 * Reads a label list.
 *
 * @param source What it is called in messages (default: its path).
 * @throws {Deno.errors.NotFound} when there is no such file. @throws {RangeError} when it is too large, or sets cannot be
 * told. @throws {SyntaxError} naming it when it is no list.
 */
export async function readLabelTable(
  path: string,
  options: LabelTableOptions = {},
  source: string = path,
): Promise<LabelTable> {
  const { text, suggestedFrom } = withoutMark(decodeText(await readLines(path), path));
  const kind: ListRecords["kind"] | undefined = TABLE.test(path)
    ? "table"
    : JSON_LINES.test(path)
    ? "JSON lines"
    : undefined;
  const table = labelTableOf(parseRecords(text, path, kind), source, options);
  if (suggestedFrom === Infinity) return table;
  const rows = table.rows.map((row) =>
    row.line > suggestedFrom ? { ...row, isSuggested: true as const } : row
  );
  return { ...table, rows };
}

/** The bytes of a list, whose size and lines have a limit that is checked while they are read. */
async function readLines(path: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0, lineStart = 0;
  const refusal = (rule: string) =>
    new RangeError(`Cannot read ${path} as a label list as ${rule}. Is it the file that is meant?`);
  for await (const chunk of piecesOfAnyFile(path)) {
    const end = chunk.findLastIndex(isLineEnd);
    if (end >= 0) lineStart = size + end + 1;
    chunks.push(chunk);
    size += chunk.length;
    if (size - lineStart > LONGEST_LINE) {
      throw refusal(
        `a line must have ${LONGEST_LINE} bytes at most: that from byte ${lineStart} on has more`,
      );
    }
    if (size > LARGEST_LIST) throw refusal(`it must have ${LARGEST_LIST} bytes at most: it has more`);
  }
  return concatenateBytes(chunks);
}

function isLineEnd(byte: number): boolean {
  return byte === 0x0a || byte === 0x0d;
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

/** What several lists say of names, each with its class. */
export interface ReadLabelList {
  /** Class by name of example. */
  readonly list: ReadonlyMap<string, string>;
  /** Sentences on lines without a label, and on columns that are not used. */
  readonly notes: readonly string[];
}

/**
 * The class of each name in one or several label lists, for examples that need not be files. Lines of a set to test on do
 * not count.
 *
 * @throws {SyntaxError} when two lines say different classes of a name. @throws as {@linkcode readLabelTable} does
 */
export async function readLabelList(
  paths: readonly string[],
  options: LabelTableOptions = {},
): Promise<ReadLabelList> {
  const all = new Map<string, string>(), notes: string[] = [];
  for (const path of paths) {
    const table = await readLabelTable(path, options);
    const isUsed = ({ set }: LabelRow) => set === undefined || set === "train";
    const others = table.rows.filter((row) => !isUsed(row)).length;
    notes.push(...table.notes);
    if (others > 0) {
      notes.push(`${counted(others, "line")} of ${path} of sets other than train are left alone`);
    }
    const own = labelListFrom(table.rows.filter((row) => isUsed(row) && row.className !== ""), path);
    for (const [name, className] of own) {
      const former = all.get(name);
      if (former !== undefined && former !== className) {
        throw new SyntaxError(
          `Cannot use ${paths.join(", ")} together as a file must have one class: ${quoteOf(name)} is ${
            quoteOf(className)
          } in ${path}, and ${quoteOf(former)} in one before`,
        );
      }
      all.set(name, className);
    }
  }
  return { list: all, notes };
}
