/** Layout of a user's folder: detects folders that are classes, and sets for training and testing. */

import { shownName, someOf } from "../../internal.ts";
import { type Folder, foldersWithImages } from "./folder_tree.ts";
import {
  noteOnFlat,
  notesOnAlike,
  notesOnEmpty,
  notesOnImages,
  notesOnInner,
  nothingToTrainWith,
  setsBesideClasses,
  setsInSomeClasses,
  setsWithoutClasses,
} from "./layout_words.ts";
import { detectSetNames, isHardlyClass, mayBeVehicles } from "./set_names.ts";

/** A folder whose images, at any depth, have one class. */
export interface ClassFolder {
  readonly folder: Folder;
  readonly className: string;
}

/** A test set. */
export interface TestSet {
  /** Name in notes, such as `val/`. */
  readonly name: string;
  /** All folders of the set. */
  readonly folders: readonly Folder[];
  /** Class folders of the set. */
  readonly classes: readonly ClassFolder[];
}

/** Detected layout of folders. */
export interface FolderLayout {
  /** Origin of the classes, as a clause. */
  readonly origin: string;
  /** Class folders for training; images outside these and the test sets are unlabelled. */
  readonly train: readonly ClassFolder[];
  /** Test sets, validation sets first. */
  readonly tests: readonly TestSet[];
  /** Sentences about ignored files. */
  readonly notes: readonly string[];
}

/** Sibling folders with images, by their purpose. */
interface SortedFolders {
  readonly train: readonly Folder[];
  readonly val: readonly Folder[];
  readonly test: readonly Folder[];
  readonly unlabeled: readonly Folder[];
  /** Folders whose names are not those of sets. */
  readonly others: readonly Folder[];
}

/**
 * Detects the layout of folders. A chain of single folders counts as one folder. It contains either sets,
 * with a folder for each class in them; or a folder for each class, with test sets beside them or sets in
 * each.
 *
 * @param directory The dataset's folder, for errors.
 * @returns The layout, or undefined if no folder can be a class.
 * @throws {SyntaxError} when the layout is ambiguous, or there are no training images.
 */
export function detectLayout(root: Folder, directory: string): FolderLayout | undefined {
  const top = innermost(root, true), sorted = sortFolders(top);
  if (sorted.others.length > 0) return detectClasses(top, sorted, directory);
  const hasSets = sorted.train.length + sorted.val.length + sorted.test.length > 0;
  return hasSets ? detectSets(top, sorted, directory) : undefined;
}

function sortFolders(top: Folder): SortedFolders {
  const folders = foldersWithImages(top), setNames = detectSetNames(folders);
  const train = folders.filter((folder) => setNames.get(folder) === "train");
  const others = folders.filter((folder) => !setNames.has(folder));
  const areClasses = others.length > 0 && train.every(mayBeVehicles);
  return {
    train: areClasses ? [] : train,
    val: folders.filter((folder) => setNames.get(folder) === "val"),
    test: folders.filter((folder) => setNames.get(folder) === "test"),
    unlabeled: folders.filter((folder) => setNames.get(folder) === "unlabeled"),
    others: areClasses ? [...others, ...train] : others,
  };
}

/**
 * Returns whether a set has class folders; `images` in `val/images` is not one.
 *
 * @param known Known class folders.
 */
function hasClasses(folder: Folder, known: readonly ClassFolder[] = []): boolean {
  const [only, ...more] = foldersWithImages(folder);
  if (only === undefined || more.length > 0) return only !== undefined;
  return !isHardlyClass(only.name) || isAmong(only, known) || hasClasses(only, known);
}

const isAmong = ({ name }: Folder, known: readonly ClassFolder[]) =>
  known.some(({ className }) => className === name);
const classFolder = (folder: Folder): ClassFolder => ({ folder, className: folder.name });

/** Detects a layout of sets: `train/cat`, `val/cat`, `unlabeled`. */
function detectSets(
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
  const areNamed = detectSetNames(top.folders);
  const mayBeEmpty = [...parents.flatMap(({ folders }) => folders), ...areNamed.keys()];
  return {
    origin: `the sub-folders of ${someOf(parents.map(({ path }) => path.slice(0, -1)))} are the classes`,
    train: classes,
    tests: tests.filter((folder) => hasClasses(folder, classes)).map((folder) =>
      createTestSet(folder, classes)
    ),
    notes: [
      ...notesOnImages([top, ...parents]),
      ...[...train, ...tests].filter((folder) => !hasClasses(folder, classes)).map(noteOnFlat),
      ...notesOnInner(classes.map(({ folder }) => folder)),
      ...notesOnEmpty(mayBeEmpty),
    ],
  };
}

/**
 * Detects a layout of classes: `cat` and `dog`, with `val/cat` or `unlabeled` beside them; or `cat/train` and
 * `cat/val`.
 */
function detectClasses(
  top: Folder,
  { train, val, test, unlabeled, others }: SortedFolders,
  directory: string,
): FolderLayout {
  const tests = [...val, ...test], classes = others.map(classFolder);
  const flat = tests.filter((folder) => !hasClasses(folder, classes));
  // With a single class, the folder beside it may be a second class.
  const doubtful = train.length > 0 ? [...train, ...tests] : others.length === 1 ? flat : [];
  if (doubtful.length > 0) throw setsBesideClasses(directory, doubtful, others);
  const found = tests.length === 0 ? detectSetsInClasses(others, directory) : undefined;
  return {
    origin: `the sub-folders${top.path && ` of ${shownName(top.path.slice(0, -1))}`} are the classes`,
    train: classes,
    tests: tests.filter((folder) => !flat.includes(folder)).map((folder) => createTestSet(folder, classes)),
    ...found,
    notes: [
      ...notesOnImages([top]),
      ...flat.map(noteOnFlat),
      ...unlabeled.filter(({ name }) => !/unlabell?ed/i.test(name)).map(({ path }) =>
        `the images of ${shownName(path)} are unlabelled because of the folder's name`
      ),
      ...notesOnEmpty(top.folders),
      ...found ? [] : notesOnAlike(others),
    ],
  };
}

/**
 * Detects sets in each class: `cat/train`, `cat/val`, `dog/train`. Returns undefined if no class contains
 * sets.
 */
function detectSetsInClasses(
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
  const classesOf = (set: "train" | "val" | "test") =>
    sorted.flatMap(({ folder: { name }, [set]: sets }) =>
      sets.map((folder) => ({ folder, className: name }))
    );
  return {
    origin: "the sub-folders are the classes, and each contains sets",
    train: classesOf("train"),
    tests: (["val", "test"] as const).flatMap((set) => {
      const found = classesOf(set), [some] = found;
      return some
        ? [{ name: `*/${some.folder.name}/`, folders: found.map(({ folder }) => folder), classes: found }]
        : [];
    }),
  };
}

/**
 * Follows a chain of single folders to the first folder that contains several: `archive/photos` for
 * `archive/photos/cat` and `archive/photos/dog`. Returns the folder itself if there is none.
 *
 * @param endsAtSets True to end the chain at a folder named like a set.
 */
export function innermost(folder: Folder, endsAtSets = false): Folder {
  for (let inner = folder; inner.images === 0;) {
    const [only, ...more] = foldersWithImages(inner);
    if (only === undefined) break;
    if (more.length > 0 || endsAtSets && detectSetNames([only]).size > 0) return inner;
    inner = only;
  }
  return folder;
}

/** Creates a test set. A chain of single folders counts as one folder, but ends at a class. */
function createTestSet(folder: Folder, classes: readonly ClassFolder[]): TestSet {
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
