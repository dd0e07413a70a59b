/** Labels of a user's folder: those of its lists, its class folders, or its arrays. */

import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { counted, type ImageSet, messageOf, someOf } from "../../mod.ts";
import { type Labelling, labelsFromFolders, type ListedFiles } from "./class_folders.ts";
import type { ExamineOptions } from "./examine_folder.ts";
import type { FoundFiles } from "./find_files.ts";
import { findList, findListsOfSets } from "./find_lists.ts";
import { folderTree } from "./folder_tree.ts";
import { subsetOfImages } from "./hold_out_examples.ts";
import { labelsFromLists, type ListedOptions } from "./listed_labels.ts";

/** Finds the labels of images: those of chosen lists, of a list that lies in the folder, or of its sub-folders. */
export async function findLabels(
  directory: string,
  found: FoundFiles,
  { labels: chosen, ...options }: ExamineOptions,
): Promise<Labelling> {
  const { images } = found;
  const inFolder = (lists: readonly string[]) => lists.map((list) => join(directory, list));
  const byFolders = () => labelsFromFolders(found, directory) ?? refuse(directory, images);
  if (chosen === null) return byFolders();
  const listed = () => {
    const tree = folderTree(found);
    return { ...options, directory, tree, folders: foldersOrNothing(found, directory) };
  };
  if (chosen !== undefined) return await labelsOfLists(images, chosen, listed());
  const asListed = listed(), { folders, tree } = asListed;
  const list = findList(tree, directory);
  if (list === undefined) {
    const lists = folders ? [] : findListsOfSets(tree, directory);
    return lists.length === 0 ? byFolders() : await labelsOfLists(images, inFolder(lists), asListed);
  }
  try {
    return await labelsOfLists(images, inFolder([list]), asListed);
  } catch (error) {
    // Class folders speak for themselves, and the file may be about something else.
    const isOfList = error instanceof SyntaxError || error instanceof RangeError;
    if (!isOfList || !folders) throw error;
    return { ...folders, notes: [...folders.notes, `${list} is left alone: ${messageOf(error)}`] };
  }
}

/** The labels that lists give, wherever they lie. */
async function labelsOfLists(
  names: readonly string[],
  chosen: readonly string[],
  options: ListedOptions,
): Promise<Labelling & { readonly lists: readonly string[] }> {
  const { directory } = options;
  const lists = chosen.map((path) => {
    const inside = relative(resolve(directory), resolve(path));
    const isInside = !inside.startsWith("..") && !isAbsolute(inside);
    const place = isInside ? inside : resolve(path);
    return { path, source: isInside ? place : path, folder: isInside ? folderOf(place) : "", place };
  });
  return { ...await labelsFromLists(names, lists, options), lists: lists.map(({ place }) => place) };
}

/** The folder that a file lies in, with a `/` at the end. */
function folderOf(place: string): string {
  const folder = dirname(place);
  return folder === "." ? "" : `${folder.replaceAll("\\", "/")}/`;
}

/** Gives arrays the labels of lists, if some are chosen, instead of their own; the classes stay. */
export async function labelArrays(
  arrays: Labelling<ImageSet>,
  directory: string,
  { labels: chosen, ...options }: ExamineOptions,
): Promise<Labelling<ImageSet>> {
  if (!chosen) return arrays;
  const { classes, train } = arrays;
  const { lists, origin, suggested, notes, ...listed } = await labelsOfLists(train.names ?? [], chosen, {
    ...options,
    directory,
  });
  const unknown = listed.classes.filter((name) => !classes.includes(name));
  if (unknown.length > 0) {
    throw new RangeError(
      `Cannot use ${chosen.join(", ")} as its classes must be among those of the arrays' labels: ${
        someOf(unknown)
      } ${unknown.length === 1 ? "is" : "are"} not`,
    );
  }
  const places = new Map(train.names?.map((name, i) => [name, i]));
  const chosenOf = ({ names, labels }: ListedFiles) => ({
    ...subsetOfImages(train, Int32Array.from(names, (name) => places.get(name) ?? 0)),
    labels: labels.map((label) => classes.indexOf(listed.classes[label] ?? "")),
  });
  return {
    ...arrays,
    origin: `${arrays.origin}; ${origin}`,
    lists,
    ...(suggested && { suggested }),
    train: chosenOf(listed.train),
    test: listed.test ? { name: listed.test.name, examples: chosenOf(listed.test.examples) } : arrays.test,
    notes: [...arrays.notes, ...notes],
  };
}

function foldersOrNothing(found: FoundFiles, directory: string): Labelling | undefined {
  try {
    return labelsFromFolders(found, directory);
  } catch {
    return undefined;
  }
}

/** What to do where a folder has no labels. */
export const remedy: string =
  "Put labelled images into a sub-folder for each class, and the others into unlabeled; or add a list " +
  "labels.csv with the columns file and label.";

function refuse(directory: string, images: readonly string[]): never {
  throw new SyntaxError(
    `Cannot use ${directory} as some images must have labels: it has ${
      counted(images.length, "image")
    }, no class folders and no label list. ${remedy}`,
  );
}
