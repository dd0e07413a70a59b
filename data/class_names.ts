/** Class names as people write them: their order, and those that differ only in how they are written. */

import { counted, shownName, someOf } from "./text.ts";

/**
 * Each class once: in the order of numbers where all are numbers (2 before 10), in the order of characters otherwise.
 *
 * @example
 * ```ts
 * import { sortedClasses } from "./mod.ts";
 * import { assertEquals } from "../tests/assert.ts";
 *
 * assertEquals(sortedClasses(["10", "2", "10"]), ["2", "10"]);
 * assertEquals(sortedClasses(["ten", "10", "2"]), ["10", "2", "ten"]);
 * ```
 */
export function sortedClasses(names: Iterable<string>): string[] {
  const classes = [...new Set(names)].sort();
  const areNumbers = classes.every((name) => /^-?\d+(\.\d+)?$/.test(name));
  return areNumbers ? classes.sort((a, b) => Number(a) - Number(b)) : classes;
}

/**
 * What is equal of two names that are read alike: letters in one Unicode form and in lower case, without spaces,
 * underscores and characters that nobody sees.
 */
export function nameKey(name: string): string {
  return name.normalize("NFKC").toLowerCase().normalize("NFKC").replace(/[\s_\p{Cc}\p{Cf}]+/gu, "");
}

/**
 * A sentence on classes that may be one: those whose names are equal but for case, spaces or Unicode form.
 *
 * @param counts Number of labels of each class.
 * @returns nothing where there are none, one sentence otherwise.
 */
export function similarClasses(classes: readonly string[], counts: readonly number[]): string[] {
  const groups = new Map<string, number[]>();
  for (const [index, name] of classes.entries()) {
    const key = nameKey(name), group = groups.get(key);
    if (group) group.push(index);
    else groups.set(key, [index]);
  }
  const alike = [...groups.values()].filter((group) => group.length > 1);
  if (alike.length === 0) return [];
  const texts = alike.map((group) =>
    group.map((index) =>
      `${JSON.stringify(shownName(classes[index] ?? ""))} (${counted(counts[index] ?? 0, "label")})`
    )
      .join(" and ")
  );
  return [
    `classes are equal but for case, spaces or Unicode form, and may be meant to be one: ${someOf(texts)}`,
  ];
}
