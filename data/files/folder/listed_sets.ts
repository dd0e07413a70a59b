/** Division of listed images into training and test sets, by a column of the list or by folders. */

import { counted, type SetName } from "../../internal.ts";
import { NO_LABEL } from "../../mod.ts";
import type { Labelling } from "./class_folders.ts";
import { innermost } from "./folder_layout.ts";
import { type Folder, foldersWithImages } from "./folder_tree.ts";
import type { Matches } from "./matched_rows.ts";
import { detectSetNames } from "./set_names.ts";

/** Names of the images of each set. */
export interface Division {
  /** Training images. */
  readonly train: readonly string[];
  /** Test images, or null. */
  readonly test: { readonly name: string; readonly names: readonly string[] } | null;
  /** Description of the sets, as the end of a sentence. */
  readonly text: string;
}

/** Sets for testing; the first one with labelled images is used. */
const TESTS = ["val", "test"] as const;

/**
 * Divides images into sets. Images without a set are used for training, and so are unlabelled images of test
 * sets.
 *
 * @param classOf Class of each labelled image; images of the set `unlabeled` are removed from it.
 * @param setOf Returns the set of an image from its index.
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
    `${counted(labeled("train").length, "labelled image")} for training`,
    members.unlabeled.length > 0 && `${members.unlabeled.length} unlabelled`,
    test && `${test.names.length} of ${test.name} for testing`,
  ];
  const others = TESTS.flatMap((set) => {
    const { length } = labeled(set), rest = members[set].length - length;
    return [
      set !== chosen && length > 0 && `${length} of ${set} ${length === 1 ? "is" : "are"} ignored`,
      rest === 1 && `1 of ${set} has no label and is used as an unlabelled training image`,
      rest > 1 && `${rest} of ${set} have no label and are used as unlabelled training images`,
    ];
  });
  return {
    train: names.filter((name) => !isOut.has(name)),
    test,
    text: [parts.filter(Boolean).join(", "), ...others.filter(Boolean)].join("; "),
  };
}

/**
 * Finds the sets of images by their folders; undefined unless all labelled images are in sets, some for
 * testing. Images that were suggested for labelling are used for training, wherever they are.
 */
export function findSetsOfFolders(
  names: readonly string[],
  { classOf, suggested }: Pick<Matches, "classOf" | "suggested">,
  tree: Folder,
): ((index: number) => SetName | undefined) | undefined {
  const sets = new Map<string, SetName>(), top = innermost(tree, true);
  for (const [{ path }, set] of detectSetNames(foldersWithImages(top))) {
    sets.set(path, set);
  }
  const setOf = (name: string) => sets.get(name.slice(0, name.indexOf("/", top.path.length) + 1));
  const found = new Set([...classOf.keys()].filter((name) => !suggested.has(name)).map(setOf));
  const hasBoth = found.has("train") && TESTS.some((set) => found.has(set));
  const setOfImage = (name: string) => suggested.has(name) ? "train" : setOf(name);
  return hasBoth && !found.has(undefined) ? (index) => setOfImage(names[index] ?? "") : undefined;
}

/**
 * Divides images by class folders. Images of the folders' test set stay in it if their class, from a list or
 * their folder, occurs in training; the others are ignored. Returns undefined if no test image remains.
 */
export function divideByFolders(
  { classes, train, test }: Labelling,
  classOf: Map<string, string>,
): Division | undefined {
  if (test === null) return undefined;
  const trained = new Set(train.names.map((name) => classOf.get(name)));
  const { names, labels } = test.examples;
  for (const [i, name] of names.entries()) {
    const className = classes[labels[i] ?? NO_LABEL];
    if (className !== undefined && trained.has(className) && !classOf.has(name)) classOf.set(name, className);
  }
  const usable = names.filter((name) => classOf.has(name));
  if (usable.length === 0) return undefined;
  const left = names.length - usable.length;
  return {
    train: train.names,
    test: { name: test.name, names: usable },
    text: left === 0
      ? ""
      : `${counted(left, "image")} of other classes in ${test.name} ${left === 1 ? "is" : "are"} ignored`,
  };
}
