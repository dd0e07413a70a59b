/** The four idx files of MNIST and of datasets published in the same format. */

import { basename, join } from "node:path";
import { createImageSet, type ImageSet, parseIdx } from "../../mod.ts";
import { listPlaces, readFile } from "../disk.ts";

/** Names of the files as published with MNIST. */
export const IDX_FILES = {
  trainImages: "train-images-idx3-ubyte",
  trainLabels: "train-labels-idx1-ubyte",
  testImages: "t10k-images-idx3-ubyte",
  testLabels: "t10k-labels-idx1-ubyte",
} as const;

/** Role of a file. */
export type IdxRole = keyof typeof IDX_FILES;

/** Paths of the four files. */
export type IdxPaths = Readonly<Record<IdxRole, string>>;

/** Expected contents of the files. */
export interface IdxExpectation {
  readonly imageShape: readonly [number, number, number];
  readonly classCount: number;
}

/** A searched folder with the names of its entries. */
export interface SearchedPlace {
  readonly path: string;
  readonly names: readonly string[];
}

/**
 * Finds the four files in the first place that contains all of them, gzipped or not, with names like
 * `train-images-idx3-ubyte` or `train-images.idx3-ubyte`. Returns the searched places if there is none.
 */
export async function findIdxFiles(
  directory: string,
  subfolders: readonly string[],
): Promise<{ paths: IdxPaths } | { searched: SearchedPlace[] }> {
  const searched = await listPlaces(directory, subfolders);
  for (const { path, names } of searched) {
    const find = (role: IdxRole): string | undefined => {
      const name = spellings(IDX_FILES[role]).find((spelling) => names.includes(spelling));
      return name === undefined ? undefined : join(path, name);
    };
    const [trainImages, trainLabels] = [find("trainImages"), find("trainLabels")];
    const [testImages, testLabels] = [find("testImages"), find("testLabels")];
    if (trainImages && trainLabels && testImages && testLabels) {
      return { paths: { trainImages, trainLabels, testImages, testLabels } };
    }
  }
  return { searched };
}

function spellings(name: string): string[] {
  const dotted = name.replace("-idx", ".idx");
  return [name, dotted, `${name}.gz`, `${dotted}.gz`];
}

/**
 * Reads the training and the test images and labels.
 *
 * `verify` is called with the bytes of every file before they are used.
 *
 * @throws {SyntaxError} naming the file that is damaged or has another shape.
 * @throws {RangeError} when a label is not a class index.
 */
export async function readIdxFiles(
  paths: IdxPaths,
  { imageShape, classCount }: IdxExpectation,
  verify: (role: IdxRole, bytes: Uint8Array, path: string) => void = () => {},
  signal?: AbortSignal,
): Promise<{ train: ImageSet; test: ImageSet }> {
  const readArray = async (role: IdxRole, dimensionCount: number) => {
    const bytes = await readFile(paths[role], signal);
    verify(role, bytes, paths[role]);
    return await parseIdx(bytes, paths[role], dimensionCount, signal);
  };
  const readSet = async (imageRole: IdxRole, labelRole: IdxRole): Promise<ImageSet> => {
    const images = await readArray(imageRole, 3), labels = await readArray(labelRole, 1);
    const imageSource = paths[imageRole], labelSource = paths[labelRole];
    const [, height, width] = images.shape;
    if (height !== imageShape[1] || width !== imageShape[2]) {
      throw new SyntaxError(
        `Cannot use ${imageSource}: images must be ${imageShape[1]}×${imageShape[2]}, ` +
          `but those of ${basename(imageSource)} are ${height}×${width}`,
      );
    }
    signal?.throwIfAborted();
    const values = { images: images.values, labels: labels.values };
    return createImageSet({ ...values, imageShape, classCount, imageSource, labelSource });
  };
  return {
    train: await readSet("trainImages", "trainLabels"),
    test: await readSet("testImages", "testLabels"),
  };
}
