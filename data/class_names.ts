/** Class names: sorting them, and finding names that differ only in spelling details. */

import { counted, shownName, someOf } from "./text.ts";

/**
 * Returns the distinct class names, sorted numerically if all are numbers (2 before 10), otherwise by
 * character.
 *
 * @example
 * ```ts
 * import { sortClasses } from "./internal.ts";
 * import { assertEquals } from "../tests/assert.ts";
 *
 * assertEquals(sortClasses(["10", "2", "10"]), ["2", "10"]);
 * assertEquals(sortClasses(["ten", "10", "2"]), ["10", "2", "ten"]);
 * ```
 */
export function sortClasses(names: Iterable<string>): string[] {
  const classes = [...new Set(names)].sort();
  const areNumbers = classes.every((name) => /^-?\d+(\.\d+)?$/.test(name));
  return areNumbers ? classes.sort((a, b) => Number(a) - Number(b)) : classes;
}

/**
 * Returns a name in one Unicode form and in lower case, without spaces, underscores and invisible characters.
 * Names that look alike have the same result.
 */
export function normalizeName(name: string): string {
  return name.normalize("NFKC").toLowerCase().normalize("NFKC").replace(/[\s_\p{Cc}\p{Cf}]+/gu, "");
}

/**
 * Describes classes whose names differ only in case, spaces or Unicode form, and which may be meant as one
 * class.
 *
 * @param counts Number of labels of each class.
 * @returns One sentence, or an empty array if there are no such classes.
 */
export function describeSimilarClasses(classes: readonly string[], counts: readonly number[]): string[] {
  const groups = new Map<string, number[]>();
  for (const [index, name] of classes.entries()) {
    const key = normalizeName(name), group = groups.get(key);
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
    `some class names differ only in case, spaces or Unicode form and may be meant as one class: ${
      someOf(texts)
    }`,
  ];
}
