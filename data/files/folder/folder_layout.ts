/** How a user's folders are read: which of them are classes, and which are sets to train with or to test on. */

import { shownName, someOf } from "../../mod.ts";
import { type Folder, foldersWithImages } from "./folder_tree.ts";
import {
  noteOnFlat,
  notesOnAlike,
  notesOnEmpty,
  notesOnImages,
  nothingToTrainWith,
  setsBesideClasses,
  setsInSomeClasses,
  setsWithoutClasses,
} from "./layout_words.ts";
import { mayBeVehicles, purposesOf, saysNoClass } from "./set_names.ts";

/** A folder whose images, and those below, have a class. */
export interface ClassFolder {
  readonly folder: Folder;
  readonly className: string;
}

/** A set to test on. */
export interface TestSet {
  /** How notes call it, such as `val/`. */
  readonly name: string;
  /** All that belongs to it. */
  readonly folders: readonly Folder[];
  readonly classes: readonly ClassFolder[];
}

/** A reading of folders. */
export interface FolderLayout {
  /** Where classes were found, as the end of a sentence. */
  readonly origin: string;
  /** What has a class to train with; whatever is neither here nor in a test set has no label. */
  readonly train: readonly ClassFolder[];
  /** Those to validate with first. */
  readonly tests: readonly TestSet[];
  /** Sentences on what was passed over. */
  readonly notes: readonly string[];
}

/** Folders beside each other, with images in each, by what they are for. */
interface SortedFolders {
  readonly train: readonly Folder[];
  readonly val: readonly Folder[];
  readonly test: readonly Folder[];
  readonly unlabeled: readonly Folder[];
  /** Those that are called like none of these. */
  readonly others: readonly Folder[];
}

/**
 * Reads folders. A chain of single folders is one folder. In it are either sets, with a folder for each class in them;
 * or a folder for each class, with test sets beside them or with sets in each.
 *
 * @param directory The dataset's folder, for errors.
 * @returns nothing where no folder can be a class.
 * @throws {SyntaxError} when folders can be read in two ways, or there is nothing to train with.
 */
export function layoutOf(root: Folder, directory: string): FolderLayout | undefined {
  const top = innermost(root, true), sorted = sortFolders(top);
  if (sorted.others.length > 0) return layoutOfClasses(top, sorted, directory);
  const hasSets = sorted.train.length + sorted.val.length + sorted.test.length > 0;
  return hasSets ? layoutOfSets(top, sorted, directory) : undefined;
}

function sortFolders(top: Folder): SortedFolders {
  const folders = foldersWithImages(top), purposes = purposesOf(folders);
  const train = folders.filter((folder) => purposes.get(folder) === "train");
  const others = folders.filter((folder) => !purposes.has(folder));
  const areClasses = others.length > 0 && train.every(mayBeVehicles);
  return {
    train: areClasses ? [] : train,
    val: folders.filter((folder) => purposes.get(folder) === "val"),
    test: folders.filter((folder) => purposes.get(folder) === "test"),
    unlabeled: folders.filter((folder) => purposes.get(folder) === "unlabeled"),
    others: areClasses ? [...others, ...train] : others,
  };
}

/** Whether a set has class folders: the only one of `val/images` is none. @param known Names of classes. */
function hasClasses(folder: Folder, known: readonly ClassFolder[] = []): boolean {
  const [only, ...more] = foldersWithImages(folder);
  if (only === undefined || more.length > 0) return only !== undefined;
  return !saysNoClass(only.name) || isAmong(only, known) || hasClasses(only, known);
}

const isAmong = ({ name }: Folder, known: readonly ClassFolder[]) =>
  known.some(({ className }) => className === name);
const classFolder = (folder: Folder): ClassFolder => ({ folder, className: folder.name });

/** `train/cat`, `val/cat`, `unlabeled`. */
function layoutOfSets(
  top: Folder,
  { train, val, test }: SortedFolders,
  directory: string,
): FolderLayout {
  const tests = [...val, ...test];
  if (train.length === 0) throw nothingToTrainWith(directory, tests);
  const parents = train.filter((folder) => hasClasses(folder)).map((folder) => innermost(folder));
  if (parents.length === 0) throw setsWithoutClasses(directory, train, tests);
  const classes = parents.flatMap((parent) => {
    const { unlabeled } = sortFolders(parent);
    return foldersWithImages(parent).filter((folder) => !unlabeled.includes(folder)).map(classFolder);
  });
  const areNamed = purposesOf(top.folders);
  const mayBeEmpty = [...parents.flatMap(({ folders }) => folders), ...areNamed.keys()];
  return {
    origin: `the sub-folders of ${someOf(parents.map(({ path }) => path.slice(0, -1)))} are the classes`,
    train: classes,
    tests: tests.filter((folder) => hasClasses(folder, classes)).map((folder) => testSet(folder, classes)),
    notes: [
      ...notesOnImages([top, ...parents]),
      ...[...train, ...tests].filter((folder) => !hasClasses(folder, classes)).map(noteOnFlat),
      ...notesOnEmpty(mayBeEmpty),
    ],
  };
}

/** `cat` and `dog`, with `val/cat` or `unlabeled` beside them; or `cat/train` and `cat/val`. */
function layoutOfClasses(
  top: Folder,
  { train, val, test, unlabeled, others }: SortedFolders,
  directory: string,
): FolderLayout {
  const tests = [...val, ...test], classes = others.map(classFolder);
  const flat = tests.filter((folder) => !hasClasses(folder, classes));
  // One class is none: the folder beside it may be the other.
  const doubtful = train.length > 0 ? [...train, ...tests] : others.length === 1 ? flat : [];
  if (doubtful.length > 0) throw setsBesideClasses(directory, doubtful, others);
  const found = tests.length === 0 ? setsInClasses(others, directory) : undefined;
  return {
    origin: `the sub-folders${top.path && ` of ${shownName(top.path.slice(0, -1))}`} are the classes`,
    train: classes,
    tests: tests.filter((folder) => !flat.includes(folder)).map((folder) => testSet(folder, classes)),
    ...found,
    notes: [
      ...notesOnImages([top]),
      ...flat.map(noteOnFlat),
      ...unlabeled.filter(({ name }) => !/unlabell?ed/i.test(name)).map(({ path }) =>
        `the images of ${shownName(path)} have no label, as the folder is called so`
      ),
      ...notesOnEmpty(top.folders),
      ...found ? [] : notesOnAlike(others),
    ],
  };
}

/** `cat/train`, `cat/val`, `dog/train`: sets in each class. Nothing where classes hold none. */
function setsInClasses(
  classes: readonly Folder[],
  directory: string,
): Omit<FolderLayout, "notes"> | undefined {
  const sorted = classes.map((folder) => ({ folder, ...sortFolders(folder) }));
  const isOfSets = ({ folder, train, val, test, others }: typeof sorted[number]) =>
    folder.images === 0 && train.length > 0 && val.length + test.length > 0 && others.length === 0;
  const [first] = sorted.filter(isOfSets);
  if (!first) return undefined;
  const without = sorted.filter((each) => !isOfSets(each)).map(({ folder }) => folder);
  if (without.length > 0) {
    const sets = [...first.train, ...first.val, ...first.test];
    throw setsInSomeClasses(directory, sets, classes, without);
  }
  const classesOf = (purpose: "train" | "val" | "test") =>
    sorted.flatMap(({ folder: { name }, [purpose]: sets }) =>
      sets.map((folder) => ({ folder, className: name }))
    );
  return {
    origin: "the sub-folders are the classes, and each holds sets",
    train: classesOf("train"),
    tests: (["val", "test"] as const).flatMap((purpose) => {
      const found = classesOf(purpose), [some] = found;
      return some
        ? [{ name: `*/${some.folder.name}/`, folders: found.map(({ folder }) => folder), classes: found }]
        : [];
    }),
  };
}

/**
 * The folder that a chain of single folders leads to, where it holds several: of `archive/photos/cat` and
 * `archive/photos/dog` that is `archive/photos`.
 *
 * @param endsAtSets Whether a folder that is called like a set ends the chain.
 */
export function innermost(folder: Folder, endsAtSets = false): Folder {
  for (let inner = folder; inner.images === 0;) {
    const [only, ...more] = foldersWithImages(inner);
    if (only === undefined) break;
    if (more.length > 0 || endsAtSets && purposesOf([only]).size > 0) return inner;
    inner = only;
  }
  return folder;
}

/** A test set, where a chain of single folders is one folder too, but ends at a class. */
function testSet(folder: Folder, classes: readonly ClassFolder[]): TestSet {
  for (let inner = folder;;) {
    const [only, ...more] = foldersWithImages(inner);
    if (
      only === undefined || inner.images > 0 || more.length > 0 || isAmong(only, classes) ||
      foldersWithImages(only).length === 0
    ) {
      return { name: folder.path, folders: [folder], classes: foldersWithImages(inner).map(classFolder) };
    }
    inner = only;
  }
}
