/**
 * Folders of images in the usual layout of ImageNet: `train/CLASS/file`, `val/CLASS/file`, and
 * `unlabeled/file`.
 */

import type { Dataset } from "../../mod.ts";
import { listDirectory, notFoundError } from "../disk.ts";
import type { DatasetDefinition, LoadOptions } from "../known/dataset_definition.ts";
import { examineFolder, type UserFolder } from "./examine_folder.ts";
import { MEMORY_LIMIT, openFolder } from "./open_folder.ts";
import { surveyImages } from "./survey.ts";

/** Default maximum height and width. */
const IMAGE_SIZE = 256;
/** Number of files sampled to determine the size of all. */
const SAMPLED = 100;

/** Any folder of image files. */
export const imageFolder: DatasetDefinition = {
  name: "folder",
  title: "a folder of images",
  classes: [],
  imageShape: [3, IMAGE_SIZE, IMAGE_SIZE],
  channelStatistics: {
    mean: [0.485, 0.456, 0.406],
    standardDeviation: [0.229, 0.224, 0.225],
    source: "ImageNet's training images, from PyTorch's recipes; used for any folder",
  },
  horizontalFlip: true,
  howToGet: "Set a data folder that contains image files in train/CLASS/… and val/CLASS/…, " +
    "with a sub-folder for each class, and optionally unlabelled images in unlabeled/….",
  load: loadSplit,
};

/**
 * Opens a folder. Images are resampled to the largest height and width of a sample, each at most `imageSize`.
 */
async function loadSplit(options: LoadOptions = {}): Promise<Dataset> {
  const { dataDirectory, memoryLimit = MEMORY_LIMIT, imageSize = IMAGE_SIZE, signal } = options;
  const { name, title, howToGet, channelStatistics } = imageFolder;
  if (dataDirectory === undefined) {
    throw new Deno.errors.NotFound(`Cannot load ${title}: no data folder is set. ${howToGet}`);
  }
  for (
    const [what, value, least] of [["memoryLimit", memoryLimit, 0], ["imageSize", imageSize, 1]] as const
  ) {
    if (Number.isSafeInteger(value) && value >= least) continue;
    throw new RangeError(`Cannot load ${title}: ${what} must be an integer ≥ ${least}, but it is ${value}`);
  }
  const found = await examineSplit(dataDirectory, signal);
  const folder = { ...found, significantBits: options.significantBits ?? found.significantBits };
  const { largest: [height, width] } = await surveyImages(folder, { most: SAMPLED, sizesOnly: true });
  const canvas = [Math.min(imageSize, height), Math.min(imageSize, width)] as const;
  const opened = await openFolder(folder, { canvas, channels: 3, channelStatistics, memoryLimit, signal });
  return { ...opened, name, notes: folder.notes };
}

/** Examines the sets train, unlabeled, and val or test of a folder; other entries are ignored. */
async function examineSplit(directory: string, signal: AbortSignal | undefined): Promise<UserFolder> {
  const names = listDirectory(directory);
  const testName = ["val", "test"].find((name) => names.includes(name));
  if (!names.includes("train") || testName === undefined) {
    throw notFoundError(imageFolder.title, [{ path: directory, names }], imageFolder.howToGet);
  }
  const folder = await examineFolder(directory, {
    labels: null,
    only: ["train", "unlabeled", testName],
    signal,
  });
  if (folder.test !== null) return folder;
  throw new SyntaxError(`Cannot use ${directory}/${testName}: it contains no images`);
}
