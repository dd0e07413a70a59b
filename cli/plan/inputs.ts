/**
 * The inputs of a run: its dataset and its training labels.
 * @module
 */
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { describeDamage, fileFinder, fileIndex, someOf } from "../../data/internal.ts";
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
import {
  convertClasses,
  examineFolder,
  findDataset,
  holdOut,
  type LoadOptions,
  openFolder,
  preprocess,
  type PreprocessedDataset,
  type PreprocessOptions,
  readLabelList,
  type UserFolder,
} from "../../data/files/mod.ts";
import type { Checkpoint, TrainingOptions } from "../../semisup/mod.ts";
import type { RunOptions } from "../command/options.ts";
import { type ListReading, listsIn } from "./list_reading.ts";
import { printNote, printWarning } from "../terminal/output.ts";

/** Loads a dataset with all its labels. Images beyond the memory limit stay in their files. */
export async function loadDataset(
  { dataset, dataDir, download, memoryLimit = null, imageSize = null }:
    & Pick<RunOptions, "dataset" | "dataDir" | "download">
    & Partial<Pick<RunOptions, "memoryLimit" | "imageSize">>,
  options: Pick<LoadOptions, "signal" | "onProgress" | "significantBits">,
): Promise<Dataset> {
  const loaded = await findDataset(dataset).load({
    ...(dataDir !== null && { dataDirectory: dataDir }),
    ...(memoryLimit !== null && { memoryLimit: memoryLimit * 2 ** 20 }),
    ...(imageSize !== null && { imageSize }),
    download,
    ...options,
  });
  for (const note of loaded.notes ?? []) printNote(note);
  return loaded;
}

/** Name of the dataset in checkpoints of runs with `--data`. */
export const USER_FOLDER = "own";

/** Returns the texts about a user's own folder that checkpoints store. */
export function aboutFolder(
  folder: UserFolder,
  dataset: Dataset,
  { findCopies }: Pick<RunOptions, "findCopies">,
  reading: ListReading = {},
): Readonly<Record<string, string>> {
  const [channels, height, width] = dataset.train.imageShape;
  return {
    dataset: USER_FOLDER,
    data: resolve(folder.directory),
    canvas: `${height}x${width}`,
    channels: `${channels}`,
    files: digestOf(dataset.train.names ?? []),
    ...(folder.channelOrder !== null && { channelOrder: folder.channelOrder }),
    ...(folder.lists.length > 0 && { labelLists: JSON.stringify({ paths: folder.lists, ...reading }) }),
    ...bitsOf(dataset),
    ...(findCopies === "pixels" && { copies: findCopies }),
    // With their labels, because the labels in the folder may change until this is read.
    ...(dataset.heldOut && { heldOut: heldOutList(dataset) }),
  };
}

/** Returns the text about the scaling of 16-bit images that checkpoints and models store. */
export function bitsOf({ significantBits }: Dataset): Readonly<Record<string, string>> {
  return significantBits === undefined ? {} : { significantBits: `${significantBits}` };
}

/** Reads from a checkpoint's or model's texts how many of 16 bits are used. */
export function significantBitsIn(about: Readonly<Record<string, string>>): number {
  return Number(about["significantBits"] ?? 16);
}

/** Formats the label list of the held-out images. */
export function heldOutList({ test, classes }: Dataset): string {
  return formatLabels(test.labels, classes, test.names);
}

/** Computes a short hash of names, to notice changes. */
export function digestOf(names: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(names)).digest("hex").slice(0, 16);
}

/** Options for loading the dataset of a checkpoint. */
export interface ReloadOptions extends Pick<LoadOptions, "signal" | "onProgress"> {
  /** Folder of the files, if another than the checkpoint has. */
  readonly directory?: string | null;
  /** True if missing files of a known dataset may be downloaded. */
  readonly download?: boolean;
  /** Memory for decoded images, in MiB. */
  readonly memoryLimit?: number | null;
  /** True if only test images are needed: training images then stay in their files. */
  readonly testOnly?: boolean;
  /** True if images may have been added, removed or moved since the run. */
  readonly mayDiffer?: boolean;
}

/**
 * Loads the dataset of a checkpoint's run with the same test images. For a user's own folder these are the
 * held-out images.
 * @throws {RangeError} if the training images have changed since, or a held-out image is missing.
 */
export async function loadDatasetOf(
  { about, classes }: Pick<Checkpoint, "about" | "classes">,
  { directory = null, download = false, memoryLimit = null, testOnly = false, mayDiffer = false, ...options }:
    ReloadOptions,
): Promise<Dataset> {
  if (about["dataset"] !== USER_FOLDER) {
    return await loadDataset({
      dataset: about["dataset"] ?? "",
      dataDir: directory ?? about["dataDir"] ?? null,
      download,
      memoryLimit,
      imageSize: imageSizeIn(about),
    }, { ...options, significantBits: significantBitsIn(about) });
  }
  const path = directory ?? about["data"] ?? "";
  const order = about["channelOrder"];
  const found = await examineFolder(path, {
    ...listsIn(about, path),
    channels: order === "first" || order === "last" ? order : undefined,
    copies: about["copies"] === "pixels" ? "pixels" : "bytes",
    signal: options.signal,
  });
  // The folder's classes may have changed since the run.
  const { folder: labelled, unknown } = convertClasses(found, classes);
  const heldOut = about["heldOut"];
  if (heldOut === undefined && unknown.length > 0) {
    throw new RangeError(
      `Cannot test on ${path}: its classes must be among those of the run, but ${someOf(unknown)} ${
        unknown.length === 1 ? "is" : "are"
      } not`,
    );
  }
  const folder = heldOut === undefined ? labelled : holdOutListed(labelled, heldOut, { classes, mayDiffer });
  const [height, width] = (about["canvas"] ?? "").split("x").map(Number);
  if (height === undefined || width === undefined) {
    throw new SyntaxError(`Cannot use ${path}: the checkpoint lacks the size of images`);
  }
  const dataset = await openFolder({ ...folder, classes, significantBits: significantBitsIn(about) }, {
    canvas: [height, width],
    channels: about["channels"] === "1" ? 1 : 3,
    testOnly,
    ...(memoryLimit !== null && { memoryLimit: memoryLimit * 2 ** 20 }),
    signal: options.signal,
  });
  const isOther = about["files"] !== undefined && digestOf(dataset.train.names ?? []) !== about["files"];
  if (!testOnly && !mayDiffer && isOther) {
    throw new RangeError(
      `Cannot continue with ${folder.directory}: its images must be the same as at the start of the run, but some ` +
        "were added, removed or moved. To train with them as they are now, start a new run; --init with the folder of " +
        "this run begins with its weights.",
    );
  }
  return dataset;
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

/** Returns whether a dataset has the training images that a checkpoint's labels belong to. */
export function hasPicturesOf(
  { about, labels }: Pick<Checkpoint, "about" | "labels">,
  { train }: Dataset,
): boolean {
  return labels.length === train.labels.length &&
    (about["files"] === undefined || about["files"] === digestOf(train.names ?? []));
}

/** Holds out the images of a list, with the labels of the list; if images may differ, those that are still there. */
function holdOutListed(
  found: UserFolder,
  list: string,
  { classes, mayDiffer }: { readonly classes: readonly string[]; readonly mayDiffer: boolean },
): UserFolder {
  const names = found.train.names ?? [];
  const places = new Map(names.map((name, i) => [name, i]));
  const all = [...parseLabelList(list, { source: "the list of held-out images" })];
  const labels = applyLabelList(new Map(mayDiffer ? all.filter(([name]) => places.has(name)) : all), {
    exampleCount: names.length,
    classes,
    source: "the list of held-out images",
    indexOf: (name) => places.get(name),
  });
  const listed = [...labels.entries()].filter(([, label]) => label !== NO_LABEL);
  const changed = found.train.labels.slice();
  for (const [index, label] of listed) changed[index] = label;
  const folder = { ...found, train: { ...found.train, labels: changed }, test: null, testName: null };
  return holdOut(folder, Int32Array.from(listed, ([index]) => index));
}

/**
 * Returns the dataset with images preprocessed for a run's `normalize` option.
 * @throws {RangeError} if images to be preprocessed are in files, or are floats already: they must be bytes
 * in memory.
 */
export async function preprocessDataset(
  dataset: Dataset,
  normalize: TrainingOptions["normalize"],
  options: Pick<PreprocessOptions, "device" | "signal">,
): Promise<Dataset & Pick<PreprocessedDataset, "whitening">> {
  if (normalize === "channel") return dataset;
  const { train, test } = dataset;
  if (normalize === "gcn-zca") {
    const count = train.labels.length + test.labels.length;
    // Whitening takes minutes on a processor, so it is announced.
    printNote(`Whitening ${count} images of ${dataset.name} (the transform is computed once and cached)`);
  }
  return await preprocess(dataset, normalize, { ...options, onMessage: printNote });
}

/** Reads the `--image-size` of a checkpoint's run; null if it was not set. */
export function imageSizeIn(about: Readonly<Record<string, string>>): number | null {
  return about["imageSize"] === undefined ? null : Number(about["imageSize"]);
}

/** Returns a function that prints which damaged files were found since its last call. */
export function damageReporter({ damaged = [] }: Dataset): () => void {
  let reported = 0;
  return () => {
    const found = damaged.slice(reported);
    reported = damaged.length;
    if (found.length > 0) printWarning(describeDamage(found));
  };
}

/** Returns the training labels, from a list or drawn at random; NO_LABEL (−1) for all other examples. */
export async function chooseLabels(
  { train, classes }: Dataset,
  { labels, labelsPerClass, seed, reading = {} }: {
    readonly labels: readonly string[] | null;
    readonly labelsPerClass: number;
    readonly seed: number;
    readonly reading?: ListReading;
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
