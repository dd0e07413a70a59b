/**
 * What a run is fed: its dataset, and which of its labels it may see.
 * @module
 */
import {
  applyLabelList,
  balancedSplit,
  type Dataset,
  findDataset,
  formatLabelList,
  hideLabels,
  labelListOf,
  type LoadOptions,
  NO_LABEL,
  parseLabelList,
} from "../data/mod.ts";
import type { RunOptions } from "./options.ts";
import { reasonOf } from "./reason.ts";

/** Loads a dataset, with all its labels. */
export async function loadDataset(
  { dataset, dataDir, download }: Pick<RunOptions, "dataset" | "dataDir" | "download">,
  options: Pick<LoadOptions, "signal" | "onProgress">,
): Promise<Dataset> {
  const directory = dataDir === null ? {} : { dataDirectory: dataDir };
  return await findDataset(dataset).load({ ...directory, download, ...options });
}

/** The labels to train with: those of a list, or drawn; NO_LABEL (−1) for all other examples. */
export async function chooseLabels(
  { train, classes }: Dataset,
  { labels, labelsPerClass, seed }: {
    readonly labels: string | null;
    readonly labelsPerClass: number;
    readonly seed: number;
  },
): Promise<Int32Array> {
  if (labels === null) {
    return hideLabels(train.labels, balancedSplit(train.labels, classes.length, labelsPerClass, seed));
  }
  const text = await readLabelList(labels);
  const list = parseLabelList(text, { source: labels });
  if (list.size === 0) throw new RangeError(`Cannot use ${labels} as it must list examples: it lists none`);
  return applyLabelList(list, { exampleCount: train.labels.length, classes, source: labels });
}

async function readLabelList(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw new RangeError(`Cannot read the label list ${path} as it must be a text file: ${reasonOf(error)}`);
  }
}

/** A label list as a file, for the run folder. */
export function formatLabels(labels: Int32Array, classes: readonly string[]): string {
  return formatLabelList(labelListOf(labels, classes));
}

/** Number of examples with a label. */
export function countLabels(labels: Int32Array): number {
  return labels.reduce((count, label) => label === NO_LABEL ? count : count + 1, 0);
}
