/** SVHN: Street View House Numbers of Netzer, Wang, Coates, Bissacco, Wu and Ng, cropped to single digits. */

import { join } from "node:path";
import { cacheDirectory } from "../cache.ts";
import type { Checksum } from "../checksum.ts";
import type { Dataset } from "../../mod.ts";
import type { DatasetDefinition, LoadOptions } from "./dataset_definition.ts";
import { download } from "../download.ts";
import { isDirectory, listPlaces, notFoundError } from "../disk.ts";
import { readSvhnFiles, type SvhnFile } from "./svhn_files.ts";

const BASE_URL = "http://ufldl.stanford.edu/housenumbers";
const [TRAIN, TEST, EXTRA] = ["train_32x32.mat", "test_32x32.mat", "extra_32x32.mat"] as const;

type SvhnName = typeof TRAIN | typeof TEST | typeof EXTRA;

/** Checksums used by torchvision; the publishers provide none. */
const CHECKSUMS: Readonly<Record<SvhnName, Checksum>> = {
  [TRAIN]: { algorithm: "md5", digest: "e26dedcc434d2e4c54c9b2d4a06d8373" },
  [TEST]: { algorithm: "md5", digest: "eb5a983be6a315427106f1b164d9cef3" },
  [EXTRA]: { algorithm: "md5", digest: "a93ce644f1a588dc4d68dda5feec44a7" },
};

const common = {
  classes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
  imageShape: [3, 32, 32],
  channelStatistics: {
    mean: [0.4377, 0.4438, 0.4728],
    standardDeviation: [0.1980, 0.2010, 0.1970],
    // Not recomputed by this project, as the files are in no package registry.
    source:
      "all pixels of the 73 257 training images, scaled to [0, 1]; the values commonly used with PyTorch",
  },
  horizontalFlip: false,
} as const;

/** SVHN: 73 257 training and 26 032 test photographs of digits, 32×32, RGB. */
export const svhn: DatasetDefinition = {
  ...common,
  name: "svhn",
  title: "SVHN",
  howToGet: describeSource([TRAIN, TEST], "246 MB"),
  load: (options) => loadSvhn(svhn, [TRAIN], options),
};

/**
 * SVHN with the 531 131 easier images of its "extra" set appended to the training images as unlabelled
 * images; labels are drawn from the 73 257 (Tarvainen & Valpola 2017, table 2). It takes 1.9 GB of memory.
 */
export const svhnExtra: DatasetDefinition = {
  ...common,
  name: "svhn-extra",
  title: "SVHN with extra images",
  howToGet: describeSource([TRAIN, TEST, EXTRA], "1.6 GB"),
  load: (options) => loadSvhn(svhnExtra, [TRAIN, EXTRA], options),
};

function describeSource(names: readonly string[], size: string): string {
  return `Allow the download from ${BASE_URL} (${size}), or set a data folder that contains ${
    names.join(", ")
  }.`;
}

async function loadSvhn(
  definition: DatasetDefinition,
  trainNames: readonly SvhnName[],
  options: LoadOptions = {},
): Promise<Dataset> {
  const { name, classes, channelStatistics } = definition;
  const files = await findFiles(definition, [...trainNames, TEST], options);
  return {
    name,
    classes,
    channelStatistics,
    train: await readSvhnFiles(files.slice(0, -1), options.signal),
    test: await readSvhnFiles(files.slice(-1), options.signal),
  };
}

/** Finds each file in the first place that contains it, and downloads missing files if allowed. */
async function findFiles(
  { title, howToGet }: DatasetDefinition,
  names: readonly SvhnName[],
  { dataDirectory, download: mayDownload, onProgress, signal }: LoadOptions,
): Promise<SvhnFile[]> {
  const directory = dataDirectory ?? join(cacheDirectory(), svhn.name);
  const mayBeAbsent = dataDirectory === undefined || mayDownload;
  const places = mayBeAbsent && !await isDirectory(directory)
    ? [{ path: directory, names: [] as readonly string[] }]
    : await listPlaces(directory, [svhn.name]);
  const found = names.map((name) => ({ name, place: places.find((place) => place.names.includes(name)) }));
  if (!mayDownload && found.some(({ place }) => !place)) throw notFoundError(title, places, howToGet);
  const files: SvhnFile[] = [];
  for (const { name, place } of found) {
    const path = join(place?.path ?? directory, name);
    if (!place) {
      await download(`${BASE_URL}/${name}`, path, { checksum: CHECKSUMS[name], onProgress, signal });
    }
    files.push({ path, isLabeled: name !== EXTRA });
  }
  return files;
}
