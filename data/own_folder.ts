/** A user's own folder: what is in it, before any image is decoded. */

import { basename, isAbsolute, join, relative, resolve } from "node:path";
import { type ImageSet, NO_LABEL } from "./dataset.ts";
import { type Labelling, labelsFromFolders } from "./own_classes.ts";
import { arraysAmong, readArrays } from "./own_arrays.ts";
import { findFiles, type FoundFiles } from "./own_files.ts";
import { labelListsAmong, labelsFromTable, readLabelTable } from "./own_labels.ts";
import type { ListedFiles } from "./image_folder_files.ts";
import { exampleName } from "./label_list.ts";
import { counted, messageOf, someOf } from "./text.ts";

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
  /** Path of the label list that gave them, from the folder on where it lies there; null = none did. */
  readonly list: string | null;
  /** All examples to train with, labelled or not. */
  readonly train: OwnExamples;
  /** Examples to test on: a set of its own, or what is held out; null = none. */
  readonly test: OwnExamples | null;
  /** How the test set is called in the folder; null where it is held out, or there is none. */
  readonly testName: string | null;
  /** Sentences on what was decided, passed over or is wrong. */
  readonly notes: readonly string[];
}

/** How to look at a folder. */
export interface ExamineOptions {
  /**
   * Path of the label list; null = none, sub-folders name the classes, and arrays have their own labels. Where nothing is
   * said, the list is that of the folder, if there is one beside pictures.
   */
  readonly labels?: string | null | undefined;
  /** Stops it. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds out what a folder holds: arrays of images and labels; or images whose labels are in a list; or images in
 * sub-folders named like their classes. Reads names, lists and arrays, but decodes no image.
 *
 * @throws {Deno.errors.NotFound} when there is no such folder. @throws {SyntaxError} when it cannot be understood, or a
 * file is damaged. @throws {RangeError} when there are fewer than two classes.
 */
export async function examineFolder(directory: string, options: ExamineOptions = {}): Promise<OwnFolder> {
  const found = await findFiles(directory);
  if (arraysAmong(found.others).length > 0 && found.images.length === 0) {
    const { test, notes, ...arrays } = await readArrays(found.others, directory, options.signal);
    const folder = {
      directory,
      ...arrays,
      list: null,
      test: test && test.files,
      testName: test && test.name,
      notes: [...found.notes, ...notes],
    };
    return typeof options.labels === "string" ? await withListedLabels(folder, options.labels) : folder;
  }
  if (found.images.length === 0) throw noImages(directory, found);
  const { test, notes, ...labelling } = await findLabels(directory, found, options.labels);
  return {
    directory,
    ...labelling,
    test: test && test.files,
    testName: test && test.name,
    notes: [...found.notes, ...notes],
  };
}

async function findLabels(
  directory: string,
  { images, others }: FoundFiles,
  chosen: string | null | undefined,
): Promise<Labelling & Pick<OwnFolder, "list">> {
  const byFolders = () => ({
    ...labelsFromFolders(images, directory) ?? refuse(directory, images),
    list: null,
  });
  if (chosen === null) return byFolders();
  if (chosen !== undefined) return await labelsOfList(images, chosen, directory);
  const lists = labelListsAmong(others);
  if (lists.length > 1) {
    throw new RangeError(
      `Cannot tell which label list of ${directory} is meant as it has ${lists.length}: ${
        someOf(lists)
      }. Say which with --labels.`,
    );
  }
  const [list] = lists;
  if (list === undefined) return byFolders();
  try {
    const table = await readLabelTable(join(directory, list));
    return { ...labelsFromTable(images, table, { directory, source: list }), list };
  } catch (error) {
    // Class folders speak for themselves, and the file may be about something else.
    const folders = error instanceof SyntaxError || error instanceof RangeError
      ? foldersOrNothing(images, directory)
      : undefined;
    if (!folders) throw error;
    return {
      ...folders,
      list: null,
      notes: [...folders.notes, `${list} is left alone: ${messageOf(error)}`],
    };
  }
}

/** The labels that a list gives, wherever it lies. */
async function labelsOfList(
  names: readonly string[],
  chosen: string,
  directory: string,
): Promise<Labelling & Pick<OwnFolder, "list">> {
  const inside = relative(resolve(directory), resolve(chosen));
  const isInside = !inside.startsWith("..") && !isAbsolute(inside);
  const source = isInside ? basename(chosen) : chosen;
  return {
    ...labelsFromTable(names, await readLabelTable(chosen), { directory, source }),
    list: isInside ? inside : resolve(chosen),
  };
}

/** Arrays with the labels of a list in the place of their own, whose classes stay. */
async function withListedLabels(folder: OwnFolder, chosen: string): Promise<OwnFolder> {
  const { directory, classes, train } = folder;
  const { list, origin, notes, ...listed } = await labelsOfList(train.names ?? [], chosen, directory);
  const strange = listed.classes.filter((name) => !classes.includes(name));
  if (strange.length > 0) {
    throw new RangeError(
      `Cannot use ${chosen} as its classes must be among those of the arrays' labels: ${someOf(strange)} ${
        strange.length === 1 ? "is" : "are"
      } not`,
    );
  }
  const labels = listed.train.labels.map((label) =>
    label === NO_LABEL ? NO_LABEL : classes.indexOf(listed.classes[label]!)
  );
  return {
    ...folder,
    origin: `${folder.origin}; ${origin}`,
    list,
    train: { ...train, labels },
    notes: [...folder.notes, ...notes],
  };
}

function foldersOrNothing(images: readonly string[], directory: string): Labelling | undefined {
  try {
    return labelsFromFolders(images, directory);
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
  const held = others.length > 0 ? `it holds ${someOf(others)}` : "it is empty";
  return new SyntaxError(
    `Cannot use ${directory} as it must hold images or arrays: ${[held, ...notes].join("; ")}. ${remedy}`,
  );
}

/** Number of examples of each class. */
export function labelCounts(labels: Int32Array, classCount: number): number[] {
  const counts = new Array<number>(classCount).fill(0);
  for (const label of labels) if (label !== NO_LABEL) counts[label]!++;
  return counts;
}

/** Moves examples of the training set to a test set that is held out. */
export function holdOut(folder: OwnFolder, indices: Int32Array): OwnFolder {
  if (indices.length === 0) return folder;
  const isHeldOut = new Set(indices);
  const rest = Int32Array.from(folder.train.labels.keys()).filter((index) => !isHeldOut.has(index));
  return { ...folder, train: subset(folder.train, rest), test: subset(folder.train, indices) };
}

function subset(examples: OwnExamples, indices: Int32Array): OwnExamples {
  const names = Array.from(indices, (index) => examples.names?.[index] ?? exampleName(index));
  const labels = indices.map((index) => examples.labels[index]!);
  if (!("images" in examples)) return { names, labels };
  const { images, imageShape } = examples;
  const size = imageShape.reduce((product, length) => product * length, 1);
  const chosen = new Uint8Array(indices.length * size);
  indices.forEach((index, i) => chosen.set(images.subarray(index * size, (index + 1) * size), i * size));
  return { images: chosen, imageShape, names, labels };
}
