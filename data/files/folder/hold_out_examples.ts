/** Holding out of examples of a user's folder, and related operations. */

import { counted } from "../../internal.ts";
import { exampleName, type ImageSet, NO_LABEL } from "../../mod.ts";
import type { FolderExamples, UserFolder } from "./examine_folder.ts";

/** Counts the labels of each class. */
export function countLabels(labels: Int32Array, classCount: number): number[] {
  const counts = new Array<number>(classCount).fill(0);
  for (const label of labels) if (label !== NO_LABEL) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

/** Moves examples of the training set to a held-out test set, and removes their copies from training. */
export function holdOut(folder: UserFolder, indices: Int32Array): UserFolder {
  if (indices.length === 0) return folder;
  const { train, copies } = folder, isHeldOut = new Set(indices);
  const heldOut = new Set(copies.length > 0 ? Array.from(indices, (index) => train.names?.[index]) : []);
  const areTested = new Set(copies.filter((group) => group.some((name) => heldOut.has(name))).flat());
  const rest = Int32Array.from(train.labels.keys()).filter((index) =>
    !isHeldOut.has(index) && !areTested.has(train.names?.[index] ?? "")
  );
  const dropped = train.labels.length - rest.length - isHeldOut.size;
  const note = `${counted(dropped, "copy", "copies")} of held-out pictures ${
    dropped === 1 ? "is" : "are"
  } not used for training`;
  return {
    ...folder,
    train: subset(train, rest),
    test: subset(train, indices),
    notes: dropped > 0 ? [...folder.notes, note] : folder.notes,
  };
}

function subset(examples: FolderExamples, indices: Int32Array): FolderExamples {
  if ("images" in examples) return selectImages(examples, indices);
  const names = Array.from(indices, (index) => examples.names[index] ?? "");
  return { names, labels: indices.map((index) => examples.labels[index] ?? NO_LABEL) };
}

/** Returns some images of a set with their names. */
export function selectImages({ images, imageShape, ...examples }: ImageSet, indices: Int32Array): ImageSet {
  const names = Array.from(indices, (index) => examples.names?.[index] ?? exampleName(index));
  const labels = indices.map((index) => examples.labels[index] ?? NO_LABEL);
  const size = imageShape.reduce((product, length) => product * length, 1);
  const chosen = new Uint8Array(indices.length * size);
  indices.forEach((index, i) => chosen.set(images.subarray(index * size, (index + 1) * size), i * size));
  return { images: chosen, imageShape, names, labels };
}

/**
 * Converts the labels of a folder to indices into other classes, such as those of a trained network. Training
 * examples of other classes become unlabelled.
 *
 * @returns The folder, and the classes of its test set that are not among the given classes.
 */
export function convertClasses(
  folder: UserFolder,
  classes: readonly string[],
): { readonly folder: UserFolder; readonly unknown: readonly string[] } {
  const places = folder.classes.map((name) => classes.indexOf(name));
  const relabel = <E extends FolderExamples>(examples: E): E => ({
    ...examples,
    labels: examples.labels.map((label) => places[label] ?? NO_LABEL),
  });
  const tested = new Set(folder.test?.labels);
  const unknown = folder.classes.filter((_, label) => tested.has(label) && places[label] === NO_LABEL);
  const test = folder.test && relabel(folder.test);
  return { folder: { ...folder, classes, train: relabel(folder.train), test }, unknown };
}
