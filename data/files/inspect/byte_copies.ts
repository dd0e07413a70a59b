/** Search for files with equal bytes. */

import { inspectFiles, type InspectOptions } from "./inspect_files.ts";

/**
 * Groups files with equal bytes. Only files with equal keys are read completely.
 *
 * @param names Paths relative to the folder.
 * @param keys A key for each file, derived from its size and ends; files with equal bytes have equal keys.
 * @returns Groups of two or more names, in the order of `names`.
 */
export async function findByteCopies(
  directory: string,
  names: readonly string[],
  keys: Float64Array,
  options: InspectOptions = {},
): Promise<string[][]> {
  const sorted = keys.toSorted();
  const shared = new Set(sorted.filter((key, i) => i > 0 && key === sorted[i - 1]));
  if (shared.size === 0) return [];
  const alike = names.filter((_, i) => shared.has(keys[i] ?? 0));
  const { digests } = await inspectFiles({ directory, names: alike, wantsDigests: true }, options);
  const groups = Map.groupBy(alike.keys(), (i) => digests[i] ?? "");
  groups.delete("");
  return [...groups.values()].filter(({ length }) => length > 1).map((group) =>
    group.map((i) => alike[i] ?? "")
  );
}
