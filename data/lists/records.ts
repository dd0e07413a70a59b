/** Lines of a label list as fields, whatever it is: CSV and its kin, JSON lines, or lines of "name class". */

import { messageOf, quoteOf } from "../text.ts";
import { LONGEST_LINE, parseDelimited } from "./delimited.ts";
import { parseLabelRows } from "./label_list.ts";

/** A line of a list. */
export interface ListRecord {
  /** Its cells, in order. */
  readonly fields: readonly string[];
  /** Where it begins in the file, counted from 1. */
  readonly line: number;
}

/** Lines of a list, and what they are. */
export interface ListRecords {
  /** What kind of list it is. */
  readonly kind: "table" | "JSON lines" | "name and class";
  /** In JSON lines the first has the names of keys. */
  readonly records: readonly ListRecord[];
}

/** Different keys of JSON lines at most: each is a column. */
const MOST_KEYS = 1000;

/**
 * Reads a list. JSON lines are told by their first line, which is an object. A table has commas, semicolons or tabs; what
 * it is may be said, as a file's ending does.
 *
 * @param source The file's name, for errors.
 * @throws {SyntaxError} naming the file and the line, when it is no such list.
 */
export function parseRecords(text: string, source: string, kind?: ListRecords["kind"]): ListRecords {
  const plain = text.replace(/^\ufeff/, "");
  const is = kind ?? kindOf(plain);
  if (is === "JSON lines") return { kind: is, records: parseJsonLines(plain, source) };
  if (is === "table") return { kind: is, records: parseTable(plain, source) };
  const rows = parseLabelRows(plain, source);
  return {
    kind: is,
    records: rows.map(({ name, className, line }) => ({ fields: [name, className], line })),
  };
}

function kindOf(text: string): ListRecords["kind"] {
  const lines = linesOf(text).map((line) => line.trim()).filter((line) => line !== "");
  const [first = ""] = lines;
  if (first.startsWith("{") && isObject(first)) return "JSON lines";
  const separators = (line: string, separator: string) => line.split(separator).length - 1;
  // Names and classes between tabs may have commas.
  const isTable = lines.length > 0 && lines.every((line) => {
    const tabs = separators(line, "\t");
    return tabs > 1 || (tabs === 0 && /[,;]/.test(line));
  });
  return isTable ? "table" : "name and class";
}

function linesOf(text: string): string[] {
  return text.split(/\r\n|\n|\r/);
}

function isObject(line: string): boolean {
  try {
    return typeof JSON.parse(line) === "object";
  } catch {
    return false;
  }
}

/** JSON lines as a table: the keys first, in the order in which they come. */
function parseJsonLines(text: string, source: string): ListRecord[] {
  const keys = new Map<string, number>();
  const records: ListRecord[] = [];
  for (const [index, each] of linesOf(text).entries()) {
    if (each.trim() === "") continue;
    const fields: string[] = [];
    for (const [key, value] of Object.entries(parseObject(each, source, index + 1))) {
      const at = keys.get(key) ?? keys.size;
      if (at === MOST_KEYS) {
        throw new SyntaxError(
          `Cannot read ${source} as its objects must have ${MOST_KEYS} keys in all at most: line ${
            index + 1
          } has another, ${quoteOf(key)}`,
        );
      }
      keys.set(key, at);
      while (fields.length < at) fields.push("");
      fields[at] = textOf(value);
    }
    records.push({ fields, line: index + 1 });
  }
  return [{ fields: [...keys.keys()], line: 1 }, ...records];
}

function parseObject(line: string, source: string, number: number): Record<string, unknown> {
  const refuse = (state: string) =>
    new SyntaxError(
      `Cannot read ${source} as each line must be a JSON object, such as {"file_name": "1.jpg", "label": "cat"}: line ${number} ${state}`,
    );
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw refuse(`cannot be parsed (${quoteOf(messageOf(error))})`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw refuse(`is ${quoteOf(line.trim())}`);
  }
  return value as Record<string, unknown>;
}

/** What a value of JSON says as a field of a table; a list of one stands for that one, and what is nested for nothing. */
function textOf(value: unknown): string {
  const words = (Array.isArray(value) ? value : [value]).filter((each) => each !== null);
  if (words.some((each) => typeof each === "object")) return "";
  return words.length < 2 ? String(words[0] ?? "") : JSON.stringify(words);
}

const SEPARATORS = ["\t", ";", ",", "|"];

/** Fields between tabs, semicolons, commas or bars, whichever the first line has most of. */
function parseTable(text: string, source: string): ListRecord[] {
  try {
    return parseDelimited(text, separatorOf(text));
  } catch (error) {
    throw new SyntaxError(
      `Cannot read ${source} as a table of labels as its fields must be well quoted: ${messageOf(error)}`,
    );
  }
}

/** The separator that the first line has most of, outside quotes. */
function separatorOf(text: string): string {
  const beginning = text.slice(0, LONGEST_LINE).replaceAll(/"[^"]*"/g, "");
  const first = linesOf(beginning).find((each) => each.trim() !== "") ?? "";
  const countOf = (separator: string) => first.split(separator).length;
  return SEPARATORS.reduce((best, each) => countOf(each) > countOf(best) ? each : best);
}
