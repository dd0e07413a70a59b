/**
 * Labels of pictures by the names of their folders.
 * @module
 */

import { isHardlyClass } from "../../data/files/mod.ts";

/**
 * Returns the label of each file: the innermost folder of its path that is named like a class of the model. If
 * no folder is, the folder of each file is its label, provided that the files are in at least two folders with
 * names of classes, unlike `unlabeled` or `test`. Null if unknown.
 */
export function labelsOfFolders(
  files: readonly string[],
  classes: readonly string[],
): (string | null)[] {
  const folders = files.map((file) => file.split(/[\\/]/).slice(0, -1));
  const known = folders.map((names) => names.findLast((name) => classes.includes(name)) ?? null);
  if (known.some((label) => label !== null)) return known;
  const own = folders.map((names) => names.at(-1)).map((name) =>
    name === undefined || isHardlyClass(name) ? null : name
  );
  return new Set(own.filter((label) => label !== null)).size > 1 ? own : known;
}
