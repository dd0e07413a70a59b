/** Label lists: text files with one `filename classname` a line; whatever is not listed is unlabelled. */

import { NO_LABEL } from "../dataset.ts";
import { quoteOf, someOf } from "../text.ts";
import { withoutMark } from "./suggested.ts";

/** How to read a label list. */
export interface ParseLabelListOptions {
  /** The list's file name, for errors (default: `"the label list"`). */
  readonly source?: string;
}

/**
 * Reads a label list: the class name of each listed file.
 *
 * The class name follows the last blank of a line, or its tab where it has one, so that names with blanks can be
 * written too; either may be a JSON string, for names with line breaks. Empty lines mean nothing; a file may be listed
 * again with the same class.
 *
 * @throws {SyntaxError} naming the source and the line that has no class, or another class than before.
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
  return labelListFrom(parseLabelRows(text, source), source);
}

/** A line of "name class". */
export interface NamedClass {
  /** The file's name. */
  readonly name: string;
  /** Its class. */
  readonly className: string;
  /** Where it is in the file, counted from 1. */
  readonly line: number;
}

/** The lines of a label list. @throws {SyntaxError} naming the source and the line that has no class. */
export function parseLabelRows(text: string, source: string): NamedClass[] {
  const rows: NamedClass[] = [];
  // A byte order mark is what some editors put in front of any text.
  for (const [index, each] of withoutMark(text).text.replace(/^\ufeff/, "").split(/\r\n|\n|\r/).entries()) {
    const trimmed = each.trim(), line = index + 1;
    if (trimmed === "") continue;
    const tab = trimmed.indexOf("\t"), at = tab < 0 ? trimmed.lastIndexOf(" ") : tab;
    const [name, className] = [trimmed.slice(0, Math.max(0, at)), trimmed.slice(at + 1)].map((word) =>
      word.trim()
    );
    if (!name || !className || (tab >= 0 && className.includes("\t"))) {
      throw new SyntaxError(
        `Cannot read ${source} as line ${line} must be "filename classname": it is "${quoteOf(trimmed)}"`,
      );
    }
    rows.push({ name: unquoted(name), className: unquoted(className), line });
  }
  return rows;
}

/** The class of each listed file. @throws {SyntaxError} naming the line that says another class than one before. */
export function labelListFrom(rows: readonly NamedClass[], source: string): Map<string, string> {
  const list = new Map<string, string>();
  for (const { name, className, line } of rows) {
    const former = list.get(name);
    if (former !== undefined && former !== className) {
      throw new SyntaxError(
        `Cannot read ${source} as a file must have one class: line ${line} says ${quoteOf(name)} is ` +
          `${quoteOf(className)}, a line before says ${quoteOf(former)}`,
      );
    }
    list.set(name, className);
  }
  return list;
}

/** What a JSON string stands for; anything else stands for itself. */
function unquoted(word: string): string {
  if (!/^".*"$/s.test(word)) return word;
  try {
    return JSON.parse(word);
  } catch {
    return word;
  }
}

/** A name as a list can have it: as a JSON string where it would be read otherwise. */
function quoted(word: string): string {
  return word === word.trim() && !/[\t\r\n]|^".*"$/s.test(word) ? word : JSON.stringify(word);
}

/**
 * Writes a label list that {@linkcode parseLabelList} reads back; a tab separates where a name has blanks, and names with
 * line breaks, tabs or blanks around are JSON strings.
 *
 * @param entries File name and class name of each, such as a `Map`.
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
      throw new RangeError(`Cannot write a label list as names must not be empty: one is`);
    }
    text += `${quoted(name)}${/\s/.test(name + className) ? "\t" : " "}${quoted(className)}\n`;
  }
  return text;
}

/**
 * The name of a training example in a label list where the dataset has no file names: `train/` and its index.
 *
 * @param index The example's index in the training set.
 * @throws {RangeError} when it is not an index.
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
    throw new RangeError(`Cannot name an example as its index must be an integer from 0: it is ${index}`);
  }
  return `train/${String(index).padStart(5, "0")}`;
}

/**
 * The index of the example that {@linkcode exampleName} gives this name, `undefined` where it gives no such name.
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
 * The label list of all labelled examples, in their order.
 *
 * @param labels Class index per example `[N]`, {@linkcode NO_LABEL} = unlabelled.
 * @param classes Class names.
 * @param nameOf The name of the example of an index (default: {@linkcode exampleName}).
 * @throws {RangeError} when a label is no class.
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
        `Cannot list labels as they must be 0 to ${classes.length - 1}: that of ${nameOf(index)} is ${label}`,
      );
    }
    list.set(nameOf(index), className);
  }
  return list;
}

/** What the names in a label list stand for. */
export interface ApplyLabelListOptions {
  /** The number of examples N. */
  readonly exampleCount: number;
  /** Class names; a label is an index into them. */
  readonly classes: readonly string[];
  /** The index of the example of a name, `undefined` = there is none (default: {@linkcode exampleIndex}). */
  readonly indexOf?: (name: string) => number | undefined;
  /** The list's file name, for errors (default: `"the label list"`). */
  readonly source?: string;
}

/**
 * The labels `[N]` that a label list gives: {@linkcode NO_LABEL} for every example not listed.
 *
 * @throws {RangeError} naming some of the listed files that do not exist, classes that are unknown, or a file that two
 * names give different classes.
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
        `Cannot use ${source} as a file must have one class: ${quoteOf(name)} is ${
          quoteOf(className)
        }, and ` +
          `${quoteOf(classes[labels[index] ?? NO_LABEL] ?? "")} by another name`,
      );
    }
  }
  if (missing.length > 0) {
    throw new RangeError(
      `Cannot use ${source} as every listed file must exist: there is no ${someOf(missing)}` +
        (options.indexOf ? "" : `; the examples are ${exampleName(0)} to ${exampleName(exampleCount - 1)}`),
    );
  }
  if (unknown.size > 0) {
    throw new RangeError(
      `Cannot use ${source} as its classes must be among ${someOf(classes, 20)}: it names ` +
        someOf([...unknown]),
    );
  }
  return labels;
}
