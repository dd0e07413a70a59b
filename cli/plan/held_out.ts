/**
 * Which labelled pictures of a user's folder are held out of training.
 * @module
 */
import { resolve } from "node:path";
import { drawHeldOut, exampleName, fileFinder, NO_LABEL, someOf } from "../../data/mod.ts";
import { contentPlaces, holdOut, readLabelTable, type UserFolder } from "../../data/files/mod.ts";
import type { RunOptions } from "../command/options.ts";
import { readGivenFile } from "../command/given_file.ts";

/**
 * Holds out pictures of a folder: those of a list, or those that are drawn by what the pictures are; none of a folder that
 * has a test set of its own, or where that is said.
 * @param chosen Path of the list; false = none are held out, null = nothing was said.
 * @throws {RangeError} if a list is given where there is a test set, or names pictures that cannot be held out.
 */
export async function withHeldOut(
  folder: UserFolder,
  chosen: string | false | null,
  seed: number,
): Promise<UserFolder> {
  const { directory, classes, train, test, testName, suggested, contents: known } = folder;
  if (typeof chosen === "string") {
    if (test !== null) {
      throw new RangeError(
        `Cannot use --hold-out ${chosen} as the folder must have no test set of its own: it has ${testName}`,
      );
    }
    return holdOut(folder, await listedIn(chosen, folder));
  }
  if (chosen === false || test !== null) return folder;
  const places = await contentPlaces(train, { directory, seed, known });
  // What was suggested is harder than the rest: it would make the error look higher than it is.
  const isSuggested = (index: number) => suggested?.has(train.names?.[index] ?? exampleName(index));
  const placeOf = (index: number) => isSuggested(index) ? 1 : places[index] ?? 1;
  return holdOut(folder, drawHeldOut(train.labels, classes.length, placeOf));
}

/** @throws {RangeError} if a run is to be compared with its twin where there is nothing to measure either on. */
export function checkTested(
  { baseline, holdOut }: Pick<RunOptions, "baseline" | "holdOut">,
  isTested: boolean,
): void {
  if (!baseline || isTested) return;
  throw new RangeError(
    `Cannot use --baseline as there must be test images to compare by: ${
      holdOut === false
        ? "--no-hold-out keeps none"
        : "the run has none, as labels are too few to hold some out"
    }. Give --hold-out a list of labelled pictures, or the folder a test set.`,
  );
}

/** The pictures that a list names: a name a line, or any label list, whose classes are of no account. */
async function listedIn(path: string, { directory, train }: UserFolder): Promise<Int32Array> {
  const names = train.names ?? Array.from(train.labels.keys(), exampleName);
  const find = fileFinder(names, resolve(directory));
  const indices = new Set<number>(), unknown: string[] = [], unlabelled: string[] = [];
  for (const name of await namesIn(path, (name) => find(name) !== undefined)) {
    const index = find(name)?.index;
    if (typeof index !== "number") unknown.push(name);
    else if (train.labels[index] === NO_LABEL) unlabelled.push(name);
    else indices.add(index);
  }
  if (unknown.length > 0) {
    throw new RangeError(
      `Cannot use --hold-out ${path} as each line must name one picture to train with: ${someOf(unknown)} ${
        unknown.length === 1 ? "does" : "do"
      } not`,
    );
  }
  if (unlabelled.length > 0) {
    throw new RangeError(
      `Cannot use --hold-out ${path} as what is held out must have a label: ${someOf(unlabelled)} ${
        unlabelled.length === 1 ? "has" : "have"
      } none. If the list gives classes, name it in --labels too.`,
    );
  }
  if (indices.size === 0) {
    throw new RangeError(`Cannot use --hold-out ${path} as it must name pictures: it names none`);
  }
  return Int32Array.from(indices).sort();
}

/** What a list names. @param isFile Whether a text is the name of a picture. */
async function namesIn(path: string, isFile: (name: string) => boolean): Promise<string[]> {
  const text = new TextDecoder().decode(await readGivenFile(path, "list of pictures to hold out"));
  const lines = text.split(/\r\n|\n|\r/).map((line) => line.trim()).filter((line) => line !== "");
  if (lines.every(isFile)) return lines;
  const table = await readLabelTable(path, { isFile }).catch((error) => {
    if (error instanceof SyntaxError) return null;
    throw error;
  });
  if (table === null) return lines;
  const { rows, columns } = table;
  // Without known names of columns, the first line may still be one of names.
  const isHead = (name: string, i: number) => i === 0 && columns === null && !isFile(name) && rows.length > 1;
  return rows.map(({ name }) => name).filter((name, i) => !isHead(name, i));
}
