/** Folders of images: `train/CLASS/file`, `val/CLASS/file`, as ImageNet is commonly kept. */

import { sizeOf } from "../../../kernels/mod.ts";
import {
  type DamagedFile,
  type Dataset,
  describeDamage,
  hasBytes,
  type ImageSource,
  type OpenedDataset,
} from "../../mod.ts";
import { decodeAll } from "../decode/decode_all.ts";
import { streamFiles } from "../decode/stream_files.ts";
import type { DatasetDefinition, LoadOptions } from "../known/dataset_definition.ts";
import type { Size } from "../decode/decode_image.ts";
import { DecodePool, type Decoder } from "../decode/decode_pool.ts";
import { type ListedFiles, listImageFolder } from "./image_folder_files.ts";

const DEFAULT_SIZE = 256;
const DEFAULT_LIMIT = 2 ** 31;
/** Files whose sizes say what all are kept at. */
const SAMPLED = 100;

/** Any folder of JPEG, PNG and WebP files. */
export const imageFolder: DatasetDefinition = {
  name: "folder",
  title: "a folder of images",
  classes: [],
  imageShape: [3, DEFAULT_SIZE, DEFAULT_SIZE],
  channelStatistics: {
    mean: [0.485, 0.456, 0.406],
    standardDeviation: [0.229, 0.224, 0.225],
    source: "ImageNet's training images, as PyTorch's recipes have them; used for any folder",
  },
  horizontalFlip: true,
  howToGet: "Give a data folder with train/CLASS/… and val/CLASS/… of JPEG, PNG or WebP files, " +
    "a sub-folder for each class, and unlabeled/… where there are images without labels.",
  load: loadFolder,
  open: openFolder,
};

async function loadFolder(options: LoadOptions = {}): Promise<Dataset> {
  const { train, test, ...rest } = await openFolder(options);
  if (!hasBytes(train) || !hasBytes(test)) {
    throw new RangeError(
      `Cannot load ${options.dataDirectory} as its images must fit into the memory limit, ${
        options.memoryLimit ?? DEFAULT_LIMIT
      } bytes: they take ${
        [train, test].reduce((sum, set) => sum + set.labels.length * sizeOf(set.imageShape), 0)
      }. Open it instead, and they stay in their files`,
    );
  }
  return { ...rest, train, test };
}

/**
 * Opens a folder. Images are kept at the size of the largest of a sample, at most `imageSize` in either direction;
 * those of that very size are taken as they are, others resampled to it, and their own aspect is remembered. The test
 * set, then the training set are decoded into memory if they fit into the limit, otherwise left in their files.
 */
async function openFolder(options: LoadOptions = {}): Promise<OpenedDataset> {
  const { dataDirectory: directory, memoryLimit = DEFAULT_LIMIT, imageSize = DEFAULT_SIZE, signal } = options;
  const { name, title, howToGet, channelStatistics } = imageFolder;
  if (directory === undefined) {
    throw new Deno.errors.NotFound(`Cannot load ${title} as its data folder must be given. ${howToGet}`);
  }
  checkNumber("memoryLimit", memoryLimit, 0);
  checkNumber("imageSize", imageSize, 1);
  const { classes, ...listed } = await listImageFolder(directory, { title, howToGet });
  const decoder = new DecodePool();
  try {
    const canvas = await chooseCanvas(directory, listed, imageSize, decoder);
    const damaged: DamagedFile[] = [];
    const imageShape = [3, ...canvas] as const;
    let left = memoryLimit;
    const read = async (listed: ListedFiles): Promise<ImageSource> => {
      const files = { ...listed, directory, imageShape, damaged },
        bytes = files.names.length * sizeOf(imageShape);
      if (bytes > left) return streamFiles(files);
      left -= bytes;
      return await decodeAll(streamFiles(files, { decoder }), files, { signal });
    };
    const test = await read(listed.test), train = await read(listed.train);
    return { name, classes, channelStatistics, train, test, damaged };
  } finally {
    decoder.close();
  }
}

function checkNumber(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(
      `Cannot load a folder of images as ${name} must be a whole number ≥ ${least}: it is ${value}`,
    );
  }
}

/** The height of the highest and the width of the widest of some images, at most `largest`. */
async function chooseCanvas(
  directory: string,
  { train, test }: { readonly train: ListedFiles; readonly test: ListedFiles },
  largest: number,
  decoder: Decoder,
): Promise<Size> {
  const names = [...train.names, ...test.names];
  const count = Math.min(SAMPLED, names.length);
  const sample = Array.from({ length: count }, (_, i) => names[Math.floor(i * names.length / count)]!);
  const sizes = await decoder.decode(sample.map((name) => `${directory}/${name}`), null);
  const found = sizes.filter((size) => typeof size !== "string");
  if (found.length === 0) {
    throw new SyntaxError(
      `Cannot use ${directory} as its files must be images: ${
        describeDamage(sample.map((name, i) => ({ name, reason: `${sizes[i]}` })), 5)
      }`,
    );
  }
  const most = (axis: 0 | 1) => Math.min(largest, Math.max(...found.map((size) => size[axis])));
  return [most(0), most(1)];
}
