/** Labels from the names of files, by a regular expression. */

import { runInNewContext } from "node:vm";
import {
  counted,
  createMissingTest,
  describeMissing,
  type LabelRow,
  type LabelTable,
  messageOf,
  quoteOf,
  someOf,
} from "../../internal.ts";

/** Time in which all names must be matched, in ms: a pattern such as `(a+)+b` takes years for a single name. */
const TIME_LIMIT = 10_000;

/** Options of {@linkcode readNameLabels}. */
export interface NameLabelOptions {
  /** Words that mean unlabelled (default: those of lists). */
  readonly missing?: readonly string[] | undefined;
  /** Time in which all names must be matched, in ms (default: 10 seconds). */
  readonly timeLimit?: number | undefined;
}

/** Number of labels from which a class of its own for each picture is rejected. */
const MANY = 10;
/** Maximum number of captures shown in messages. */
const SHOWN = 3;

/** Returns the name of a pattern in messages. */
function sourceOf(pattern: string): string {
  return `--label-pattern ${quoteOf(pattern)}`;
}

/** Checks a pattern before any file is read. @throws {RangeError} when it is malformed, or has no group. */
export function checkLabelPattern(pattern: string): void {
  if (countGroups(pattern) > 0) return;
  throw new RangeError(
    `Cannot use ${
      sourceOf(pattern)
    }: it needs a group in parentheses that captures the class, as in ([a-z]+)_\\d+`,
  );
}

/** Counts the capturing groups of a pattern. @throws {RangeError} when it is malformed. */
function countGroups(pattern: string): number {
  try {
    new RegExp(pattern, "u");
  } catch (error) {
    const [, reason] = /: ([^:]*)$/.exec(messageOf(error)) ?? [];
    const hint = pattern.includes("(?P<") ? ". JavaScript writes (?<label>…), without the P" : "";
    throw new RangeError(
      `Cannot use ${sourceOf(pattern)}: it is not a regular expression of JavaScript${
        reason === undefined ? "" : ` (${reason})`
      }${hint}`,
    );
  }
  // The empty alternative matches everywhere, and a match has all groups.
  return (new RegExp(`${pattern}|`, "u").exec("")?.length ?? 1) - 1;
}

/** Source code that captures the class in each name: by the group `label` if there is one, otherwise the first. */
const CAPTURE = `
  const regex = new RegExp(pattern, "u");
  names.map((name) => {
    const match = regex.exec(name);
    if (match === null) return "";
    return (match.groups && "label" in match.groups ? match.groups.label : match[1]) ?? "";
  })`;

/** Returns whether an error is that of the time limit; it belongs to the other context, so it is no `Error` of this one. */
function isTimeout(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error &&
    error.code === "ERR_SCRIPT_EXECUTION_TIMEOUT";
}

/**
 * Returns the class that a pattern captures in each name; empty = no match. Unicode forms are equal, and spaces around
 * a class are removed.
 *
 * @param names Paths with `/`.
 * @param pattern Regular expression of JavaScript (flag `u`) with a group `label`, or whose first group counts.
 * @param timeLimit Time for all names in ms (default: 10 seconds).
 * @throws {RangeError} when the pattern is malformed or has no group, or matching takes too long.
 *
 * @example
 * ```ts
 * import { captureClasses } from "../mod.ts";
 * import { assertEquals } from "../../../tests/assert.ts";
 *
 * assertEquals(captureClasses(["a/cat_1.jpg", "2.jpg"], "([a-z]+)_\\d"), ["cat", ""]);
 * ```
 */
export function captureClasses(
  names: readonly string[],
  pattern: string,
  timeLimit: number = TIME_LIMIT,
): readonly string[] {
  checkLabelPattern(pattern);
  const inputs = {
    names: names.map((name) => name.normalize("NFC")),
    pattern: pattern.normalize("NFC"),
  };
  try {
    const captured = runInNewContext(CAPTURE, inputs, { timeout: timeLimit }) as readonly string[];
    return captured.map((className) => className.trim());
  } catch (error) {
    if (!isTimeout(error)) throw error;
    throw new RangeError(
      `Cannot use ${sourceOf(pattern)}: matching ${counted(names.length, "name")} takes longer than ${
        timeLimit / 1000
      } seconds. Avoid repetitions of repetitions, such as (\\w+)+`,
    );
  }
}

/**
 * Reads the classes in names as a table of labels.
 *
 * @param names Paths of all images relative to the folder, with `/`.
 * @param pattern Regular expression that captures the class.
 * @throws {RangeError} when no name matches, each name has another class, or matching takes too long.
 */
export function readNameLabels(
  names: readonly string[],
  pattern: string,
  { missing, timeLimit }: NameLabelOptions = {},
): LabelTable {
  const source = sourceOf(pattern), isMissing = createMissingTest(missing);
  const captured = captureClasses(names, pattern, timeLimit);
  const rows = names.flatMap((name, i): LabelRow[] => {
    const labelText = captured[i] ?? "";
    if (labelText === "") return [];
    return [{ name, labelText, className: isMissing(labelText) ? "" : labelText, line: 0 }];
  });
  if (rows.length === 0) {
    throw new RangeError(
      `Cannot use ${source}: it matches none of ${counted(names.length, "name")}, such as ${
        someOf(names, SHOWN)
      }`,
    );
  }
  const counts = countClasses(rows);
  if (rows.length >= MANY && counts.size === rows.length) {
    throw new RangeError(
      `Cannot use ${source}: it captures another class in each name, ${describeCaptures(rows)}. ` +
        "Its group must capture the class without the number.",
    );
  }
  const unmatched = names.filter((_, i) => captured[i] === "");
  const withoutLabel = describeMissing(rows, source, "capture");
  return {
    source,
    rows,
    columns: null,
    notes: [
      `classes are captured from names: ${describeCaptures(rows)}`,
      ...(unmatched.length === 0 ? [] : [describeUnmatched(unmatched, source)]),
      ...(withoutLabel === undefined ? [] : [withoutLabel]),
      ...describeSingles(counts),
    ],
  };
}

function countClasses(rows: readonly LabelRow[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { className } of rows) {
    if (className !== "") counts.set(className, (counts.get(className) ?? 0) + 1);
  }
  return counts;
}

/** Shows a capture of each of the first classes: `"cat" in train/cat.0.jpg`. */
function describeCaptures(rows: readonly LabelRow[]): string {
  const first = new Map<string, string>();
  for (const { labelText, name } of rows) if (!first.has(labelText)) first.set(labelText, name);
  const shown = [...first].slice(0, SHOWN).map(([text, name]) => `"${quoteOf(text)}" in ${quoteOf(name)}`);
  return `${shown.join(", ")}${first.size > SHOWN ? " …" : ""}`;
}

function describeUnmatched(names: readonly string[], source: string): string {
  return `${counted(names.length, "name")} ${names.length === 1 ? "does" : "do"} not match ${source}: ${
    someOf(names, SHOWN)
  }`;
}

/** Describes classes with a single picture if most classes have no more. */
function describeSingles(counts: ReadonlyMap<string, number>): string[] {
  const singles = [...counts].filter(([, count]) => count === 1).map(([className]) => className);
  if (singles.length < MANY || 2 * singles.length <= counts.size) return [];
  return [`${singles.length} of ${counts.size} classes have a single picture: ${someOf(singles)}`];
}
