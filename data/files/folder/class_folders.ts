/** Classes that the sub-folders of a user's folder name. */

import { counted, NO_LABEL, someOf } from "../../mod.ts";

/** Files of a set, with a class each. */
export interface ListedFiles {
  /** Below the dataset's folder, such as `train/cat/1.jpg`. */
  readonly names: readonly string[];
  /** Class index of each; NO_LABEL (−1) where none is known. */
  readonly labels: Int32Array;
}

/** Which examples have which class: those of files, before any is read, or of arrays. */
export interface Labelling<E = ListedFiles> {
  /** Class names, sorted. */
  readonly classes: readonly string[];
  /** Where the classes come from, as the end of a sentence. */
  readonly origin: string;
  /** Path of the label list that gave them, from the folder on where it lies there; absent where none did. */
  readonly list?: string;
  /** Examples to train with, labelled or not. */
  readonly train: E;
  /** A test set of its own; null = there is none. */
  readonly test: { readonly name: string; readonly examples: E } | null;
  /** Sentences on what was decided or passed over. */
  readonly notes: readonly string[];
}

const UNLABELED = /^unlabell?ed$/i;
/** Folders that may be a test set; the first that is there is used. */
const TEST_NAMES = ["val", "validation", "valid", "test"];

/**
 * The classes that sub-folders name, either `CLASS/…` or `train/CLASS/…`; deeper folders count to the class that they
 * are in. Without a label are images in `unlabeled` or `unlabelled`, and those that lie beside the class folders. A
 * folder `val` (or `validation`, `valid`, `test`) of folders that are called like classes is a test set of its own.
 *
 * @param names Paths of all images.
 * @param directory The folder, for errors.
 * @returns nothing where no sub-folder can be a class.
 * @throws {SyntaxError} when there is only one class, or the test set has one that training has not.
 */
export function labelsFromFolders(names: readonly string[], directory: string): Labelling | undefined {
  const { tops, prefix, tests } = layoutOf(names);
  const isClass = (top: string) => prefix !== "" || !(UNLABELED.test(top) || TEST_NAMES.includes(top));
  const classOf = (name: string) => {
    const top = folderIn(name, prefix);
    return top !== undefined && isClass(top) ? top : undefined;
  };
  const classes = [...new Set(names.map(classOf).filter((each) => each !== undefined))].sort();
  if (classes.length === 0) return undefined;
  if (classes.length === 1) throw oneClass(`${prefix}${classes[0]}`, directory);
  const notes: string[] = [];
  const besides = names.filter((name) => !name.includes("/")).length;
  if (besides > 0) {
    notes.push(
      `${counted(besides, "image")} beside the class folders ${besides === 1 ? "has" : "have"} no label`,
    );
  }
  for (const top of tops.filter((each) => TEST_NAMES.includes(each) && !tests.includes(each))) {
    notes.push(`${top}/ has no class folders: its images have no label`);
  }
  for (const other of tests.slice(1)) {
    notes.push(`${other}/ is left alone: ${tests[0]}/ is what is tested on`);
  }
  return {
    classes,
    origin: `the sub-folders${prefix && " of train"} are the classes`,
    train: labelled(
      names.filter((name) => !tests.some((top) => name.startsWith(`${top}/`))),
      classes,
      classOf,
    ),
    test: tests[0] === undefined ? null : testSet(tests[0], names, classes, directory),
    notes,
  };
}

/** The folder that a path begins with, behind a prefix; nothing where a file lies directly there. */
function folderIn(name: string, prefix = ""): string | undefined {
  if (!name.startsWith(prefix)) return undefined;
  const end = name.indexOf("/", prefix.length);
  return end < 0 ? undefined : name.slice(prefix.length, end);
}

/** The folders at the top, where classes are looked for, and which folders are test sets. */
function layoutOf(names: readonly string[]) {
  const tops = [...new Set(names.map((name) => folderIn(name)).filter((each) => each !== undefined))];
  const isReserved = (top: string) => top === "train" || TEST_NAMES.includes(top) || UNLABELED.test(top);
  const hasFolders = (top: string) => names.some((name) => folderIn(name, `${top}/`) !== undefined);
  // Next to other folders, "train" is a class like them.
  const prefix = tops.every(isReserved) && tops.includes("train") && hasFolders("train") ? "train/" : "";
  return { tops, prefix, tests: TEST_NAMES.filter((top) => tops.includes(top) && hasFolders(top)) };
}

function testSet(top: string, names: readonly string[], classes: readonly string[], directory: string) {
  const classOf = (name: string) => folderIn(name, `${top}/`);
  const own = names.filter((name) => classOf(name) !== undefined);
  const found = new Set(own.map(classOf).filter((each) => each !== undefined));
  const unknown = [...found].filter((each) => !classes.includes(each));
  if (unknown.length > 0) {
    throw new SyntaxError(
      `Cannot use ${directory}/${top} as its classes must be among those of the other images: ${
        someOf(unknown)
      } ${unknown.length === 1 ? "is" : "are"} not`,
    );
  }
  return { name: `${top}/`, examples: labelled(own, classes, classOf) };
}

function labelled(
  names: readonly string[],
  classes: readonly string[],
  classOf: (name: string) => string | undefined,
): ListedFiles {
  const indices = new Map(classes.map((name, i) => [name, i]));
  return { names, labels: Int32Array.from(names, (name) => indices.get(classOf(name) ?? "") ?? NO_LABEL) };
}

function oneClass(name: string, directory: string): SyntaxError {
  return new SyntaxError(
    `Cannot use ${directory} as there must be two classes or more: its only class folder is ${name}. ` +
      `Put labelled images into a sub-folder for each class, the others into unlabeled, or add a label list such ` +
      `as labels.csv; or is ${directory.replace(/\/$/, "")}/${name} the folder that is meant?`,
  );
}
