/** Search for label lists in a user's folder. */

import { someOf } from "../../internal.ts";
import { innermost } from "./folder_layout.ts";
import { chainFrom, type Folder, foldersWithImages } from "./folder_tree.ts";
import { labelListsAmong } from "./read_list.ts";
import { detectSetNames } from "./set_names.ts";

/**
 * Finds the label list of a folder or of its only sub-folder, at any depth.
 *
 * @param directory Path of the folder, for errors.
 * @returns The list's path relative to the folder, or undefined.
 * @throws {RangeError} when a folder has several lists.
 */
export function findList(tree: Folder, directory: string): string | undefined {
  for (const folder of chainFrom(tree)) {
    const list = listIn(folder, directory);
    if (list !== undefined) return list;
  }
  return undefined;
}

/**
 * Finds the label lists of sets without class folders, such as `train/metadata.jsonl` and
 * `val/metadata.jsonl`.
 *
 * @returns The lists' paths relative to the folder; empty if no training set has a list.
 * @throws {RangeError} when a set has several lists.
 */
export function findListsOfSets(tree: Folder, directory: string): string[] {
  const sets = [...detectSetNames(foldersWithImages(innermost(tree, true)))];
  const lists = sets.map(([folder, set]) => ({ set, list: listIn(folder, directory) }));
  if (!lists.some(({ set, list }) => set === "train" && list !== undefined)) return [];
  return lists.flatMap(({ list }) => list ?? []);
}

function listIn({ path, others }: Folder, directory: string): string | undefined {
  const [list, ...more] = labelListsAmong(others).map((name) => `${path}${name}`);
  if (list === undefined || more.length === 0) return list;
  throw new RangeError(
    `Cannot choose a label list in ${directory}: it contains ${1 + more.length} lists (${
      someOf([list, ...more])
    }). Choose with --labels.`,
  );
}
