/** Files of equal bytes. */

import { inspectFiles, type InspectOptions } from "./inspect_files.ts";

/**
 * Groups files that are equal, byte by byte. Only those are read whole whose sizes and ends are equal.
 *
 * @param names Paths below the folder.
 * @param keys A number for each that files of equal bytes share.
 * @returns Groups of two or more, in the order of names.
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
