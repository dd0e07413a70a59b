/**
 * The dataset of a run, loaded for the first time or again.
 * @module
 */
import { describeDamage, someOf } from "../../data/internal.ts";
import { applyLabelList, type Dataset, NO_LABEL, parseLabelList } from "../../data/mod.ts";
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
  type UserFolder,
} from "../../data/files/mod.ts";
import type { Checkpoint, TrainingOptions } from "../../semisup/mod.ts";
import { exists } from "../command/given_file.ts";
import type { RunOptions } from "../command/options.ts";
import { printNote, printWarning } from "../terminal/output.ts";
import { digestOf, imageSizeIn, significantBitsIn, USER_FOLDER } from "./about_data.ts";
import { listsIn } from "./list_reading.ts";

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

/** Options for loading the dataset of a checkpoint. */
export interface ReloadOptions extends Pick<LoadOptions, "signal" | "onProgress"> {
  /** Folder of the files, if another than the checkpoint has. */
  readonly directory?: string | null;
  /** Option that sets the folder, for errors (default: `--data-dir`). */
  readonly directoryOption?: string;
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
  reload: ReloadOptions,
): Promise<Dataset> {
  const { directory = null, download = false, memoryLimit = null, ...rest } = reload;
  const { directoryOption = "--data-dir", testOnly = false, mayDiffer = false, ...options } = rest;
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
  if (path === about["data"] && !await exists(path)) {
    throw new RangeError(
      `${missingData(path)} If they were moved, pass their new path with ${directoryOption}.`,
    );
  }
  const order = about["channelOrder"];
  const found = await examineFolder(path, {
    ...listsIn(about, path),
    channels: order === "first" || order === "last" ? order : undefined,
    copies: about["copies"] === "pixels" ? "pixels" : "bytes",
    ignoreSetFolders: about["heldOut"] !== undefined,
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

/** Returns the sentence for the pictures of a run whose folder or file is missing. */
export function missingData(path: string): string {
  return `Cannot find the pictures of the run: ${path} does not exist.`;
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

/** Returns a function that prints which damaged files were found since its last call. */
export function damageReporter({ damaged = [] }: Dataset): () => void {
  let reported = 0;
  return () => {
    const found = damaged.slice(reported);
    reported = damaged.length;
    if (found.length > 0) printWarning(describeDamage(found));
  };
}
