/** Detection of sets by the names of folders: training, testing, or unlabelled images. */

import { findSetName, type SetName } from "../../internal.ts";
import { type Folder, hasImagesOnlyBelow } from "./folder_tree.ts";

/** Words for images to be predicted, which are unlabelled. */
const PREDICTED = /^(pred|predict|predictions?)$/;
/** Words that do not describe the contents of images. */
const NEUTRAL =
  /^(\d+|x|px|set|sets|split|splits|data|dataset|datasets|image|images|img|imgs|picture|pictures|pics|photo|photos|file|files|folder|sample|samples|example|examples|raw|all|full|new|final|original|resized|cropped|jpg|jpeg|png)$/;
/** Name of a set joined with another word: `trainset`, `testdata`. */
const JOINED = /^(.+?)(sets?|datasets?|data|images?|imgs?|pics|photos?|split|files)$/;

/** Information in the name of a folder. */
interface ParsedName {
  readonly set: SetName;
  /** Other words of the name, without neutral ones. */
  readonly rest: string;
}

/** Returns the set that a word names, or undefined. */
export function setOfWord(word: string | undefined): SetName | undefined {
  if (word === undefined) return undefined;
  const plain = JOINED.exec(word)?.[1] ?? word;
  return findSetName(word) ?? findSetName(plain) ?? (PREDICTED.test(plain) ? "unlabeled" : undefined);
}

/** Splits a name into words in lower case: `segTrain_224` is seg, train and 224. */
export function splitWords(name: string): string[] {
  return name.normalize("NFKC").replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2").toLowerCase()
    .split(/[^\p{L}\p{N}]+|(?<=\p{L})(?=\p{N})|(?<=\p{N})(?=\p{L})/u).filter((word) => word !== "");
}

/** Parses a folder's name whose first or last word names a set. */
function parseFolderName(name: string): ParsedName | undefined {
  const whole = findSetName(name);
  if (whole !== undefined) return { set: whole, rest: "" };
  const words = splitWords(name).filter((word) => !NEUTRAL.test(word));
  const unlabeled = words.find((word) => /^unlabell?ed/.test(word));
  if (unlabeled !== undefined) return { set: "unlabeled", rest: "" };
  const first = setOfWord(words[0]), last = setOfWord(words.at(-1));
  // "test train" is contradictory.
  if (words.length > 1 && first !== undefined && last !== undefined) return undefined;
  const set = first ?? last;
  const rest = first === undefined ? words.slice(0, -1) : words.slice(1);
  return set && { set, rest: rest.join(" ") };
}

/**
 * Detects the sets of sibling folders by their names, such as `train`, `Training set` or `val2017`. A name
 * with another word, such as `seg_train`, counts only if a sibling has the same other word (`seg_test`), or
 * the folder contains only folders. Folders that are not sets are missing in the result, such as
 * `steam_train` with images.
 */
export function detectSetNames(folders: readonly Folder[]): ReadonlyMap<Folder, SetName> {
  const parsed = folders.flatMap((folder) => {
    const words = parseFolderName(folder.name);
    return words ? [{ folder, ...words }] : [];
  });
  const countSets = (rest: string) =>
    new Set(parsed.filter((each) => each.rest === rest).map(({ set }) => set)).size;
  return new Map(
    parsed.filter(({ folder, rest }) => rest === "" || countSets(rest) > 1 || hasImagesOnlyBelow(folder))
      .map(({ folder, set }) => [folder, set]),
  );
}

/**
 * Returns whether a name is unlikely to be that of a class: it names a set, or has only neutral words such as
 * `images`.
 */
export function isHardlyClass(name: string): boolean {
  const words = splitWords(name), isNumber = words.every((word) => /^\d+$/.test(word));
  return parseFolderName(name) !== undefined || !isNumber && words.every((word) => NEUTRAL.test(word));
}

/** Returns whether a folder named train may be a class of vehicles. */
export function mayBeVehicles({ name, images }: Folder): boolean {
  return images > 0 && /^trains?$/i.test(name);
}
