/**
 * What a run is fed: its dataset, and which of its labels it may see.
 * @module
 */
import {
  applyLabelList,
  balancedSplit,
  describeDamage,
  fileIndex,
  findDataset,
  formatLabelList,
  hideLabels,
  type Images,
  type ImageSet,
  isInMemory,
  labelListOf,
  type LoadOptions,
  NO_LABEL,
  type OpenedDataset,
  parseLabelList,
  preprocess,
  type PreprocessOptions,
} from "../data/mod.ts";
import type { TrainingOptions } from "../semisup/mod.ts";
import type { RunOptions } from "./options.ts";
import { reasonOf } from "./reason.ts";

/** Loads a dataset, with all its labels; what does not fit into the memory limit stays in its files. */
export async function loadDataset(
  { dataset, dataDir, download, memoryLimit = null, imageSize = null }:
    & Pick<RunOptions, "dataset" | "dataDir" | "download">
    & Partial<Pick<RunOptions, "memoryLimit" | "imageSize">>,
  options: Pick<LoadOptions, "signal" | "onProgress">,
): Promise<OpenedDataset> {
  const definition = findDataset(dataset);
  const all: LoadOptions = {
    ...(dataDir !== null && { dataDirectory: dataDir }),
    ...(memoryLimit !== null && { memoryLimit: memoryLimit * 2 ** 20 }),
    ...(imageSize !== null && { imageSize }),
    download,
    ...options,
  };
  return await (definition.open?.(all) ?? definition.load(all));
}

/**
 * The dataset with images as a run's `normalize` wants them.
 * @throws {RangeError} if images in files, or floats already, are to be preprocessed: that is for images in memory.
 */
export async function prepared(
  dataset: OpenedDataset,
  normalize: TrainingOptions["normalize"],
  options: Pick<PreprocessOptions, "device" | "signal">,
): Promise<OpenedDataset> {
  if (normalize === "channel") return dataset;
  const { train, test } = dataset;
  if (!isBytes(train) || !isBytes(test)) {
    throw new RangeError(
      `Cannot normalise ${dataset.name} with ${normalize} as its images must be in memory: they are in files. Give a larger --memory-limit.`,
    );
  }
  return await preprocess({ ...dataset, train, test }, normalize, { ...options, onMessage: console.error });
}

function isBytes(images: Images): images is ImageSet {
  return isInMemory(images) && images.images instanceof Uint8Array;
}

/** The image size that a checkpoint's run was given. */
export function imageSizeIn(about: Readonly<Record<string, string>>): number | null {
  return about["imageSize"] === undefined ? null : Number(about["imageSize"]);
}

/** A function that says which files were found to be damaged since it was last called. */
export function damageReporter({ damaged = [] }: OpenedDataset): () => void {
  let said = 0;
  return () => {
    const found = damaged.slice(said);
    said = damaged.length;
    if (found.length > 0) console.error(describeDamage(found));
  };
}

/** The labels to train with: those of a list, or drawn; NO_LABEL (−1) for all other examples. */
export async function chooseLabels(
  { train, classes }: OpenedDataset,
  { labels, labelsPerClass, seed }: {
    readonly labels: string | null;
    readonly labelsPerClass: number;
    readonly seed: number;
  },
): Promise<Int32Array> {
  if (labels === null) {
    return hideLabels(
      train.labels,
      balancedSplit(train.labels, classes.length, labelsPerClass, seed, classes),
    );
  }
  const text = await readLabelList(labels);
  const list = parseLabelList(text, { source: labels });
  if (list.size === 0) throw new RangeError(`Cannot use ${labels} as it must list examples: it lists none`);
  return applyLabelList(list, {
    exampleCount: train.labels.length,
    classes,
    source: labels,
    ...(train.names && { indexOf: fileIndex(train.names) }),
  });
}

async function readLabelList(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw new RangeError(`Cannot read the label list ${path} as it must be a text file: ${reasonOf(error)}`);
  }
}

/** A label list as a file, for the run folder. */
export function formatLabels(
  labels: Int32Array,
  classes: readonly string[],
  names?: readonly string[],
): string {
  return formatLabelList(labelListOf(labels, classes, names && ((index) => names[index]!)));
}

/** Number of examples with a label. */
export function countLabels(labels: Int32Array): number {
  return labels.reduce((count, label) => label === NO_LABEL ? count : count + 1, 0);
}
