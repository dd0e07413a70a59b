/** Words that mean "unlabelled". */

import { counted } from "../text.ts";
import type { LabelRow } from "./label_table.ts";

/**
 * Default markers of unlabelled examples, in any case: words of spreadsheets, pandas, R and labelling tools.
 */
export const MISSING_MARKERS: readonly string[] = (
  "NA N/A #N/A <NA> nan null none ? - -1 -1.0 unlabeled unlabelled"
).split(" ");

/**
 * Creates a function that returns whether a word means unlabelled: the empty word, or a marker in any case.
 *
 * @param markers Words that mean unlabelled (default: {@linkcode MISSING_MARKERS}).
 *
 * @example
 * ```ts
 * import { createMissingTest } from "../internal.ts";
 * import { assertEquals } from "../../tests/assert.ts";
 *
 * assertEquals(["cat", "?", "n/a", ""].map(createMissingTest()), [false, true, true, true]);
 * assertEquals(["none", "NA"].map(createMissingTest(["NA"])), [false, true]);
 * ```
 */
export function createMissingTest(markers: readonly string[] = MISSING_MARKERS): (word: string) => boolean {
  const known = new Set(["", ...markers.map((marker) => marker.trim().toLowerCase())]);
  return (word) => known.has(word.trim().toLowerCase());
}

/** Describes the lines of a list that have no label; undefined if all have one. @param thing Noun for a row. */
export function describeMissing(
  rows: readonly LabelRow[],
  source: string,
  thing: "line" | "capture" = "line",
): string | undefined {
  const counts = new Map<string, number>();
  for (const { className, labelText } of rows) {
    if (className === "") counts.set(labelText, (counts.get(labelText) ?? 0) + 1);
  }
  if (counts.size === 0) return undefined;
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const words = [...counts].map(([word, count]) => `${word || "empty"} ${count}`).join(", ");
  const text = `${counted(total, thing)} of ${source} ${total === 1 ? "has" : "have"} no label: ${words}`;
  return counts.size === 1 && counts.has("")
    ? text
    : `${text}. --missing sets the words that mean unlabelled`;
}
