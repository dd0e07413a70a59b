/**
 * Which labelled pictures of a user's folder are held out of training.
 * @module
 */
import { drawHeldOut, fileFinder, NO_LABEL, shownName, someOf } from "../../data/mod.ts";
import { contentPlaces, holdOut, type OwnFolder } from "../../data/files/mod.ts";
import type { RunOptions } from "../command/options.ts";
import { readGivenFile } from "../command/given_file.ts";

/**
 * Holds out pictures of a folder: those of a list, or those that are drawn by what the pictures are; none of a folder that
 * has a test set of its own, or where that is said.
 * @param chosen Path of the list; false = none are held out, null = nothing was said.
 * @throws {RangeError} if a list is given where there is a test set, or names pictures that cannot be held out.
 */
export async function withHeldOut(
  folder: OwnFolder,
  chosen: string | false | null,
  seed: number,
): Promise<OwnFolder> {
  const { directory, classes, train, test, testName } = folder;
  if (typeof chosen === "string") {
    if (test !== null) {
      throw new RangeError(
        `Cannot use --hold-out ${chosen} as the folder must have no test set of its own: it has ${testName}`,
      );
    }
    return holdOut(folder, await listedIn(chosen, folder));
  }
  if (chosen === false || test !== null) return folder;
  const places = await contentPlaces(train, { directory, seed });
  return holdOut(folder, drawHeldOut(train.labels, classes.length, (index) => places[index] ?? 1));
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

/** The pictures that a list names: a name a line, or a label list, whose classes are of no account. */
async function listedIn(path: string, { directory, train }: OwnFolder): Promise<Int32Array> {
  const text = new TextDecoder().decode(await readGivenFile(path, "list of pictures to hold out"));
  const find = fileFinder(train.names ?? [], directory);
  const indices = new Set<number>(), unknown: string[] = [], unlabelled: string[] = [];
  for (const line of text.replace(/^\ufeff/, "").split(/\r\n|\n|\r/)) {
    if (line.trim() === "") continue;
    const index = namesIn(line).map(find).find((each) => each !== undefined);
    if (typeof index !== "number") unknown.push(line.trim());
    else if (train.labels[index] === NO_LABEL) unlabelled.push(line.trim());
    else indices.add(index);
  }
  const shown = (lines: readonly string[]) => someOf(lines.map(shownName));
  if (unknown.length > 0) {
    throw new RangeError(
      `Cannot use --hold-out ${path} as each line must name one picture of the folder: ${shown(unknown)}`,
    );
  }
  if (unlabelled.length > 0) {
    throw new RangeError(
      `Cannot use --hold-out ${path} as what is held out must have labels: there is none of ${
        shown(unlabelled)
      }. Give their labels too, such as with --labels LIST,${path}`,
    );
  }
  if (indices.size === 0) {
    throw new RangeError(`Cannot use --hold-out ${path} as it must name pictures: it names none`);
  }
  return Int32Array.from(indices).sort();
}

/** What of a line may be the name: all of it, or what is before its tab, its last blank or its first comma. */
function namesIn(line: string): string[] {
  const whole = line.trim();
  const parts = [/^([^\t]+)\t/, /^(.+) /, /^([^,;]+)[,;]/].flatMap((pattern) =>
    pattern.exec(whole)?.[1] ?? []
  );
  return [whole, ...parts].map((name) => unquoted(name.trim()));
}

function unquoted(name: string): string {
  if (!/^".*"$/s.test(name)) return name;
  try {
    return JSON.parse(name);
  } catch {
    return name;
  }
}
