/** Folders of images as ImageNet is commonly kept: `train/CLASS/file`, `val/CLASS/file`, and `unlabeled/file`. */

import type { Dataset } from "../../mod.ts";
import { listDirectory, notFound } from "../disk.ts";
import type { DatasetDefinition, LoadOptions } from "../known/dataset_definition.ts";
import { examineFolder, type UserFolder } from "./examine_folder.ts";
import { MEMORY_LIMIT, openFolder } from "./open_folder.ts";
import { surveyImages } from "./survey.ts";

/** Height and width at most where nothing is said. */
const IMAGE_SIZE = 256;
/** Files whose sizes say what all are kept at. */
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
    source: "ImageNet's training images, as PyTorch's recipes have them; used for any folder",
  },
  horizontalFlip: true,
  howToGet: "Give a data folder with train/CLASS/… and val/CLASS/… of image files, " +
    "a sub-folder for each class, and unlabeled/… where there are images without labels.",
  load: loadSplit,
};

/** Opens a folder. Images are kept at the height and width of the largest of a sample, each at most `imageSize`. */
async function loadSplit(options: LoadOptions = {}): Promise<Dataset> {
  const { dataDirectory, memoryLimit = MEMORY_LIMIT, imageSize = IMAGE_SIZE, signal } = options;
  const { name, title, howToGet, channelStatistics } = imageFolder;
  if (dataDirectory === undefined) {
    throw new Deno.errors.NotFound(`Cannot load ${title} as its data folder must be given. ${howToGet}`);
  }
  for (
    const [what, value, least] of [["memoryLimit", memoryLimit, 0], ["imageSize", imageSize, 1]] as const
  ) {
    if (Number.isSafeInteger(value) && value >= least) continue;
    throw new RangeError(`Cannot load ${title} as ${what} must be a whole number ≥ ${least}: it is ${value}`);
  }
  const found = await examineSplit(dataDirectory, signal);
  const folder = { ...found, significantBits: options.significantBits ?? found.significantBits };
  const { largest: [height, width] } = await surveyImages(folder, { most: SAMPLED, sizesOnly: true });
  const canvas = [Math.min(imageSize, height), Math.min(imageSize, width)] as const;
  const opened = await openFolder(folder, { canvas, channels: 3, channelStatistics, memoryLimit, signal });
  return { ...opened, name, notes: folder.notes };
}

/** What the folder holds, which must be sets of these names; everything beside them is not looked at. */
async function examineSplit(directory: string, signal: AbortSignal | undefined): Promise<UserFolder> {
  const names = listDirectory(directory);
  const testName = ["val", "test"].find((name) => names.includes(name));
  if (!names.includes("train") || testName === undefined) {
    throw notFound(imageFolder.title, [{ path: directory, names }], imageFolder.howToGet);
  }
  const folder = await examineFolder(directory, {
    labels: null,
    only: ["train", "unlabeled", testName],
    signal,
  });
  if (folder.test !== null) return folder;
  throw new SyntaxError(`Cannot use ${directory}/${testName} as it must hold images: it has none`);
}
