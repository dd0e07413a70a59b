/** Words that stand for "no label". */

import { counted } from "../text.ts";
import type { LabelRow } from "./label_table.ts";

/** What stands for no label where nothing is said, in any case, as an empty label does: words of spreadsheets, pandas, R and labelling tools. */
export const MISSING_MARKERS: readonly string[] = (
  "NA N/A #N/A <NA> nan null none ? - -1 -1.0 unlabeled unlabelled"
).split(" ");

/**
 * Tells which words stand for no label: an empty one, and the markers in any case.
 *
 * @param markers Them (default: {@linkcode MISSING_MARKERS}).
 *
 * @example
 * ```ts
 * import { missingLabels } from "../mod.ts";
 * import { assertEquals } from "../../tests/assert.ts";
 *
 * assertEquals(["cat", "?", "n/a", ""].map(missingLabels()), [false, true, true, true]);
 * assertEquals(["none", "NA"].map(missingLabels(["NA"])), [false, true]);
 * ```
 */
export function missingLabels(markers: readonly string[] = MISSING_MARKERS): (word: string) => boolean {
  const known = new Set(["", ...markers.map((marker) => marker.trim().toLowerCase())]);
  return (word) => known.has(word.trim().toLowerCase());
}

/** A sentence on the lines of a list that give no label; nothing where all give one. */
export function describeMissing(rows: readonly LabelRow[], source: string): string | undefined {
  const counts = new Map<string, number>();
  for (const { className, said } of rows) {
    if (className === "") counts.set(said, (counts.get(said) ?? 0) + 1);
  }
  if (counts.size === 0) return undefined;
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const words = [...counts].map(([word, count]) => `${word || "empty"} ${count}`).join(", ");
  const text = `${counted(total, "line")} of ${source} ${total === 1 ? "gives" : "give"} no label: ${words}`;
  return counts.size === 1 && counts.has("") ? text : `${text}. --missing changes what stands for none`;
}
