/** A user's own folder: what is in it, before any image is decoded. */

import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import {
  type ChannelOrder,
  counted,
  exampleName,
  type ImageSet,
  type LabelTableOptions,
  messageOf,
  NO_LABEL,
  similarClasses,
  someOf,
} from "../../mod.ts";
import { type Labelling, labelsFromFolders, type ListedFiles } from "./class_folders.ts";
import { readArrays } from "./array_files.ts";
import { findList, findListsOfSets } from "./find_lists.ts";
import { folderTree } from "./folder_tree.ts";
import { arraysIn, type ArraySource, arraySources, isArrayArchive } from "./array_sources.ts";
import { isZip } from "../archive.ts";
import { isFile } from "../disk.ts";
import { findFiles, type FoundFiles } from "./find_files.ts";
import { findByteCopies } from "../inspect/byte_copies.ts";
import { findPixelCopies } from "../inspect/pixel_copies.ts";
import { type InspectedImages, inspectImages } from "../inspect/inspect_images.ts";
import { type CopyGroup, settleCopies } from "../inspect/settle_copies.ts";
import { measureSignificantBits } from "../inspect/significant_bits.ts";
import { labelsFromLists, type ListedOptions } from "./listed_labels.ts";

/** Examples of a folder: files, or images of arrays. */
export type OwnExamples = ListedFiles | ImageSet;

/** What a user's folder holds. */
export interface OwnFolder {
  /** Its path. */
  readonly directory: string;
  /** Class names; a label is an index into them. */
  readonly classes: readonly string[];
  /** How labels were found, in a few words. */
  readonly origin: string;
  /** Paths of the label lists that gave them, from the folder on where they lie there; none where none did. */
  readonly lists: readonly string[];
  /** Where channels of arrays were said to be; null = nothing was said. */
  readonly channelOrder: ChannelOrder | null;
  /** Names of examples that were suggested to be labelled, and are never held out; absent where no list says so. */
  readonly suggested?: ReadonlySet<string>;
  /** All examples to train with, labelled or not. */
  readonly train: OwnExamples;
  /** Examples to test on: a set of its own, or what is held out; null = none. */
  readonly test: OwnExamples | null;
  /** How the test set is called in the folder; null where it is held out, or there is none. */
  readonly testName: string | null;
  /** How many bits are used of the 16 that some images have; 16 where none has. */
  readonly significantBits: number;
  /** Names of training images that are the same picture, in groups. */
  readonly copies: readonly CopyGroup[];
  /** Sentences on what was decided, passed over or is wrong. */
  readonly notes: readonly string[];
}

/** How to look at a folder. */
export interface ExamineOptions extends Omit<LabelTableOptions, "isFile"> {
  /**
   * Paths of label lists, of which later ones add to earlier ones; null = none, sub-folders name the classes, and arrays
   * have their own labels. Where nothing is said, the list is that of the folder, if there is one beside pictures.
   */
  readonly labels?: readonly string[] | null | undefined;
  /** Where channels of arrays are among the axes (default: where sizes say that they can be). */
  readonly channels?: ChannelOrder | undefined;
  /** What makes two pictures copies: equal bytes, or that they look the same at a small size (default: `"bytes"`). */
  readonly copies?: "bytes" | "pixels" | undefined;
  /** Names in the folder that are looked at (default: all). */
  readonly only?: readonly string[] | undefined;
  /** Stops it. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds out what a folder holds: arrays of images and labels; or images whose labels are in a list; or images in
 * sub-folders named like their classes. Reads names, lists and arrays, and of images the first and last bytes: files that
 * are none are left out, and so are copies of what is tested on.
 *
 * @param directory The folder, a ZIP archive of one, or an archive of arrays (`.npz`).
 * @throws {Deno.errors.NotFound} when there is no such folder. @throws {SyntaxError} when it cannot be understood, or a
 * file is damaged. @throws {RangeError} when there are fewer than two classes.
 */
export async function examineFolder(directory: string, options: ExamineOptions = {}): Promise<OwnFolder> {
  const { channels, signal } = options;
  const isArchive = !isZip(directory) && await isFile(directory);
  const listed = isArchive ? noFiles : await findFiles(directory, options.only);
  const inspected = await inspectImages(directory, listed.images, options);
  const found = { ...listed, images: inspected.images, notes: [...listed.notes, ...inspected.notes] };
  const areFiles = found.images.length > 0;
  const sources = isArchive
    ? await arraysOfArchive(directory)
    : areFiles
    ? []
    : await arraysIn(directory, found);
  if (areFiles && channels !== undefined) {
    throw new RangeError(`Cannot use --channels with ${directory} as it is for arrays: its images are files`);
  }
  if (!areFiles && !isArchive && sources.length === 0) throw noImages(directory, found);
  const depth = await measureSignificantBits(directory, inspected.mayBeDeep, signal);
  const { test, notes, ...labelling } = areFiles
    ? await withoutCopies(await findLabels(directory, found, options), inspected, directory, {
      ...options,
      significantBits: depth.bits,
    })
    : await labelArrays(await readArrays(sources, directory, options), directory, options);
  const { classes, train } = labelling;
  return {
    directory,
    lists: [],
    channelOrder: channels ?? null,
    copies: [],
    significantBits: depth.bits,
    ...labelling,
    test: test && test.examples,
    testName: test && test.name,
    notes: [
      ...found.notes,
      ...notes,
      ...depth.notes,
      ...similarClasses(classes, labelCounts(train.labels, classes.length)),
    ],
  };
}

const noFiles: FoundFiles = { images: [], others: [], folders: new Map(), notes: [] };

/** The arrays of an archive. @throws {SyntaxError} when a file is none. */
async function arraysOfArchive(path: string): Promise<ArraySource[]> {
  if (isArrayArchive(path)) return await arraySources([basename(path)], dirname(path));
  throw new SyntaxError(
    `Cannot use ${path} as it must be a folder, a ZIP archive of one, or an archive of arrays (.npz): it is a file of another kind`,
  );
}

/** Settles what is there twice, and says so. */
async function withoutCopies(
  labelling: Labelling,
  { images, keys }: InspectedImages,
  directory: string,
  options: ExamineOptions & { readonly significantBits: number },
): Promise<Labelling & Pick<OwnFolder, "copies">> {
  const known = await findByteCopies(directory, images, keys, options);
  const { notes, ...settled } = options.copies === "pixels"
    ? settleCopies(
      labelling,
      await findPixelCopies(directory, images, { ...options, known }),
      "by their looks",
    )
    : settleCopies(labelling, known, "byte by byte");
  return { ...labelling, ...settled, notes: [...labelling.notes, ...notes] };
}

async function findLabels(
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
async function labelArrays(
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

const remedy =
  "Put labelled images into a sub-folder for each class, and the others into unlabeled; or add a list " +
  "labels.csv with the columns file and label.";

function refuse(directory: string, images: readonly string[]): never {
  throw new SyntaxError(
    `Cannot use ${directory} as some images must have labels: it has ${
      counted(images.length, "image")
    }, no class folders and no label list. ${remedy}`,
  );
}

function noImages(directory: string, { others, notes }: FoundFiles): SyntaxError {
  const held = others.length > 0 ? [`it holds ${someOf(others)}`] : notes.length > 0 ? [] : ["it is empty"];
  return new SyntaxError(
    `Cannot use ${directory} as it must hold images or arrays: ${[...held, ...notes].join("; ")}. ${remedy}`,
  );
}

/** Number of examples of each class. */
export function labelCounts(labels: Int32Array, classCount: number): number[] {
  const counts = new Array<number>(classCount).fill(0);
  for (const label of labels) if (label !== NO_LABEL) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

/** Moves examples of the training set to a test set that is held out; their copies are trained with no more. */
export function holdOut(folder: OwnFolder, indices: Int32Array): OwnFolder {
  if (indices.length === 0) return folder;
  const { train, copies } = folder, isHeldOut = new Set(indices);
  const heldOut = new Set(copies.length > 0 ? Array.from(indices, (index) => train.names?.[index]) : []);
  const areTested = new Set(copies.filter((group) => group.some((name) => heldOut.has(name))).flat());
  const rest = Int32Array.from(train.labels.keys()).filter((index) =>
    !isHeldOut.has(index) && !areTested.has(train.names?.[index] ?? "")
  );
  const dropped = train.labels.length - rest.length - isHeldOut.size;
  const note = `${counted(dropped, "copy", "copies")} of pictures that are held out ${
    dropped === 1 ? "is" : "are"
  } left out of training`;
  return {
    ...folder,
    train: subset(train, rest),
    test: subset(train, indices),
    notes: dropped > 0 ? [...folder.notes, note] : folder.notes,
  };
}

function subset(examples: OwnExamples, indices: Int32Array): OwnExamples {
  if ("images" in examples) return subsetOfImages(examples, indices);
  const names = Array.from(indices, (index) => examples.names[index] ?? "");
  return { names, labels: indices.map((index) => examples.labels[index] ?? NO_LABEL) };
}

function subsetOfImages({ images, imageShape, ...examples }: ImageSet, indices: Int32Array): ImageSet {
  const names = Array.from(indices, (index) => examples.names?.[index] ?? exampleName(index));
  const labels = indices.map((index) => examples.labels[index] ?? NO_LABEL);
  const size = imageShape.reduce((product, length) => product * length, 1);
  const chosen = new Uint8Array(indices.length * size);
  indices.forEach((index, i) => chosen.set(images.subarray(index * size, (index + 1) * size), i * size));
  return { images: chosen, imageShape, names, labels };
}
