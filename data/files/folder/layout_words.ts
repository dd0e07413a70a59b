/** What is said of folders as they are read: notes and refusals. */

import { counted, shownName, someOf } from "../../mod.ts";
import { type Folder, pathsOf } from "./folder_tree.ts";

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

/** Folders that may be meant as classes but hold no images. */
export function notesOnEmpty({ path, others, total, folders }: Folder): string[] {
  if (total > 0) return [];
  const held = [...others, ...folders.map(({ name }) => `${name}/`)];
  return [
    `${shownName(path)} holds no images${held.length === 0 ? ": it is empty" : `, but ${someOf(held, 3)}`}`,
  ];
}

/** @param asSets What is so if folders are sets. @param folders All that may be classes. */
export function twoReadings(directory: string, asSets: string, folders: readonly Folder[]): SyntaxError {
  const names = folders.map(({ name }) => name).sort();
  return new SyntaxError(
    `Cannot use ${directory} as its folders must be either sets or classes, and they look like both: as sets, ${asSets}; ` +
      `as classes, they are ${
        someOf(names)
      }. If they are sets, move what is none out of ${directory}; if they are ` +
      `classes, move them into a folder called train`,
  );
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
