/** Notes and errors about the layout of folders. */

import { counted, shownName, someOf } from "../../internal.ts";
import { type Folder, foldersWithImages, pathsOf } from "./folder_tree.ts";

/** Describes images beside class folders. */
export function notesOnImages(folders: readonly Folder[]): string[] {
  const count = folders.reduce((sum, { images }) => sum + images, 0);
  if (count === 0) return [];
  return [`${counted(count, "image")} outside the class folders ${count === 1 ? "is" : "are"} unlabelled`];
}

/** Describes a set without class folders. */
export function noteOnFlat({ path }: Folder): string {
  return `${shownName(path)} has no class folders: its images are unlabelled`;
}

/** Describes folders without images that may be meant as classes or sets. */
export function notesOnEmpty(folders: readonly Folder[]): string[] {
  const empty = folders.filter(({ total }) => total === 0).map(({ path, others, folders }) => {
    const held = [...others, ...folders.map(({ name }) => `${name}/`)];
    return `${path} (${held.length === 0 ? "empty" : `it contains ${someOf(held, 3)}`})`;
  });
  return empty.length === 0 ? [] : [`there are no images in ${someOf(empty)}`];
}

/**
 * Describes classes that contain only folders, with the same names in each, which might be the intended
 * classes.
 */
export function notesOnAlike(classes: readonly Folder[]): string[] {
  const inner = classes.map((folder) => foldersWithImages(folder).map(({ name }) => name).sort());
  const [names = []] = inner;
  const areAlike = names.length > 1 && classes.every(({ images }) => images === 0) &&
    inner.every((each) => `${each.map((name) => `${name}/`)}` === `${names.map((name) => `${name}/`)}`);
  if (!areAlike) return notesOnInner(classes);
  return [
    `${someOf(pathsOf(classes))} are used as classes; the folders ${someOf(names)} in each of them are not`,
  ];
}

/** Describes classes that consist of several folders, which might be the intended classes. */
export function notesOnInner(classes: readonly Folder[]): string[] {
  // Numbers are years, days and batches.
  const namedIn = (folder: Folder) => foldersWithImages(folder).filter(({ name }) => /\p{L}/u.test(name));
  const divided = classes.map((folder) => ({ folder, inner: namedIn(folder) }))
    .filter(({ folder, inner }) => folder.images === 0 && inner.length > 1);
  if (divided.length === 0) return [];
  return [
    `folders in class folders are not classes of their own: ${
      someOf(
        divided.map(({ folder, inner }) => `${folder.path} has ${someOf(inner.map(({ name }) => name), 3)}`),
        3,
      )
    }`,
  ];
}

/** Folders that may be sets. */
interface AsSets {
  readonly sets: readonly Folder[];
  /** Objection to reading the folders as sets, as a clause. */
  readonly but: string;
  /** Advice if they are sets, as a clause. */
  readonly remedy: string;
}

/**
 * Creates the error for folders that may be sets or classes.
 *
 * @param classes All folders that may be classes.
 */
function ambiguityError(
  directory: string,
  { sets, but, remedy }: AsSets,
  classes: readonly Folder[],
): SyntaxError {
  return new SyntaxError(
    `Cannot use ${directory}: its folders may be sets or classes. ` +
      `${describe(sets, "looks like a set", "look like sets")}, but ${but}. ` +
      `As classes, they would be ${someOf(classes.map(({ name }) => name).sort())}. ` +
      `If they are sets, ${remedy}; if they are classes, move them into a folder named train`,
  );
}

function describe(folders: readonly Folder[], one: string, several: string): string {
  return `${someOf(pathsOf(folders))} ${folders.length === 1 ? one : several}`;
}

/** Creates the error for sets beside folders that are not sets. */
export function setsBesideClasses(
  directory: string,
  sets: readonly Folder[],
  others: readonly Folder[],
): SyntaxError {
  const but = describe(others, "does not", "do not");
  return ambiguityError(directory, { sets, but, remedy: "move the other folders away" }, [
    ...sets,
    ...others,
  ]);
}

/** Creates the error for training sets without folders. */
export function setsWithoutClasses(
  directory: string,
  train: readonly Folder[],
  tests: readonly Folder[],
): SyntaxError {
  const but = describe(train, "contains no class folders", "contain no class folders");
  return ambiguityError(
    directory,
    { sets: [...train, ...tests], but, remedy: "put a folder for each class into them, or add a label list" },
    [...train, ...tests],
  );
}

/** Creates the error for classes of which only some contain sets. */
export function setsInSomeClasses(
  directory: string,
  sets: readonly Folder[],
  classes: readonly Folder[],
  without: readonly Folder[],
): SyntaxError {
  const but = describe(without, "contains none", "contain none");
  return ambiguityError(directory, { sets, but, remedy: "create such folders in each class" }, classes);
}

/** Creates the error for test sets without training images. */
export function nothingToTrainWith(directory: string, tests: readonly Folder[]): SyntaxError {
  const [first] = tests;
  return new SyntaxError(
    `Cannot use ${directory}: there are no training images; by their names, ${
      someOf(pathsOf(tests))
    } are for testing. If they are classes, move them into a folder named train; to train with ${
      shownName(first?.path ?? "")
    }, pass that folder`,
  );
}

/** Creates the error for a folder with only one class. */
export function oneClass(path: string, directory: string): SyntaxError {
  return new SyntaxError(
    `Cannot use ${directory}: at least two classes are needed, but its only class folder is ${
      shownName(path)
    }. ` +
      "Put labelled images into a sub-folder for each class and the others into unlabeled, " +
      `or add a label list such as labels.csv. Or did you mean the folder ${directory.replace(/\/$/, "")}/${
        shownName(path)
      }?`,
  );
}
