/** SVHN: Street View House Numbers of Netzer, Wang, Coates, Bissacco, Wu and Ng, cropped to a digit each. */

import { join } from "node:path";
import { cacheDirectory } from "../cache.ts";
import type { Checksum } from "../checksum.ts";
import type { Dataset } from "../../mod.ts";
import type { DatasetDefinition, LoadOptions } from "./dataset_definition.ts";
import { download } from "../download.ts";
import { isDirectory, notFound, searchPlaces } from "../disk.ts";
import { readSvhnFiles } from "./svhn_files.ts";

const BASE_URL = "http://ufldl.stanford.edu/housenumbers";
const [TRAIN, TEST, EXTRA] = ["train_32x32.mat", "test_32x32.mat", "extra_32x32.mat"] as const;

/** The publishers give none; these are the ones that torchvision checks against. */
const CHECKSUMS: Readonly<Record<string, Checksum>> = {
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
    // Not recomputed here: the files are in no package registry.
    source:
      "all pixels of the 73 257 training images, scaled to [0, 1]; the figures that PyTorch code commonly uses",
  },
  horizontalFlip: false,
} as const;

/** SVHN: 73 257 training and 26 032 test photographs of digits, 32×32, RGB. */
export const svhn: DatasetDefinition = {
  ...common,
  name: "svhn",
  title: "SVHN",
  howToGet: howToGet([TRAIN, TEST], "246 MB"),
  load: (options) => loadSvhn(svhn, [TRAIN], options),
};

/**
 * SVHN with the 531 131 easier images of its "extra" set, without labels, behind the training images: labels are
 * drawn among the 73 257 (Tarvainen & Valpola 2017, table 2). It takes 1.9 GB of memory.
 */
export const svhnExtra: DatasetDefinition = {
  ...common,
  name: "svhn-extra",
  title: "SVHN with extra images",
  howToGet: howToGet([TRAIN, TEST, EXTRA], "1.6 GB"),
  load: (options) => loadSvhn(svhnExtra, [TRAIN, EXTRA], options),
};

function howToGet(names: readonly string[], size: string): string {
  return `Let it be downloaded from ${BASE_URL} (${size}), or give a data folder with ${names.join(", ")}.`;
}

async function loadSvhn(
  definition: DatasetDefinition,
  trainNames: readonly string[],
  options: LoadOptions = {},
): Promise<Dataset> {
  const { name, classes, channelStatistics } = definition;
  const paths = await findFiles(definition.title, definition.howToGet, [...trainNames, TEST], options);
  const files = (names: readonly string[]) =>
    names.map((name) => ({ path: paths.get(name)!, isLabeled: name !== EXTRA }));
  return {
    name,
    classes,
    channelStatistics,
    train: await readSvhnFiles(files(trainNames), options.signal),
    test: await readSvhnFiles(files([TEST]), options.signal),
  };
}

/** Where the files are, each in the first folder that has it; those that no folder has are fetched where that is allowed. */
async function findFiles(
  title: string,
  howToGet: string,
  names: readonly string[],
  { dataDirectory, download: mayDownload, onProgress, signal }: LoadOptions,
): Promise<ReadonlyMap<string, string>> {
  const directory = dataDirectory ?? join(cacheDirectory(), svhn.name);
  const mayBeAbsent = dataDirectory === undefined || mayDownload;
  const places = mayBeAbsent && !await isDirectory(directory)
    ? [{ path: directory, names: [] as readonly string[] }]
    : await searchPlaces(directory, [svhn.name]);
  const paths = new Map<string, string>();
  for (const name of names) {
    const place = places.find((candidate) => candidate.names.includes(name));
    if (place) paths.set(name, join(place.path, name));
    else if (!mayDownload) throw notFound(title, places, howToGet);
  }
  for (const name of names) {
    if (paths.has(name)) continue;
    const path = join(directory, name);
    await download(`${BASE_URL}/${name}`, path, { checksum: CHECKSUMS[name]!, onProgress, signal });
    paths.set(name, path);
  }
  return paths;
}
