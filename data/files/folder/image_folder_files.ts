/** Which files a folder of images holds, and the classes that its sub-folders name. */

import { NO_LABEL, someOf } from "../../mod.ts";
import { isDirectory, listDirectory, notFound } from "../disk.ts";
import { IMAGE } from "./find_files.ts";

/** Files of a set, with a class each. */
export interface ListedFiles {
  /** Below the dataset's folder, such as `train/cat/1.jpg`. */
  readonly names: readonly string[];
  /** Class index of each; NO_LABEL (−1) where none is known. */
  readonly labels: Int32Array;
}

/** All that is known of a folder before any file is read. */
export interface ListedFolder {
  /** Names of the folders in `train`, sorted. */
  readonly classes: readonly string[];
  readonly train: ListedFiles;
  readonly test: ListedFiles;
}

/**
 * Lists a folder of images: `train/CLASS/…` and `val/CLASS/…` (or `test`), where sub-folders of classes count too, and
 * `unlabeled/…`. An image that lies directly in `train` has no label either.
 *
 * @throws {Deno.errors.NotFound} when there is no such folder, or no `train` or `val` in it.
 * @throws {SyntaxError} when a set has no images, there are fewer than two classes, or `val` has others than `train`.
 */
export async function listImageFolder(
  directory: string,
  { title, howToGet }: { readonly title: string; readonly howToGet: string },
): Promise<ListedFolder> {
  const names = await listDirectory(directory);
  const testName = ["val", "test"].find((name) => names.includes(name));
  if (!names.includes("train") || testName === undefined) {
    throw notFound(title, [{ path: directory, names }], howToGet);
  }
  const classes = await foldersIn(`${directory}/train`);
  if (classes.length < 2) {
    throw new SyntaxError(
      `Cannot use ${directory}/train as it must have a sub-folder for each of two classes or more: it has ${
        someOf(classes)
      }`,
    );
  }
  const unknown = (await foldersIn(`${directory}/${testName}`)).filter((name) => !classes.includes(name));
  if (unknown.length > 0) {
    throw new SyntaxError(
      `Cannot use ${directory}/${testName} as its classes must be among those of train: ${someOf(unknown)} ${
        unknown.length === 1 ? "is" : "are"
      } not`,
    );
  }
  const hasUnlabeled = names.includes("unlabeled");
  const [train, unlabeled, test] = [
    await imagesBelow(directory, "train"),
    hasUnlabeled ? await imagesBelow(directory, "unlabeled") : [],
    await imagesBelow(directory, testName),
  ];
  return {
    classes,
    train: labelled(directory, [...train, ...unlabeled], "train", classes),
    test: labelled(directory, test.filter((name) => name.split("/").length > 2), testName, classes),
  };
}

/** Names of the folders in a folder, sorted; hidden ones do not count. */
async function foldersIn(path: string): Promise<string[]> {
  const folders: string[] = [];
  for (const name of await listDirectory(path)) {
    if (!name.startsWith(".") && await isDirectory(`${path}/${name}`)) folders.push(name);
  }
  return folders;
}

/** Names below `directory` of all images in one of its folders, in the order of their paths; links are followed. */
async function imagesBelow(directory: string, folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await listDirectory(`${directory}/${folder}`)) {
    if (name.startsWith(".")) continue;
    const path = `${folder}/${name}`;
    // Only what does not look like an image is asked what it is: there may be a million files.
    if (IMAGE.test(name)) found.push(path);
    else if (await isDirectory(`${directory}/${path}`)) found.push(...await imagesBelow(directory, path));
  }
  return found;
}

function labelled(
  directory: string,
  names: readonly string[],
  set: string,
  classes: readonly string[],
): ListedFiles {
  if (names.length === 0) {
    throw new SyntaxError(`Cannot use ${directory}/${set} as it must hold images: it has none`);
  }
  const indices = new Map(classes.map((name, i) => [name, i]));
  const labels = Int32Array.from(names, (name) => {
    const [folder, className] = name.split("/");
    return folder === set ? indices.get(className!) ?? NO_LABEL : NO_LABEL;
  });
  return { names, labels };
}
