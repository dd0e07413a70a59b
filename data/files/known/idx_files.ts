/** The four files of MNIST and of every dataset published the same way. */

import { basename, join } from "node:path";
import { createImageSet, type ImageSet, parseIdx } from "../../mod.ts";
import { readFile, searchPlaces } from "../disk.ts";

/** The standard names, as MNIST's publishers gave them. */
export const IDX_FILES = {
  trainImages: "train-images-idx3-ubyte",
  trainLabels: "train-labels-idx1-ubyte",
  testImages: "t10k-images-idx3-ubyte",
  testLabels: "t10k-labels-idx1-ubyte",
} as const;

/** Which of the four files. */
export type IdxRole = keyof typeof IDX_FILES;

/** Where the four files are. */
export type IdxPaths = Readonly<Record<IdxRole, string>>;

/** What a file of the four must hold. */
export interface IdxExpectation {
  readonly imageShape: readonly [number, number, number];
  readonly classCount: number;
}

/** A folder that was searched, with what it holds. */
export interface SearchedPlace {
  readonly path: string;
  readonly names: readonly string[];
}

/**
 * The paths of the four files, from the first place that has them all, gzipped or not, spelled
 * `train-images-idx3-ubyte` or `train-images.idx3-ubyte`; else the places searched.
 */
export async function findIdxFiles(
  directory: string,
  subfolders: readonly string[],
): Promise<{ paths: IdxPaths } | { searched: SearchedPlace[] }> {
  const searched = await searchPlaces(directory, subfolders);
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
 * `verify` is given every file's bytes before they are used.
 *
 * @throws {SyntaxError} naming the file that is damaged or does not fit.
 * @throws {RangeError} when a label is no class.
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
    return await parseIdx(bytes, paths[role], dimensionCount);
  };
  const readSet = async (imageRole: IdxRole, labelRole: IdxRole): Promise<ImageSet> => {
    const images = await readArray(imageRole, 3), labels = await readArray(labelRole, 1);
    const imageSource = paths[imageRole], labelSource = paths[labelRole];
    const [, height, width] = images.shape;
    if (height !== imageShape[1] || width !== imageShape[2]) {
      throw new SyntaxError(
        `Cannot use ${imageSource} as its images must be ${imageShape[1]}×${imageShape[2]}: ` +
          `those of ${basename(imageSource)} are ${height}×${width}`,
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
