/** Search for label lists in a user's folder. */

import { join } from "node:path";
import { type LabelTableOptions, messageOf, someOf } from "../../internal.ts";
import { innermost } from "./folder_layout.ts";
import { chainFrom, type Folder, foldersWithImages } from "./folder_tree.ts";
import { isPixelTable } from "./pixel_tables.ts";
import { labelListsAmong, readLabelTable, setOfList, weakListsAmong } from "./read_list.ts";
import { detectSetNames } from "./set_names.ts";

/** Lists in the place where one was found. */
export interface FoundLists {
  /** Paths relative to the folder. */
  readonly lists: readonly string[];
  /** Sentences about lists that are not used, with the reasons. */
  readonly notes: readonly string[];
}

/**
 * Finds the label lists of a folder or of its only sub-folder, at any depth: one list, or one for each set. Of
 * several, those without labels and those of predictions are left out.
 *
 * @param directory Path of the folder, for errors.
 * @returns The lists, and notes about others; no lists if there are none.
 * @throws {RangeError} when a folder has several lists.
 */
export async function findLists(
  tree: Folder,
  directory: string,
  options: LabelTableOptions,
): Promise<FoundLists> {
  const notes: string[] = [];
  for (const { path, others } of chainFrom(tree)) {
    const found = labelListsAmong(others).map((name) => `${path}${name}`), lists: string[] = [];
    for (const list of found) {
      const objection = await objectionTo(list, directory, found.length === 1, options);
      if (objection === undefined) lists.push(list);
      else notes.push(`${list} is not used as a label list: ${objection}`);
    }
    if (lists.length > 0) return { lists: onePerSet(lists, directory), notes };
  }
  return { lists: [], notes };
}

/** Returns the files of a folder, or of its only sub-folder, whose names are those of label lists. */
export function listsBeside(tree: Folder): readonly string[] {
  return chainFrom(tree).flatMap(({ path, others }) =>
    labelListsAmong(others).map((name) => `${path}${name}`)
  );
}

/** Finds lists by names that other files have too, such as `train.txt`; for folders in which nothing else has labels. */
export function findWeakLists(tree: Folder, directory: string): readonly string[] {
  const found = chainFrom(tree).map(({ path, others }) =>
    weakListsAmong(others).map((name) => `${path}${name}`)
  );
  const lists = found.find((each) => each.length > 0) ?? [];
  return lists.length === 0 ? [] : onePerSet(lists, directory);
}

/** Returns the reason against using a list without being asked to; undefined if there is none. */
async function objectionTo(
  list: string,
  directory: string,
  isOnly: boolean,
  options: LabelTableOptions,
): Promise<string | undefined> {
  if (!isOnly && /submission/i.test(list)) return "by its name, it is an example of a submission";
  try {
    const { rows, columns } = await readLabelTable(join(directory, list), options, list);
    if (`${columns?.all.slice(0, 3)}` === "file,class,probability") {
      return `its columns are those of predictions. To train with them, pass it by --labels`;
    }
    if (!isOnly && rows.every(({ className }) => className === "")) return "it has no labels";
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    if (await isPixelTable(join(directory, list))) return "it is a table of pixels";
    // The only list is read once more, and its error thrown.
    if (!isOnly) return messageOf(error);
  }
  return undefined;
}

/** Returns lists of which each is for another set. @throws {RangeError} if there are several that are not. */
function onePerSet(lists: readonly string[], directory: string): readonly string[] {
  const sets = new Set(lists.map(setOfList));
  if (lists.length === 1 || sets.size === lists.length && sets.has("train") && !sets.has(undefined)) {
    return lists;
  }
  throw new RangeError(
    `Cannot choose a label list in ${directory}: it contains ${lists.length} lists (${
      someOf(lists)
    }). Choose with --labels.`,
  );
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
