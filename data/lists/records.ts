/** Records of a label list: CSV and its variants, JSON, JSON lines, or lines of "name class". */

import { messageOf, quoteOf } from "../text.ts";
import { LONGEST_LINE, parseDelimited } from "./delimited.ts";
import { parseJsonList } from "./json_lists.ts";
import { parseLabelRows } from "./label_list.ts";
import { type ObjectLine, tableOfObjects } from "./objects.ts";

/** A record of a list. */
export interface ListRecord {
  /** Fields in order. */
  readonly fields: readonly string[];
  /** Number of its first line in the file, counted from 1. */
  readonly line: number;
}

/** Records of a list, and its format. */
export interface ListRecords {
  /** Format of the list. */
  readonly kind: "table" | "JSON lines" | "JSON" | "name and class";
  /** Records; for JSON, the first contains the keys. */
  readonly records: readonly ListRecord[];
}

/**
 * Parses a list. In JSON lines, the first line is an object. In a table, every line has commas, semicolons or
 * tabs.
 *
 * @param source The file's name, for errors.
 * @param kind Format of the list, such as implied by the file's extension (default: detected).
 * @throws {SyntaxError} naming the file and the line when the list is malformed.
 */
export function parseRecords(text: string, source: string, kind?: ListRecords["kind"]): ListRecords {
  const plain = text.replace(/^\ufeff/, "");
  const format = kind ?? detectKind(plain);
  if (format === "JSON lines") {
    return { kind: format, records: tableOfObjects(objectsIn(plain, source), source) };
  }
  if (format === "JSON") return { kind: format, records: parseJsonList(plain, source) };
  if (format === "table") return { kind: format, records: parseTable(plain, source) };
  const rows = parseLabelRows(plain, source);
  return {
    kind: format,
    records: rows.map(({ name, className, line }) => ({ fields: [name, className], line })),
  };
}

function detectKind(text: string): ListRecords["kind"] {
  const lines = linesOf(text).map((line) => line.trim()).filter((line) => line !== "");
  const [first = ""] = lines;
  if (first.startsWith("{") && isObject(first)) return "JSON lines";
  const separators = (line: string, separator: string) => line.split(separator).length - 1;
  // Names and classes separated by a tab may contain commas.
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

/** Parses JSON lines. @throws {SyntaxError} naming the line that is not an object. */
function* objectsIn(text: string, source: string): Generator<ObjectLine> {
  for (const [index, each] of linesOf(text).entries()) {
    if (each.trim() !== "") yield { object: parseObject(each, source, index + 1), line: index + 1 };
  }
}

function parseObject(line: string, source: string, number: number): Record<string, unknown> {
  const createError = (state: string) =>
    new SyntaxError(
      `Cannot read ${source}: each line must be a JSON object, ` +
        `such as {"file_name": "1.jpg", "label": "cat"}, but line ${number} ${state}`,
    );
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw createError(`cannot be parsed (${quoteOf(messageOf(error))})`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw createError(`is ${quoteOf(line.trim())}`);
  }
  return value as Record<string, unknown>;
}

const SEPARATORS = ["\t", ";", ",", "|"];

/**
 * Parses fields separated by tabs, semicolons, commas or bars, whichever is most frequent in the first line.
 */
function parseTable(text: string, source: string): ListRecord[] {
  // Excel takes the separator from such a line.
  const [first = "", separator] = /^\s*"?sep=([\t;,|])"?[\t ;,]*(?=[\r\n])/i.exec(text) ?? [];
  const rest = text.slice(first.length);
  try {
    return parseDelimited(rest, separator ?? detectSeparator(rest));
  } catch (error) {
    throw new SyntaxError(
      `Cannot read ${source} as a table of labels: ${messageOf(error)}`,
    );
  }
}

/** Returns the most frequent separator of the first line, outside quotes. */
export function detectSeparator(text: string): string {
  const beginning = text.slice(0, LONGEST_LINE).replaceAll(/"[^"]*"/g, "");
  const first = linesOf(beginning).find((each) => each.trim() !== "") ?? "";
  const countOf = (separator: string) => first.split(separator).length;
  return SEPARATORS.reduce((best, each) => countOf(each) > countOf(best) ? each : best);
}
