/** Classes given by the sub-folders of a user's folder. */

import { counted, normalizeName, shownName, someOf, sortClasses } from "../../internal.ts";
import { NO_LABEL } from "../../mod.ts";
import type { FoundFiles } from "./find_files.ts";
import { type ClassFolder, detectLayout, type FolderLayout, type TestSet } from "./folder_layout.ts";
import { directoryOf, type Folder, folderTree } from "./folder_tree.ts";
import { oneClass } from "./layout_words.ts";

/** Files of a set with their labels. */
export interface ListedFiles {
  /** Path of each file relative to the dataset's folder, such as `train/cat/1.jpg`. */
  readonly names: readonly string[];
  /** Class index of each file; NO_LABEL (−1) = unlabelled. */
  readonly labels: Int32Array;
}

/** Labels of examples, which are files that have not been read yet, or images of arrays. */
export interface Labelling<E = ListedFiles> {
  /** Class names, sorted. */
  readonly classes: readonly string[];
  /** Origin of the classes, as a clause. */
  readonly origin: string;
  /** Paths of the label lists used, relative to the folder if inside it; absent if none. */
  readonly lists?: readonly string[];
  /** Names of examples that were suggested for labelling and are never held out; absent if none. */
  readonly suggested?: ReadonlySet<string>;
  /** Names of examples whose labels a correction removed; absent if none. */
  readonly withdrawn?: ReadonlySet<string>;
  /** Training examples, labelled or not. */
  readonly train: E;
  /** Separate test set, or null. */
  readonly test: { readonly name: string; readonly examples: E } | null;
  /** Sentences about decisions and ignored files. */
  readonly notes: readonly string[];
}

/**
 * Derives classes from sub-folders. Images in deeper folders belong to the class around them.
 * {@linkcode detectLayout} decides whether folders are classes, sets, or neither.
 *
 * @param directory The folder, for errors.
 * @returns The labels, or undefined if no sub-folder can be a class.
 * @throws {SyntaxError} when there is only one class, the folders are ambiguous, or a test set has a class
 * that does not occur in training.
 */
export function labelsFromFolders(found: FoundFiles, directory: string): Labelling | undefined {
  const layout = detectLayout(folderTree(found), directory);
  if (!layout) return undefined;
  const classes = sortClasses(layout.train.map(({ className }) => className));
  const [only] = layout.train;
  if (!only) return undefined;
  if (classes.length === 1) throw oneClass(only.folder.path.slice(0, -1), directory);
  const [tested, ...others] = layout.tests;
  const matched = tested && matchClasses(tested, classes, directory);
  const sets = sortImages(found.images, mapPlaces(layout, matched?.classes ?? []), classes);
  return {
    classes,
    origin: layout.origin,
    train: sets.train,
    test: tested ? { name: tested.name, examples: sets.test } : null,
    notes: [
      ...layout.notes,
      ...tested ? notesBesides(sets.besides.names.length, tested.name) : [],
      ...others.map(({ name }) =>
        `${shownName(name)} is ignored: ${shownName(tested?.name ?? "")} is used for testing`
      ),
      ...matched?.notes ?? [],
    ],
  };
}

/** Use of an image. */
interface Place {
  /**
   * Set of the image; `"besides"` = in the test set outside its class folders, `"ignored"` = in another test
   * set.
   */
  readonly set: "train" | "test" | "besides" | "ignored";
  readonly className?: string;
}

/** Maps paths of folders to the use of their images; images of other folders are used for training. */
function mapPlaces(
  { train, tests: [tested, ...others] }: FolderLayout,
  testClasses: readonly ClassFolder[],
): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  const put = (folder: Folder, place: Place) => {
    places.set(folder.path, place);
    for (const inner of folder.folders) put(inner, place);
  };
  for (const { folder, className } of train) put(folder, { set: "train", className });
  for (const folder of tested?.folders ?? []) put(folder, { set: "besides" });
  for (const { folder, className } of testClasses) put(folder, { set: "test", className });
  for (const folder of others.flatMap(({ folders }) => folders)) put(folder, { set: "ignored" });
  return places;
}

function sortImages(
  images: readonly string[],
  places: ReadonlyMap<string, Place>,
  classes: readonly string[],
): Record<Place["set"], ListedFiles> {
  const indices = new Map(classes.map((name, i) => [name, i]));
  const sets = { train: emptySet(), test: emptySet(), besides: emptySet(), ignored: emptySet() };
  for (const name of images) {
    const { set, className } = places.get(directoryOf(name)) ?? { set: "train" };
    sets[set].names.push(name);
    sets[set].labels.push(indices.get(className ?? "") ?? NO_LABEL);
  }
  const filesOf = ({ names, labels }: ReturnType<typeof emptySet>) => ({
    names,
    labels: Int32Array.from(labels),
  });
  return {
    train: filesOf(sets.train),
    test: filesOf(sets.test),
    besides: filesOf(sets.besides),
    ignored: filesOf(sets.ignored),
  };
}

function emptySet(): { readonly names: string[]; readonly labels: number[] } {
  return { names: [], labels: [] };
}

/**
 * Matches the folders of a test set with the classes of training. Names must be equal, or differ only in
 * case, spaces or Unicode form from exactly one class.
 */
function matchClasses({ name, classes: found }: TestSet, classes: readonly string[], directory: string) {
  const respelled: string[] = [], unknown: string[] = [], known = new Set(classes);
  const matched = found.flatMap(({ folder, className }) => {
    if (known.has(className)) return [{ folder, className }];
    const alike = classes.filter((each) => normalizeName(each) === normalizeName(className)), [only] = alike;
    if (alike.length !== 1 || only === undefined) {
      unknown.push(className);
      return [];
    }
    respelled.push(`${folder.path} as class ${only}`);
    return [{ folder, className: only }];
  });
  if (unknown.length === 0) {
    return {
      classes: matched,
      notes: respelled.length === 0
        ? []
        : [`folders matched despite a different spelling: ${someOf(respelled)}`],
    };
  }
  throw new SyntaxError(
    `Cannot use ${directory}/${shownName(name).slice(0, -1)} for testing: its ${
      unknown.length === 1 ? "class" : "classes"
    } ${someOf(unknown)} ${unknown.length === 1 ? "does" : "do"} not occur in the training images`,
  );
}

function notesBesides(count: number, name: string): string[] {
  if (count === 0) return [];
  return [
    `${counted(count, "image")} of ${shownName(name)} outside class folders ${
      count === 1 ? "is" : "are"
    } ignored`,
  ];
}
