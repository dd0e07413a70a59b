/** Label lists that lie in a user's folder. */

import { someOf } from "../../mod.ts";
import { innermost } from "./folder_layout.ts";
import { chainFrom, type Folder, foldersWithImages } from "./folder_tree.ts";
import { labelListsAmong } from "./read_list.ts";
import { purposesOf } from "./set_names.ts";

/**
 * The label list of a folder, or of the first in it that has one, where folders lie in each other alone.
 *
 * @param directory Path of the folder, for errors.
 * @returns its path below the folder, if there is one.
 * @throws {RangeError} when there are several in a folder.
 */
export function findList(tree: Folder, directory: string): string | undefined {
  for (const folder of chainFrom(tree)) {
    const list = listIn(folder, directory);
    if (list !== undefined) return list;
  }
  return undefined;
}

/**
 * The label lists of sets that have no class folders: `train/metadata.jsonl` and `val/metadata.jsonl`.
 *
 * @returns their paths below the folder; none where no set to train with has one.
 * @throws {RangeError} when there are several in a set.
 */
export function findListsOfSets(tree: Folder, directory: string): string[] {
  const sets = [...purposesOf(foldersWithImages(innermost(tree, true)))];
  const lists = sets.map(([folder, purpose]) => ({ purpose, list: listIn(folder, directory) }));
  if (!lists.some(({ purpose, list }) => purpose === "train" && list !== undefined)) return [];
  return lists.flatMap(({ list }) => list ?? []);
}

function listIn({ path, others }: Folder, directory: string): string | undefined {
  const [list, ...more] = labelListsAmong(others).map((name) => `${path}${name}`);
  if (list === undefined || more.length === 0) return list;
  throw new RangeError(
    `Cannot tell which label list of ${directory} is meant as it has ${1 + more.length}: ${
      someOf([list, ...more])
    }. Say which with --labels.`,
  );
}
