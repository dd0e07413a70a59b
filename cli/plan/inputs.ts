/**
 * What a run is fed: its dataset, and which of its labels it may see.
 * @module
 */
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import {
  applyLabelList,
  balancedSplit,
  type Dataset,
  describeDamage,
  exampleIndex,
  exampleName,
  fileFinder,
  fileIndex,
  formatLabelList,
  hideLabels,
  labelListOf,
  NO_LABEL,
  parseLabelList,
  someOf,
} from "../../data/mod.ts";
import {
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
  withClasses,
} from "../../data/files/mod.ts";
import type { Checkpoint, TrainingOptions } from "../../semisup/mod.ts";
import type { RunOptions } from "../command/options.ts";
import { type ListReading, listsIn } from "./list_reading.ts";
import { printNote, printWarning } from "../command/output.ts";

/** Loads a dataset, with all its labels; what does not fit into the memory limit stays in its files. */
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

/** What checkpoints call the dataset of `--data`. */
export const USER_FOLDER = "own";

/** What checkpoints say of a dataset that is a user's own folder. */
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
    // As the file held-out.txt has it: the labels may be other ones when this is read.
    ...(dataset.heldOut && { heldOut: heldOutList(dataset) }),
  };
}

/** What checkpoints and models say of how 16 bits are scaled, so that all images are scaled so. */
export function bitsOf({ significantBits }: Dataset): Readonly<Record<string, string>> {
  return significantBits === undefined ? {} : { significantBits: `${significantBits}` };
}

/** How many bits are used of the 16 that some images have, as a checkpoint or a model says. */
export function significantBitsIn(about: Readonly<Record<string, string>>): number {
  return Number(about["significantBits"] ?? 16);
}

/** A label list of the images that are held out. */
export function heldOutList({ test, classes }: Dataset): string {
  return formatLabels(test.labels, classes, test.names);
}

/** A few digits that say whether names are the same. */
export function digestOf(names: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(names)).digest("hex").slice(0, 16);
}

/** How to load the dataset of a checkpoint. */
export interface ReloadOptions extends Pick<LoadOptions, "signal" | "onProgress"> {
  /** Where its files are now, if not where the checkpoint says. */
  readonly directory?: string | null;
  /** Whether missing files of a known dataset may be fetched. */
  readonly download?: boolean;
  /** MiB of memory for decoded images. */
  readonly memoryLimit?: number | null;
  /** Whether only the test images are needed: those to train with then stay in their files. */
  readonly testOnly?: boolean;
}

/**
 * The dataset that a checkpoint's run had, with the same test images: of a user's own folder those that were held out.
 * @throws {RangeError} if the files that a run is to go on with are not those that it had, or one that was held out is gone.
 */
export async function loadDatasetOf(
  { about, classes }: Pick<Checkpoint, "about" | "classes">,
  { directory = null, download = false, memoryLimit = null, testOnly = false, ...options }: ReloadOptions,
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
  // Its classes today may be other ones than those of the run.
  const { folder: labelled, unknown } = withClasses(found, classes);
  const heldOut = about["heldOut"];
  if (heldOut === undefined && unknown.length > 0) {
    throw new RangeError(
      `Cannot test on ${path} as its classes must be among those of the run: ${someOf(unknown)} ${
        unknown.length === 1 ? "is" : "are"
      } not`,
    );
  }
  const folder = heldOut === undefined ? labelled : holdOutListed(labelled, heldOut, classes);
  const [height, width] = (about["canvas"] ?? "").split("x").map(Number);
  if (height === undefined || width === undefined) {
    throw new SyntaxError(`Cannot use ${path} as its checkpoint must say the size of images: it says none`);
  }
  const dataset = await openFolder({ ...folder, classes, significantBits: significantBitsIn(about) }, {
    canvas: [height, width],
    channels: about["channels"] === "1" ? 1 : 3,
    testOnly,
    ...(memoryLimit !== null && { memoryLimit: memoryLimit * 2 ** 20 }),
    signal: options.signal,
  });
  const isOther = about["files"] !== undefined && digestOf(dataset.train.names ?? []) !== about["files"];
  if (!testOnly && isOther) {
    throw new RangeError(
      `Cannot go on with ${folder.directory} as its images must be those that the run began with: some are new, gone, or moved`,
    );
  }
  return dataset;
}

/** Holds out what a list says, with the labels that it gives. */
function holdOutListed(found: UserFolder, list: string, classes: readonly string[]): UserFolder {
  const names = found.train.names ?? [];
  const places = new Map(names.map((name, i) => [name, i]));
  const labels = applyLabelList(parseLabelList(list, { source: "the list of what was held out" }), {
    exampleCount: names.length,
    classes,
    source: "the list of what was held out",
    indexOf: (name) => places.get(name),
  });
  const listed = [...labels.entries()].filter(([, label]) => label !== NO_LABEL);
  const all = found.train.labels.slice();
  for (const [index, label] of listed) all[index] = label;
  const folder = { ...found, train: { ...found.train, labels: all }, test: null, testName: null };
  return holdOut(folder, Int32Array.from(listed, ([index]) => index));
}

/**
 * The dataset with images as a run's `normalize` wants them.
 * @throws {RangeError} if images in files, or floats already, are to be preprocessed: that is for images in memory.
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
    // Minutes on a processor, so that it must not look as if nothing happened.
    printNote(`Whitening ${count} images of ${dataset.name}; what is found the first time is kept`);
  }
  return await preprocess(dataset, normalize, { ...options, onMessage: printNote });
}

/** The image size that a checkpoint's run was given. */
export function imageSizeIn(about: Readonly<Record<string, string>>): number | null {
  return about["imageSize"] === undefined ? null : Number(about["imageSize"]);
}

/** A function that says which files were found to be damaged since it was last called. */
export function damageReporter({ damaged = [] }: Dataset): () => void {
  let said = 0;
  return () => {
    const found = damaged.slice(said);
    said = damaged.length;
    if (found.length > 0) printWarning(describeDamage(found));
  };
}

/** The labels to train with: those of a list, or drawn; NO_LABEL (−1) for all other examples. */
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
  if (list.size === 0) throw new RangeError(`Cannot use ${source} as it must list examples: it lists none`);
  return applyLabelList(list, {
    exampleCount: train.labels.length,
    classes,
    source,
    ...(train.names && { indexOf: fileIndex(train.names) }),
  });
}

/** A label list as a file, for the run folder. */
export function formatLabels(
  labels: Int32Array,
  classes: readonly string[],
  names?: readonly string[],
): string {
  return formatLabelList(labelListOf(labels, classes, (index) => names?.[index] ?? exampleName(index)));
}

/** Number of examples with a label. */
export function countLabels(labels: Int32Array): number {
  return labels.reduce((count, label) => label === NO_LABEL ? count : count + 1, 0);
}
