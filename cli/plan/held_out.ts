/**
 * The selection of labelled pictures that are held out of training, for testing.
 * @module
 */
import { resolve } from "node:path";
import { fileFinder, someOf } from "../../data/internal.ts";
import { drawHeldOut, exampleName, NO_LABEL } from "../../data/mod.ts";
import { contentPlaces, holdOut, readLabelTable, type UserFolder } from "../../data/files/mod.ts";
import type { RunOptions } from "../command/options.ts";
import { readGivenFile } from "../command/given_file.ts";

/**
 * Holds out labelled pictures of a folder: the pictures of a list, or a random choice that depends only on
 * the seed and the pictures' content. A folder with its own test set stays as it is.
 * @param chosen Path of the list; false = hold out none, null = choose automatically.
 * @throws {RangeError} if the folder has a test set too, or the list names pictures that cannot be held out.
 */
export async function holdOutTestImages(
  folder: UserFolder,
  chosen: string | false | null,
  seed: number,
): Promise<UserFolder> {
  const { directory, classes, train, test, testName, suggested, contents: known } = folder;
  if (typeof chosen === "string") {
    if (test !== null) {
      throw new RangeError(
        `Cannot use --hold-out ${chosen}: the folder already has a test set, ${testName}`,
      );
    }
    return holdOut(folder, await readHeldOutIndices(chosen, folder));
  }
  if (chosen === false || test !== null) return folder;
  const places = await contentPlaces(train, { directory, seed, known });
  // Images labelled by suggestion are harder than the rest: testing on these would overestimate the error.
  const isSuggested = (index: number) => suggested?.has(train.names?.[index] ?? exampleName(index));
  const placeOf = (index: number) => isSuggested(index) ? 1 : places[index] ?? 1;
  return holdOut(folder, drawHeldOut(train.labels, classes.length, placeOf));
}

/** @throws {RangeError} if a baseline is requested, but there are no test images to compare on. */
export function checkBaselineTested(
  { baseline, holdOut }: Pick<RunOptions, "baseline" | "holdOut">,
  isTested: boolean,
): void {
  if (!baseline || isTested) return;
  throw new RangeError(
    `Cannot use --baseline: the comparison needs test images, but ${
      holdOut === false ? "--no-hold-out keeps none" : "there are too few labels to hold some out"
    }. Pass a list of labelled pictures to --hold-out, or add a test set to the folder.`,
  );
}

/**
 * Reads the pictures to hold out from a list: one name per line, or a label list, whose classes are ignored.
 * Pictures whose labels a correction removed are skipped.
 */
async function readHeldOutIndices(
  path: string,
  { directory, train, withdrawn }: UserFolder,
): Promise<Int32Array> {
  const names = train.names ?? Array.from(train.labels.keys(), exampleName);
  const find = fileFinder(names, resolve(directory));
  const indices = new Set<number>(), unknown: string[] = [], unlabelled: string[] = [];
  for (const name of await readNames(path, (name) => find(name) !== undefined)) {
    const index = find(name)?.index;
    if (typeof index !== "number") unknown.push(name);
    else if (withdrawn?.has(names[index] ?? "")) continue;
    else if (train.labels[index] === NO_LABEL) unlabelled.push(name);
    else indices.add(index);
  }
  if (unknown.length > 0) {
    throw new RangeError(
      `Cannot use --hold-out ${path}: each line must name one training picture, but ${someOf(unknown)} ${
        unknown.length === 1 ? "does" : "do"
      } not`,
    );
  }
  if (unlabelled.length > 0) {
    throw new RangeError(
      `Cannot use --hold-out ${path}: held-out pictures need labels, but ${someOf(unlabelled)} ${
        unlabelled.length === 1 ? "has" : "have"
      } none. If the list has classes, pass it to --labels too.`,
    );
  }
  if (indices.size === 0) {
    throw new RangeError(`Cannot use --hold-out ${path}: the file names no pictures`);
  }
  return Int32Array.from(indices).sort();
}

/** Reads the names in a list. @param isFile Returns whether a text is the name of a picture. */
async function readNames(path: string, isFile: (name: string) => boolean): Promise<string[]> {
  const text = new TextDecoder().decode(await readGivenFile(path, "list of pictures to hold out"));
  const lines = text.split(/\r\n|\n|\r/).map((line) => line.trim()).filter((line) => line !== "");
  if (lines.every(isFile)) return lines;
  const table = await readLabelTable(path, { isFile }).catch((error) => {
    if (error instanceof SyntaxError) return null;
    throw error;
  });
  if (table === null) return lines;
  const { rows, columns } = table;
  // If no column name is known, the first line may still be a header.
  const isHead = (name: string, i: number) => i === 0 && columns === null && !isFile(name) && rows.length > 1;
  return rows.map(({ name }) => name).filter((name, i) => !isHead(name, i));
}
