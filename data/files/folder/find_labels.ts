/** Labels of a user's folder, from label lists, class folders or arrays. */

import { dirname, isAbsolute, join, relative, resolve } from "node:path";
import { counted, messageOf, quoteOf, someOf } from "../../internal.ts";
import { type ImageSet, NO_LABEL } from "../../mod.ts";
import { type Labelling, labelsFromFolders, type ListedFiles } from "./class_folders.ts";
import type { ExamineOptions } from "./examine_folder.ts";
import type { FoundFiles } from "./find_files.ts";
import { findLists, findListsOfSets, findWeakLists, listsBeside } from "./find_lists.ts";
import { folderTree } from "./folder_tree.ts";
import { selectImages } from "./hold_out_examples.ts";
import { labelsFromLists, type ListedOptions } from "./listed_labels.ts";
import { findNameClasses, listNameClasses, optionFor } from "../names/name_classes.ts";
import { setOfList } from "./read_list.ts";

/** Thrown if pictures have neither class folders nor a label list. */
export class NoLabelsError extends SyntaxError {}

/** Errors about labels, the most special kind first. */
const labelErrors = [NoLabelsError, SyntaxError, RangeError] as const;

/**
 * Finds the labels of images: in their names by a pattern, from lists passed by the caller, a list in the folder, or
 * sub-folders. If there are none, but the names look like classes, the error proposes a pattern.
 */
export async function findLabels(
  directory: string,
  found: FoundFiles,
  options: ExamineOptions,
): Promise<Labelling> {
  const { images } = found, { labels: chosen, labelPattern, unlabelled } = options;
  if (unlabelled === "assumed") return withoutLabels(images);
  if (labelPattern !== undefined) {
    const tree = folderTree(found), folders = tryLabelsFromFolders(found, directory);
    const labelling = await readLists(images, chosen ?? [], { ...options, directory, tree, folders });
    const notes = chosen === undefined ? noteOnUnread(listsBeside(tree)) : [];
    return { ...labelling, notes: [...labelling.notes, ...notes] };
  }
  try {
    const labelling = await findOwnLabels(directory, found, options);
    if (chosen !== undefined) return labelling;
    return { ...labelling, notes: [...labelling.notes, ...noteOnNames(labelling, images)] };
  } catch (error) {
    throw chosen === undefined ? withNameClasses(error, images) : error;
  }
}

/** Describes lists of the folder that are not read because a pattern sets the labels. */
function noteOnUnread(lists: readonly string[]): string[] {
  if (lists.length === 0) return [];
  const [are, them] = lists.length === 1 ? ["is", "it"] : ["are", "them"];
  return [
    `${someOf(lists)} ${are} not read: --label-pattern sets the labels. To use ${them} too, pass --labels`,
  ];
}

/** Finds labels in lists, or by sub-folders. */
async function findOwnLabels(
  directory: string,
  found: FoundFiles,
  { labels: chosen, unlabelled, ...options }: ExamineOptions,
): Promise<Labelling> {
  const { images } = found;
  const inFolder = (lists: readonly string[]) => lists.map((list) => join(directory, list));
  const byFolders = () =>
    labelsFromFolders(found, directory) ??
      (unlabelled === "allowed" ? withoutLabels(images) : throwNoLabels(directory, found));
  if (chosen === null) return byFolders();
  const listed = () => {
    const tree = folderTree(found);
    return { ...options, directory, tree, folders: tryLabelsFromFolders(found, directory) };
  };
  if (chosen !== undefined) return await readLists(images, chosen, listed());
  const asListed = listed(), { folders, tree } = asListed;
  const { lists, notes } = await findLists(tree, directory, options);
  const withNotes = <L extends Labelling>(labelling: L): L => ({
    ...labelling,
    notes: [...labelling.notes, ...notes],
  });
  if (lists.length === 0) {
    const others = folders ? [] : findListsOfSets(tree, directory);
    if (others.length > 0) return withNotes(await readLists(images, inFolder(others), asListed));
    const weak = folders ? undefined : await readWeakLists(images, asListed);
    return withNotes(weak ?? byFolders());
  }
  try {
    return withNotes(await readLists(images, inFolder(lists), asListed));
  } catch (error) {
    // With class folders, the file may be unrelated to labels.
    const isOfList = error instanceof SyntaxError || error instanceof RangeError;
    if (!isOfList || !folders) throw error;
    return withNotes({
      ...folders,
      notes: [
        ...folders.notes,
        `${lists.join(", ")} ${lists.length === 1 ? "is" : "are"} ignored: ${messageOf(error)}`,
      ],
    });
  }
}

/** Reads lists by names that other files have too; undefined if there are none, or they are not about the images. */
async function readWeakLists(
  images: readonly string[],
  options: ListedOptions,
): Promise<Labelling | undefined> {
  const { directory, tree } = options, lists = tree ? findWeakLists(tree, directory) : [];
  if (lists.length === 0) return undefined;
  try {
    return await readLists(images, lists.map((list) => join(directory, list)), options);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Returns images of which none has a label. */
function withoutLabels(names: readonly string[]): Labelling {
  const labels = new Int32Array(names.length).fill(NO_LABEL);
  return { classes: [], origin: "no picture has a label", train: { names, labels }, test: null, notes: [] };
}

/** Reads labels from lists inside or outside the folder. */
async function readLists(
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
  const sets = new Set(lists.map(({ path }) => setOfList(path)));
  // Of lists such as train.csv and val.csv, each is for its set.
  const areOfSets = sets.has("train") && (sets.has("val") || sets.has("test"));
  const withSets = lists.map((list) => ({ ...list, set: areOfSets ? setOfList(list.path) : undefined }));
  return { ...await labelsFromLists(names, withSets, options), lists: lists.map(({ place }) => place) };
}

/** Returns the folder of a file, with a trailing `/`. */
function folderOf(place: string): string {
  const folder = dirname(place);
  return folder === "." ? "" : `${folder.replaceAll("\\", "/")}/`;
}

/** Replaces the labels of arrays by those of lists, if any are passed; the classes are unchanged. */
export async function labelArrays(
  arrays: Labelling<ImageSet>,
  directory: string,
  { labels: chosen, ...options }: ExamineOptions,
): Promise<Labelling<ImageSet>> {
  if (!chosen) return arrays;
  const { classes, train } = arrays;
  const { lists, origin, suggested, withdrawn, notes, ...listed } = await readLists(
    train.names ?? [],
    chosen,
    {
      ...options,
      directory,
      areArrays: true,
    },
  );
  const unknown = listed.classes.filter((name) => !classes.includes(name));
  if (unknown.length > 0) {
    throw new RangeError(
      `Cannot use ${chosen.join(", ")}: ${unknown.length === 1 ? "class" : "classes"} ${someOf(unknown)} ${
        unknown.length === 1 ? "does" : "do"
      } not occur in the labels of the arrays`,
    );
  }
  const places = new Map(train.names?.map((name, i) => [name, i]));
  const chosenOf = ({ names, labels }: ListedFiles) => ({
    ...selectImages(train, Int32Array.from(names, (name) => places.get(name) ?? 0)),
    labels: labels.map((label) => classes.indexOf(listed.classes[label] ?? "")),
  });
  return {
    ...arrays,
    origin: `${arrays.origin}; ${origin}`,
    lists,
    ...(suggested && { suggested }),
    ...(withdrawn && { withdrawn }),
    train: chosenOf(listed.train),
    test: listed.test ? { name: listed.test.name, examples: chosenOf(listed.test.examples) } : arrays.test,
    notes: [...arrays.notes, ...notes],
  };
}

function tryLabelsFromFolders(found: FoundFiles, directory: string): Labelling | undefined {
  try {
    return labelsFromFolders(found, directory);
  } catch {
    return undefined;
  }
}

/** Advice for folders without labels. */
export const remedy: string =
  "Put labelled images into a sub-folder for each class and the others into unlabeled, or add a list " +
  "labels.csv with the columns file and label.";

/**
 * Describes classes in names if the folders are sessions, numbers or dates, such as `2021-05-01/cat_1.jpg`.
 */
function noteOnNames({ classes, lists = [] }: Labelling, names: readonly string[]): string[] {
  const words = new Set(classes.map((name) => name.replace(/[^\p{L}]+/gu, "")));
  const found = lists.length === 0 && words.size === 1 ? findNameClasses(names) : undefined;
  if (!found || classes.some((name) => found.counts.has(name))) return [];
  return [
    `the names look like classes, too: ${listNameClasses(found)}. To use them instead of the folders, add ${
      optionFor(found)
    }`,
  ];
}

/** Returns an error about labels with the proposal to use the names, if these look like classes. */
function withNameClasses(error: unknown, names: readonly string[]): unknown {
  const Kind = labelErrors.find((each) => error instanceof each), found = findNameClasses(names);
  if (!Kind || !found || !(error instanceof Error)) return error;
  const message = `${error.message.replace(/([^.?])$/, "$1.")} The names look like classes: ${
    listNameClasses(found)
  }. To use them, add ${optionFor(found)}`;
  return new Kind(message, { cause: error });
}

function throwNoLabels(directory: string, { images, others }: FoundFiles): never {
  const sheet = others.find((name) => /\.(xlsx?|ods|numbers)$/i.test(name));
  const text = others.find((name) =>
    /\.(txt|json|jsonl|ndjson)$/i.test(name) && !/^(readme|licen[cs]e)/i.test(name)
  );
  const hint = sheet !== undefined
    ? `If ${quoteOf(sheet)} has the labels, save it as CSV.`
    : text !== undefined
    ? `If ${quoteOf(text)} is a label list, pass it by --labels.`
    : findNameClasses(images)
    ? remedy
    : `${remedy} If the names of the files tell their classes, use --label-pattern.`;
  throw new NoLabelsError(
    `Cannot use ${directory}: it contains ${
      counted(images.length, "image")
    }, but no labels (neither class folders nor a label list). ${hint}`,
  );
}
