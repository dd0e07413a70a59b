/** Names of folders that say what their images are for: to train with, to test on, or without a label. */

import { type SetName, setNamed } from "../../mod.ts";
import { type Folder, holdsFoldersOnly } from "./folder_tree.ts";

/** Folders of images that somebody is to predict: they have no label. */
const PREDICTED = /^(pred|predict|predictions?)$/;
/** Words that say nothing of what is in the images. */
const NEUTRAL =
  /^(\d+|x|px|set|sets|split|splits|data|dataset|datasets|image|images|img|imgs|picture|pictures|pics|photo|photos|file|files|folder|sample|samples|example|examples|raw|all|full|new|final|original|resized|cropped|jpg|jpeg|png)$/;
/** A word of purpose with what it is of: `trainset`, `testdata`. */
const JOINED = /^(.+?)(sets?|datasets?|data|images?|imgs?|pics|photos?|split|files)$/;

/** What a name says. */
interface Said {
  readonly purpose: SetName;
  /** The other words of the name, but for those that say nothing. */
  readonly rest: string;
}

/** What a word says that images are for; nothing where it says something else. */
export function purposeOf(word: string | undefined): SetName | undefined {
  if (word === undefined) return undefined;
  const plain = JOINED.exec(word)?.[1] ?? word;
  return setNamed(word) ?? setNamed(plain) ?? (PREDICTED.test(plain) ? "unlabeled" : undefined);
}

/** The words of a name, in lower case: `segTrain_224` is seg, train and 224. */
export function wordsOf(name: string): string[] {
  return name.normalize("NFKC").replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2").toLowerCase()
    .split(/[^\p{L}\p{N}]+|(?<=\p{L})(?=\p{N})|(?<=\p{N})(?=\p{L})/u).filter((word) => word !== "");
}

/** What a folder's name says: its first or last word is one of purpose. */
function saidBy(name: string): Said | undefined {
  const words = wordsOf(name).filter((word) => !NEUTRAL.test(word));
  const unlabeled = words.find((word) => /^unlabell?ed/.test(word));
  if (unlabeled !== undefined) return { purpose: "unlabeled", rest: "" };
  const first = purposeOf(words[0]), last = purposeOf(words.at(-1));
  // "test train" says nothing.
  if (words.length > 1 && first !== undefined && last !== undefined) return undefined;
  const purpose = first ?? last;
  const rest = first === undefined ? words.slice(0, -1) : words.slice(1);
  return purpose && { purpose, rest: rest.join(" ") };
}

/**
 * What folders beside each other are for, by their names: `train`, `Training set`, `val2017`; and such a word with
 * another one, as in `seg_train`, where a second folder has the same other word (`seg_test`), or where the folder holds
 * but folders. Whatever is not in the result is called by no purpose: neither is a `steam_train` full of images.
 */
export function purposesOf(folders: readonly Folder[]): ReadonlyMap<Folder, SetName> {
  const said = folders.flatMap((folder) => {
    const words = saidBy(folder.name);
    return words ? [{ folder, ...words }] : [];
  });
  const purposesWith = (rest: string) =>
    new Set(said.filter((each) => each.rest === rest).map(({ purpose }) => purpose)).size;
  return new Map(
    said.filter(({ folder, rest }) => rest === "" || purposesWith(rest) > 1 || holdsFoldersOnly(folder))
      .map(({ folder, purpose }) => [folder, purpose]),
  );
}

/** Whether a name is hardly that of a class: it is that of a set, or its words say nothing, as `images` does. */
export function saysNoClass(name: string): boolean {
  const words = wordsOf(name), isNumber = words.every((word) => /^\d+$/.test(word));
  return saidBy(name) !== undefined || !isNumber && words.every((word) => NEUTRAL.test(word));
}

/** Whether a folder may be a class as well: trains are vehicles. */
export function mayBeVehicles({ name, images }: Folder): boolean {
  return images > 0 && /^trains?$/i.test(name);
}
