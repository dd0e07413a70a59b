/**
 * The training labels of a run, chosen or read again, and their lists.
 * @module
 */
import { fileFinder, fileIndex } from "../../data/internal.ts";
import {
  applyLabelList,
  balancedSplit,
  type Dataset,
  exampleIndex,
  exampleName,
  formatLabelList,
  hideLabels,
  labelListOf,
  NO_LABEL,
  parseLabelList,
} from "../../data/mod.ts";
import { readLabelList } from "../../data/files/mod.ts";
import { printNote } from "../terminal/output.ts";
import type { LabelReading } from "./list_reading.ts";

/** Returns the training labels, from a list or drawn at random; NO_LABEL (−1) for all other examples. */
export async function chooseLabels(
  { train, classes }: Dataset,
  { labels, labelsPerClass, seed, reading = {} }: {
    readonly labels: readonly string[] | null;
    readonly labelsPerClass: number;
    readonly seed: number;
    readonly reading?: LabelReading;
  },
): Promise<Int32Array> {
  if (labels === null) {
    return hideLabels(
      train.labels,
      balancedSplit(train.labels, classes.length, labelsPerClass, seed, classes),
    );
  }
  const find = train.names ? fileFinder(train.names) : exampleIndex;
  const isFile = (name: string) => find(name) !== undefined;
  const { list, notes } = await readLabelList(labels, { ...reading, isFile });
  for (const note of notes) printNote(note);
  const source = labels.join(", ");
  if (list.size === 0) throw new RangeError(`Cannot use ${source}: the label list is empty`);
  return applyLabelList(list, {
    exampleCount: train.labels.length,
    classes,
    source,
    ...(train.names && { indexOf: fileIndex(train.names) }),
  });
}

/** Formats labels as a label list. */
export function formatLabels(
  labels: Int32Array,
  classes: readonly string[],
  names?: readonly string[],
): string {
  return formatLabelList(labelListOf(labels, classes, (index) => names?.[index] ?? exampleName(index)));
}

/** Counts the examples with a label. */
export function countLabels(labels: Int32Array): number {
  return labels.reduce((count, label) => label === NO_LABEL ? count : count + 1, 0);
}

/** Formats the label list of the held-out images. */
export function heldOutList({ test, classes }: Dataset): string {
  return formatLabels(test.labels, classes, test.names);
}

/**
 * Returns the training labels of a run for a dataset whose images have changed since: those of its list, by their
 * names; of other images, those of the dataset.
 */
export function matchLabels(list: string, { train, classes }: Dataset): Int32Array {
  const places = new Map(train.names?.map((name, i) => [name, i]));
  const labels = Int32Array.from(train.labels);
  for (const [name, className] of parseLabelList(list, { source: "the labels of the run" })) {
    const index = places.get(name);
    if (index !== undefined) labels[index] = classes.indexOf(className);
  }
  return labels;
}
