/** Sets to train with and to test on, as a column of a label list or the folders of listed images say them. */

import { counted, NO_LABEL, type SetName } from "../../mod.ts";
import type { Labelling } from "./class_folders.ts";
import { innermost } from "./folder_layout.ts";
import { type Folder, foldersWithImages } from "./folder_tree.ts";
import { purposesOf } from "./set_names.ts";

/** Images as sets divide them, by their names. */
export interface Division {
  /** Those that are trained with. */
  readonly train: readonly string[];
  /** Those that are tested on; null = none. */
  readonly test: { readonly name: string; readonly names: readonly string[] } | null;
  /** What was decided, as the end of a sentence. */
  readonly text: string;
}

/** Sets to test on; the first that has labelled images is used. */
const TESTS = ["val", "test"] as const;

/**
 * Divides images into sets; what is in none is trained with, and so is, without a label, an image of a set to test on of
 * which no class is known.
 *
 * @param classOf The class of each image that has one; those of a set without labels are taken out.
 * @param setOf The set of each image by its index.
 */
export function divide(
  names: readonly string[],
  classOf: Map<string, string>,
  setOf: (index: number) => SetName | undefined,
): Division {
  const members: Record<SetName, string[]> = { train: [], val: [], test: [], unlabeled: [] };
  for (const [index, name] of names.entries()) members[setOf(index) ?? "train"].push(name);
  for (const name of members.unlabeled) classOf.delete(name);
  const labeled = (set: SetName) => members[set].filter((name) => classOf.has(name));
  const chosen = TESTS.find((set) => labeled(set).length > 0);
  const test = chosen === undefined ? null : { name: chosen, names: labeled(chosen) };
  const isOut = new Set(TESTS.flatMap(labeled));
  const parts = [
    `${counted(labeled("train").length, "image")} to train with`,
    members.unlabeled.length > 0 && `${members.unlabeled.length} without a label`,
    test && `${test.names.length} of ${test.name} to test on`,
  ];
  const others = TESTS.flatMap((set) => {
    const { length } = labeled(set), rest = members[set].length - length;
    return [
      set !== chosen && length > 0 && `${length} of ${set} ${length === 1 ? "is" : "are"} left alone`,
      rest === 1 && `1 of ${set} has no label, and is trained with as such`,
      rest > 1 && `${rest} of ${set} have no label, and are trained with as such`,
    ];
  });
  return {
    train: names.filter((name) => !isOut.has(name)),
    test,
    text: [parts.filter(Boolean).join(", "), ...others.filter(Boolean)].join("; "),
  };
}

/** The sets that folders are called by; nothing unless every labelled image is in one, some to test on. */
export function setsOfFolders(
  names: readonly string[],
  classOf: ReadonlyMap<string, string>,
  tree: Folder,
): ((index: number) => SetName | undefined) | undefined {
  const sets = new Map<string, SetName>(), top = innermost(tree, true);
  for (const [{ path }, purpose] of purposesOf(foldersWithImages(top))) {
    sets.set(path, purpose);
  }
  const setOf = (name: string) => sets.get(name.slice(0, name.indexOf("/", top.path.length) + 1));
  const found = new Set([...classOf.keys()].map(setOf));
  const hasBoth = found.has("train") && TESTS.some((set) => found.has(set));
  return hasBoth && !found.has(undefined) ? (index) => setOf(names[index] ?? "") : undefined;
}

/**
 * Images as class folders divide them: the test set of folders stays one where its images have classes to train with, of a
 * list or else of their folders; the others of it are left alone. Nothing where none has.
 */
export function divideByFolders(
  { classes, train, test }: Labelling,
  classOf: Map<string, string>,
): Division | undefined {
  if (test === null) return undefined;
  const trained = new Set(train.names.map((name) => classOf.get(name)));
  const { names, labels } = test.examples;
  for (const [i, name] of names.entries()) {
    const own = classes[labels[i] ?? NO_LABEL];
    if (own !== undefined && trained.has(own) && !classOf.has(name)) classOf.set(name, own);
  }
  const usable = names.filter((name) => classOf.has(name));
  if (usable.length === 0) return undefined;
  const left = names.length - usable.length;
  return {
    train: train.names,
    test: { name: test.name, names: usable },
    text: left === 0
      ? ""
      : `${counted(left, "image")} of ${test.name} of other classes ${left === 1 ? "is" : "are"} left alone`,
  };
}
