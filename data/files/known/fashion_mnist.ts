/** Fashion-MNIST: 70 000 pictures of clothes by Xiao, Rasul and Vollgraf, in the format of MNIST. */

import { join } from "node:path";
import { cacheDirectory } from "../cache.ts";
import type { Checksum } from "../checksum.ts";
import type { Dataset } from "../../mod.ts";
import type { DatasetDefinition, LoadOptions } from "./dataset_definition.ts";
import { download } from "../download.ts";
import { isDirectory, notFoundError } from "../disk.ts";
import { findIdxFiles, IDX_FILES, type IdxPaths, type IdxRole, readIdxFiles } from "./idx_files.ts";
import type { SearchedPlace } from "./idx_files.ts";

const BASE_URL = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com";

/** Folder of the Debian package dataset-fashion-mnist. */
const DEBIAN_DIRECTORY = "/usr/share/datasets/fashion-mnist";

/** Checksums of the gzipped files from the publishers' page. */
const CHECKSUMS: Readonly<Record<IdxRole, Checksum>> = {
  trainImages: { algorithm: "md5", digest: "8d4fb7e6c68d591d4c3dfef9ec88bf0d" },
  trainLabels: { algorithm: "md5", digest: "25c81989df183df01b3e8a0aad5dffbe" },
  testImages: { algorithm: "md5", digest: "bef4ecab320f06d8554ea6380940ec79" },
  testLabels: { algorithm: "md5", digest: "bb300cfdad3c16e7a12a480ee83cd310" },
};

/** Fashion-MNIST: 60 000 training and 10 000 test images of clothes, 28×28, grey. */
export const fashionMnist: DatasetDefinition = {
  name: "fashion-mnist",
  title: "Fashion-MNIST",
  classes: "T-shirt/top, Trouser, Pullover, Dress, Coat, Sandal, Shirt, Sneaker, Bag, Ankle boot".split(", "),
  imageShape: [1, 28, 28],
  channelStatistics: {
    mean: [0.2860],
    standardDeviation: [0.3530],
    source: "all pixels of the 60 000 training images, scaled to [0, 1]; recomputed by this project's tests",
  },
  horizontalFlip: true,
  howToGet: `Install the Debian package dataset-fashion-mnist, or allow the download from ${BASE_URL}, ` +
    `or set a data folder that contains ${Object.values(IDX_FILES).join(", ")}, each plain or with .gz.`,
  load: loadFashionMnist,
};

async function loadFashionMnist(options: LoadOptions = {}): Promise<Dataset> {
  const { name, classes, channelStatistics, imageShape } = fashionMnist;
  const paths = await findPaths(options);
  const expectation = { imageShape, classCount: classes.length };
  const sets = await readIdxFiles(paths, expectation, undefined, options.signal);
  return { name, classes, channelStatistics, ...sets };
}

async function findPaths(options: LoadOptions): Promise<IdxPaths> {
  const { dataDirectory, download: mayDownload } = options;
  const cache = join(cacheDirectory(), fashionMnist.name);
  const searched: SearchedPlace[] = [];
  for (const directory of dataDirectory === undefined ? [cache, DEBIAN_DIRECTORY] : [dataDirectory]) {
    // Only a folder set by the user must exist, unless files may be downloaded into it.
    if ((dataDirectory === undefined || mayDownload) && !await isDirectory(directory)) {
      searched.push({ path: directory, names: [] });
      continue;
    }
    const found = await findIdxFiles(directory, [fashionMnist.name]);
    if ("paths" in found) return found.paths;
    searched.push(...found.searched);
  }
  if (!mayDownload) throw notFoundError(fashionMnist.title, searched, fashionMnist.howToGet);
  return await fetchFiles(dataDirectory ?? cache, options);
}

async function fetchFiles(directory: string, { onProgress, signal }: LoadOptions): Promise<IdxPaths> {
  const get = async (role: IdxRole): Promise<string> => {
    const path = join(directory, `${IDX_FILES[role]}.gz`);
    const url = `${BASE_URL}/${IDX_FILES[role]}.gz`;
    await download(url, path, { checksum: CHECKSUMS[role], onProgress, signal });
    return path;
  };
  return {
    trainImages: await get("trainImages"),
    trainLabels: await get("trainLabels"),
    testImages: await get("testImages"),
    testLabels: await get("testLabels"),
  };
}
