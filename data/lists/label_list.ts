/**
 * Label lists: text files with one `filename classname` per line. Files that are not listed are unlabelled.
 */

import { NO_LABEL } from "../dataset.ts";
import { quoteOf, someOf } from "../text.ts";
import { blankMarks, CORRECTED } from "./marks.ts";

/** Options of {@linkcode parseLabelList}. */
export interface ParseLabelListOptions {
  /** The list's file name, for errors (default: `"the label list"`). */
  readonly source?: string;
}

/**
 * Parses a label list and returns the class name of each listed file.
 *
 * The class name follows the last space of a line, or its tab if there is one; so with a tab, names may
 * contain spaces. Both names may be JSON strings, for names with line breaks. Blank lines are skipped. A file
 * may be listed twice with the same class.
 *
 * @throws {SyntaxError} naming the source and the line without a class, or with a class that contradicts an
 * earlier line.
 *
 * @example
 * ```ts
 * import { parseLabelList } from "../mod.ts";
 * import { assertEquals } from "../../tests/assert.ts";
 *
 * const list = parseLabelList("1.png cat\n2.png dog\n3.png\tguinea pig\n");
 * assertEquals(list.get("3.png"), "guinea pig");
 * ```
 */
export function parseLabelList(text: string, options: ParseLabelListOptions = {}): Map<string, string> {
  const { source = "the label list" } = options;
  return collectLabelList(parseLabelRows(text, source), source);
}

/** A line of a label list. */
export interface NamedClass {
  /** File name. */
  readonly name: string;
  /** Class name. */
  readonly className: string;
  /** Line number, counted from 1. */
  readonly line: number;
  /** True if the class replaces other classes of the file. */
  readonly isCorrection?: boolean;
}

/** Parses the lines of a label list. @throws {SyntaxError} naming the source and the line without a class. */
export function parseLabelRows(text: string, source: string): NamedClass[] {
  const rows: NamedClass[] = [];
  const { text: unmarked, markOf } = blankMarks(text);
  // Some editors put a byte order mark in front of any text.
  for (const [index, each] of unmarked.replace(/^\ufeff/, "").split(/\r\n|\n|\r/).entries()) {
    const trimmed = each.trim(), line = index + 1;
    if (trimmed === "") continue;
    const tab = trimmed.indexOf("\t"), at = tab < 0 ? trimmed.lastIndexOf(" ") : tab;
    const [name, className] = [trimmed.slice(0, Math.max(0, at)), trimmed.slice(at + 1)].map((word) =>
      word.trim()
    );
    if (!name || !className || (tab >= 0 && className.includes("\t"))) {
      throw new SyntaxError(
        `Cannot read ${source}: line ${line} must be "filename classname", but it is "${quoteOf(trimmed)}"`,
      );
    }
    const isCorrection = markOf(line) === CORRECTED;
    rows.push({ name: unquote(name), className: unquote(className), line, isCorrection });
  }
  return rows;
}

/**
 * Collects the class of each listed file. Corrections replace other classes; the last one counts.
 *
 * @throws {SyntaxError} naming the line that contradicts an earlier one.
 */
export function collectLabelList(rows: readonly NamedClass[], source: string): Map<string, string> {
  const list = new Map<string, string>();
  const corrections = rows.filter(({ isCorrection }) => isCorrection);
  const corrected = new Map(corrections.map(({ name, className }) => [name, className]));
  for (const { name, className: written, line } of rows) {
    const former = list.get(name), className = corrected.get(name) ?? written;
    if (former !== undefined && former !== className) {
      throw new SyntaxError(
        `Cannot read ${source}: a file must have one class, but line ${line} lists ${quoteOf(name)} as ` +
          `${quoteOf(className)} and an earlier line as ${quoteOf(former)}`,
      );
    }
    list.set(name, className);
  }
  return list;
}

/** Decodes a JSON string; returns any other word unchanged. */
function unquote(word: string): string {
  if (!/^".*"$/s.test(word)) return word;
  try {
    return JSON.parse(word);
  } catch {
    return word;
  }
}

/** Returns a name as it is written in a list: as a JSON string if it could not be read back otherwise. */
function quote(word: string): string {
  return word === word.trim() && !/[\t\r\n]|^".*"$/s.test(word) ? word : JSON.stringify(word);
}

/**
 * Formats a label list for {@linkcode parseLabelList}. The separator is a tab if a name contains spaces.
 * Names with line breaks, tabs or surrounding spaces are written as JSON strings.
 *
 * @param entries Pairs of file name and class name, such as a `Map`.
 * @throws {RangeError} when a name is empty.
 *
 * @example
 * ```ts
 * import { formatLabelList } from "../mod.ts";
 * import { assertEquals } from "../../tests/assert.ts";
 *
 * assertEquals(formatLabelList([["1.png", "cat"], ["2.png", "guinea pig"]]), "1.png cat\n2.png\tguinea pig\n");
 * ```
 */
export function formatLabelList(entries: Iterable<readonly [string, string]>): string {
  let text = "";
  for (const [name, className] of entries) {
    if (name === "" || className === "") {
      throw new RangeError("Cannot write a label list: file and class names must not be empty");
    }
    text += `${quote(name)}${/\s/.test(name + className) ? "\t" : " "}${quote(className)}\n`;
  }
  return text;
}

/**
 * Returns the name of a training example in a label list if the dataset has no file names: `train/` and its
 * index.
 *
 * @param index The example's index in the training set.
 * @throws {RangeError} when the index is not a non-negative integer.
 *
 * @example
 * ```ts
 * import { exampleName } from "../mod.ts";
 * import { assertEquals } from "../../tests/assert.ts";
 *
 * assertEquals(exampleName(42), "train/00042");
 * ```
 */
export function exampleName(index: number): string {
  if (!Number.isSafeInteger(index) || index < 0) {
    throw new RangeError(
      `Cannot name an example: its index must be a non-negative integer, but it is ${index}`,
    );
  }
  return `train/${String(index).padStart(5, "0")}`;
}

/**
 * Returns the index of an example from its {@linkcode exampleName}, or `undefined` for any other name.
 *
 * @example
 * ```ts
 * import { exampleIndex } from "../mod.ts";
 * import { assertEquals } from "../../tests/assert.ts";
 *
 * assertEquals(exampleIndex("train/00042"), 42);
 * assertEquals(exampleIndex("42.png"), undefined);
 * ```
 */
export function exampleIndex(name: string): number | undefined {
  const digits = /^train\/(\d{5,15})$/.exec(name)?.[1];
  if (digits === undefined) return undefined;
  const index = Number(digits);
  return exampleName(index) === name ? index : undefined;
}

/**
 * Returns the label list of all labelled examples, in their order.
 *
 * @param labels Class index per example `[N]`, {@linkcode NO_LABEL} = unlabelled.
 * @param classes Class names.
 * @param nameOf Returns the name of an example from its index (default: {@linkcode exampleName}).
 * @throws {RangeError} when a label is not a class index.
 *
 * @example
 * ```ts
 * import { labelListOf } from "../mod.ts";
 * import { assertEquals } from "../../tests/assert.ts";
 *
 * assertEquals([...labelListOf(Int32Array.of(-1, 0), ["cat", "dog"])], [["train/00001", "cat"]]);
 * ```
 */
export function labelListOf(
  labels: Int32Array,
  classes: readonly string[],
  nameOf: (index: number) => string = exampleName,
): Map<string, string> {
  const list = new Map<string, string>();
  for (const [index, label] of labels.entries()) {
    if (label === NO_LABEL) continue;
    const className = classes[label];
    if (className === undefined) {
      throw new RangeError(
        `Cannot list labels: labels must be 0 to ${classes.length - 1}, but that of ${
          nameOf(index)
        } is ${label}`,
      );
    }
    list.set(nameOf(index), className);
  }
  return list;
}

/** Options of {@linkcode applyLabelList}. */
export interface ApplyLabelListOptions {
  /** Number of examples N. */
  readonly exampleCount: number;
  /** Class names; a label is an index into them. */
  readonly classes: readonly string[];
  /**
   * Returns the index of an example from its name, `undefined` if there is none (default:
   * {@linkcode exampleIndex}).
   */
  readonly indexOf?: (name: string) => number | undefined;
  /** The list's file name, for errors (default: `"the label list"`). */
  readonly source?: string;
}

/**
 * Returns the labels `[N]` of a label list: {@linkcode NO_LABEL} for every example that is not listed.
 *
 * @throws {RangeError} naming listed files that do not exist, unknown classes, or a file listed under two
 * names with different classes.
 *
 * @example
 * ```ts
 * import { applyLabelList, parseLabelList } from "../mod.ts";
 * import { assertEquals } from "../../tests/assert.ts";
 *
 * const list = parseLabelList("train/00002 dog\n");
 * const labels = applyLabelList(list, { exampleCount: 3, classes: ["cat", "dog"] });
 * assertEquals(labels, Int32Array.of(-1, -1, 1));
 * ```
 */
export function applyLabelList(
  list: ReadonlyMap<string, string>,
  options: ApplyLabelListOptions,
): Int32Array {
  const { exampleCount, classes, indexOf = exampleIndex, source = "the label list" } = options;
  const labels = new Int32Array(exampleCount).fill(NO_LABEL);
  const missing: string[] = [];
  const unknown = new Set<string>();
  for (const [name, className] of list) {
    const index = indexOf(name);
    const label = classes.indexOf(className);
    if (index === undefined || index >= exampleCount) missing.push(name);
    else if (label < 0) unknown.add(className);
    else if (labels[index] === NO_LABEL || labels[index] === label) labels[index] = label;
    else {
      throw new RangeError(
        `Cannot use ${source}: a file must have one class, but ${quoteOf(name)} is listed as ${
          quoteOf(className)
        } and, by another name, as ${quoteOf(classes[labels[index] ?? NO_LABEL] ?? "")}`,
      );
    }
  }
  if (missing.length > 0) {
    throw new RangeError(
      `Cannot use ${source}: it lists files that do not exist: ${someOf(missing)}` +
        (options.indexOf ? "" : `. The examples are ${exampleName(0)} to ${exampleName(exampleCount - 1)}`),
    );
  }
  if (unknown.size > 0) {
    throw new RangeError(
      `Cannot use ${source}: unknown classes ${someOf([...unknown])}. Known classes: ${someOf(classes, 20)}`,
    );
  }
  return labels;
}
