/** Classes that the sub-folders of a user's folder name. */

import { counted, nameKey, NO_LABEL, shownName, someOf, sortedClasses } from "../../mod.ts";
import type { FoundFiles } from "./find_files.ts";
import { type ClassFolder, type FolderLayout, layoutOf, type TestSet } from "./folder_layout.ts";
import { directoryOf, type Folder, folderTree } from "./folder_tree.ts";
import { oneClass } from "./layout_words.ts";

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
  /** Paths of the label lists that gave them, from the folder on where they lie there; absent where none did. */
  readonly lists?: readonly string[];
  /** Names of examples that were suggested to be labelled, and are never held out; absent where no list says so. */
  readonly suggested?: ReadonlySet<string>;
  /** Examples to train with, labelled or not. */
  readonly train: E;
  /** A test set of its own; null = there is none. */
  readonly test: { readonly name: string; readonly examples: E } | null;
  /** Sentences on what was decided or passed over. */
  readonly notes: readonly string[];
}

/**
 * The classes that sub-folders name; deeper folders count to the class that they are in. {@linkcode layoutOf} says which
 * folders are classes, sets, or neither.
 *
 * @param directory The folder, for errors.
 * @returns nothing where no sub-folder can be a class.
 * @throws {SyntaxError} when there is only one class, folders can be read in two ways, or a test set has a class that
 * training has not.
 */
export function labelsFromFolders(found: FoundFiles, directory: string): Labelling | undefined {
  const layout = layoutOf(folderTree(found), directory);
  if (!layout) return undefined;
  const classes = sortedClasses(layout.train.map(({ className }) => className));
  const [only] = layout.train;
  if (!only) return undefined;
  if (classes.length === 1) throw oneClass(only.folder.path.slice(0, -1), directory);
  const [tested, ...others] = layout.tests;
  const matched = tested && matchClasses(tested, classes, directory);
  const sets = sortImages(found.images, placesOf(layout, matched?.classes ?? []), classes);
  return {
    classes,
    origin: layout.origin,
    train: sets.train,
    test: tested ? { name: tested.name, examples: sets.test } : null,
    notes: [
      ...layout.notes,
      ...tested ? notesBesides(sets.besides.names.length, tested.name) : [],
      ...others.map(({ name }) =>
        `${shownName(name)} is left alone: ${shownName(tested?.name ?? "")} is what is tested on`
      ),
      ...matched?.notes ?? [],
    ],
  };
}

/** What an image is for. */
interface Place {
  /** Beside the class folders of the test set is what is neither trained with nor tested on. */
  readonly set: "train" | "test" | "besides" | "left";
  readonly className?: string;
}

/** What images are for by the path of the folder that they lie in; those of no such folder are trained with. */
function placesOf(
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
  for (const folder of others.flatMap(({ folders }) => folders)) put(folder, { set: "left" });
  return places;
}

function sortImages(
  images: readonly string[],
  places: ReadonlyMap<string, Place>,
  classes: readonly string[],
): Record<Place["set"], ListedFiles> {
  const indices = new Map(classes.map((name, i) => [name, i]));
  const sets = { train: emptySet(), test: emptySet(), besides: emptySet(), left: emptySet() };
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
    left: filesOf(sets.left),
  };
}

function emptySet(): { readonly names: string[]; readonly labels: number[] } {
  return { names: [], labels: [] };
}

/**
 * Gives the folders of a test set the classes of training. A name counts that is the same, or the only one that is the
 * same but for case, spaces or Unicode form.
 */
function matchClasses({ name, classes: found }: TestSet, classes: readonly string[], directory: string) {
  const taken: string[] = [], unknown: string[] = [], known = new Set(classes);
  const matched = found.flatMap(({ folder, className }) => {
    if (known.has(className)) return [{ folder, className }];
    const alike = classes.filter((each) => nameKey(each) === nameKey(className)), [only] = alike;
    if (alike.length !== 1 || only === undefined) {
      unknown.push(className);
      return [];
    }
    taken.push(`${folder.path} for the class ${only}`);
    return [{ folder, className: only }];
  });
  if (unknown.length === 0) {
    return {
      classes: matched,
      notes: taken.length === 0 ? [] : [`taken as spelled otherwise: ${someOf(taken)}`],
    };
  }
  throw new SyntaxError(
    `Cannot use ${directory}/${
      shownName(name).slice(0, -1)
    } as its classes must be among those of the other images: ${someOf(unknown)} ${
      unknown.length === 1 ? "is" : "are"
    } not`,
  );
}

function notesBesides(count: number, name: string): string[] {
  if (count === 0) return [];
  return [
    `${counted(count, "image")} of ${shownName(name)} without a class folder ${
      count === 1 ? "is" : "are"
    } left alone`,
  ];
}
