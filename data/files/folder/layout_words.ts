/** What is said of folders as they are read: notes and refusals. */

import { counted, shownName, someOf } from "../../mod.ts";
import { type Folder, foldersWithImages, pathsOf } from "./folder_tree.ts";

/** Images that lie beside class folders. */
export function notesOnImages(folders: readonly Folder[]): string[] {
  const count = folders.reduce((sum, { images }) => sum + images, 0);
  if (count === 0) return [];
  return [`${counted(count, "image")} beside the class folders ${count === 1 ? "has" : "have"} no label`];
}

/** A set without class folders. */
export function noteOnFlat({ path }: Folder): string {
  return `${shownName(path)} has no class folders: its images have no label`;
}

/** Folders that may be meant as classes or sets, of which some hold no images. */
export function notesOnEmpty(folders: readonly Folder[]): string[] {
  const empty = folders.filter(({ total }) => total === 0).map(({ path, others, folders }) => {
    const held = [...others, ...folders.map(({ name }) => `${name}/`)];
    return `${path} (${held.length === 0 ? "it is empty" : `it has ${someOf(held, 3)}`})`;
  });
  return empty.length === 0 ? [] : [`no image is in ${someOf(empty)}`];
}

/** Classes that hold nothing but folders of the same names: these might be meant as classes. */
export function notesOnAlike(classes: readonly Folder[]): string[] {
  const inner = classes.map((folder) => foldersWithImages(folder).map(({ name }) => name).sort());
  const [names = []] = inner;
  const areAlike = names.length > 1 && classes.every(({ images }) => images === 0) &&
    inner.every((each) => `${each.map((name) => `${name}/`)}` === `${names.map((name) => `${name}/`)}`);
  if (!areAlike) return [];
  return [
    `${someOf(pathsOf(classes))} are the classes, and all hold the folders ${someOf(names)}, which are none`,
  ];
}

/** Folders as sets: what they are, and what is wrong with that. */
interface AsSets {
  readonly sets: readonly Folder[];
  /** Why they are no sets. */
  readonly but: string;
  /** What to do if they are sets all the same. */
  readonly remedy: string;
}

/** Folders may be sets, or classes. @param classes All that may be classes. */
function twoReadings(
  directory: string,
  { sets, but, remedy }: AsSets,
  classes: readonly Folder[],
): SyntaxError {
  return new SyntaxError(
    `Cannot use ${directory} as its folders must have one reading, but they have two: as sets, ` +
      `${named(sets, "is one", "are some")}, but ${but}; as classes, they are ` +
      `${
        someOf(classes.map(({ name }) => name).sort())
      }. If they are sets, ${remedy}; if they are classes, ` +
      `move them into a folder called train`,
  );
}

function named(folders: readonly Folder[], one: string, several: string): string {
  return `${someOf(pathsOf(folders))} ${folders.length === 1 ? one : several}`;
}

/** Sets lie beside folders that are none. */
export function setsBesideClasses(
  directory: string,
  sets: readonly Folder[],
  others: readonly Folder[],
): SyntaxError {
  const but = named(others, "is none", "are none");
  return twoReadings(directory, { sets, but, remedy: "move the other folders away" }, [...sets, ...others]);
}

/** No set to train with holds folders. */
export function setsWithoutClasses(
  directory: string,
  train: readonly Folder[],
  tests: readonly Folder[],
): SyntaxError {
  const but = named(train, "holds no class folders", "hold no class folders");
  return twoReadings(
    directory,
    { sets: [...train, ...tests], but, remedy: "put a folder for each class into them, or add a label list" },
    [...train, ...tests],
  );
}

/** Some classes hold sets, others do not. */
export function setsInSomeClasses(
  directory: string,
  sets: readonly Folder[],
  classes: readonly Folder[],
  without: readonly Folder[],
): SyntaxError {
  const but = named(without, "holds none", "hold none");
  return twoReadings(directory, { sets, but, remedy: "make such folders in each class" }, classes);
}

/** There are sets to test on, and no classes beside them. */
export function nothingToTrainWith(directory: string, tests: readonly Folder[]): SyntaxError {
  const [first] = tests;
  return new SyntaxError(
    `Cannot use ${directory} as there must be images to train with: by their names, ${
      someOf(pathsOf(tests))
    } are to test on. If they are classes, move them into a folder called train; if it is ${
      shownName(first?.path ?? "")
    } that is to be trained with, give that`,
  );
}

/** There is only one class. */
export function oneClass(path: string, directory: string): SyntaxError {
  return new SyntaxError(
    `Cannot use ${directory} as there must be two classes or more: its only class folder is ${
      shownName(path)
    }. ` +
      `Put labelled images into a sub-folder for each class, the others into unlabeled, or add a label list such ` +
      `as labels.csv; or is ${directory.replace(/\/$/, "")}/${shownName(path)} the folder that is meant?`,
  );
}
