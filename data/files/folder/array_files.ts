/** Arrays in a user's folder: images and labels as NumPy or MNIST's idx format hold them. */

import { join } from "node:path";
import {
  concatenateBytes,
  counted,
  exampleName,
  type ImageSet,
  NO_LABEL,
  parseIdx,
  parseNpy,
  type Planes,
  planesOf,
  type RawArray,
  someOf,
} from "../../mod.ts";
import { readFile } from "../disk.ts";

/** Arrays by what they are; names of files in the folder. */
interface ArrayFiles {
  readonly images: string;
  readonly labels: string;
  readonly testImages?: string | undefined;
  readonly testLabels?: string | undefined;
  readonly unlabeled?: string | undefined;
}

/** Image sets of arrays, with what was understood. */
export interface FoundArrays {
  readonly classes: readonly string[];
  readonly origin: string;
  readonly train: ImageSet;
  readonly test: { readonly name: string; readonly files: ImageSet } | null;
  readonly notes: readonly string[];
}

/** Stems of names, without `.npy`, and the words of idx files in the place of underscores. */
const PAIRS: readonly (readonly [images: string, labels: string])[] = [
  ["train_images", "train_labels"],
  ["images_train", "labels_train"],
  ["x_train", "y_train"],
  ["train_x", "train_y"],
  ["images", "labels"],
  ["images", "targets"],
  ["data", "labels"],
  ["data", "targets"],
  ["x", "y"],
];
const TEST_PAIRS: readonly (readonly [images: string, labels: string])[] = [
  ...["test", "t10k", "val", "valid"].flatMap((set) => [
    [`${set}_images`, `${set}_labels`] as const,
    [`images_${set}`, `labels_${set}`] as const,
    [`x_${set}`, `y_${set}`] as const,
    [`${set}_x`, `${set}_y`] as const,
  ]),
];
const UNLABELED = ["unlabeled", "unlabeled_images", "images_unlabeled", "x_unlabeled"];

const ARRAY = /\.npy$|[.-]idx[134]-ubyte(\.gz)?$/i;

/** Names of files that are arrays. */
export function arraysAmong(names: readonly string[]): string[] {
  return names.filter((name) => ARRAY.test(name));
}

/** What an array is called by, whatever its format: `train-images-idx3-ubyte.gz` is `train_images`. */
function stemOf(name: string): string {
  return name.toLowerCase().replace(/\.gz$/, "").replace(/[.-]idx\d-ubyte$|\.npy$/, "")
    .replaceAll(/[-. ]/g, "_").replaceAll("unlabelled", "unlabeled");
}

/**
 * Which files are which, by their names.
 *
 * @throws {SyntaxError} when images and labels cannot be told.
 */
export function chooseArrays(names: readonly string[], directory: string): ArrayFiles {
  const byStem = new Map(arraysAmong(names).map((name) => [stemOf(name), name]));
  const pairIn = (pairs: typeof PAIRS) =>
    pairs.map((pair) => pair.map((stem) => byStem.get(stem))).find((pair) => pair.every(Boolean));
  const train = pairIn(PAIRS), test = pairIn(TEST_PAIRS);
  if (!train) {
    throw new SyntaxError(
      `Cannot use ${directory} as its arrays must be images and labels, such as images.npy and labels.npy, or ` +
        `x_train.npy and y_train.npy: it has ${someOf([...byStem.values()])}`,
    );
  }
  const unlabeled = UNLABELED.map((stem) => byStem.get(stem)).find((name) => name !== undefined);
  return { images: train[0]!, labels: train[1]!, testImages: test?.[0], testLabels: test?.[1], unlabeled };
}

/**
 * Reads arrays of images `[N, H, W]`, `[N, H, W, C]` or `[N, C, H, W]` with 1, 3 or 4 channels, bytes or floats from 0 to
 * 1, and of whole numbers as labels `[N]`, of which negative ones stand for no label. The fourth channel is opacity, and
 * what is transparent is put on white.
 *
 * @throws {SyntaxError} naming the file that is damaged or of another shape, or the two that do not fit together.
 * @throws {RangeError} naming the file and the first value that is out of range.
 */
export async function readArrays(
  names: readonly string[],
  directory: string,
  signal?: AbortSignal,
): Promise<FoundArrays> {
  const files = chooseArrays(names, directory);
  const read = (name: string) => readArray(join(directory, name), signal);
  const images = planesOf(await read(files.images), files.images);
  const labels = toLabels(await read(files.labels), files.labels);
  checkPair(images, labels, files.images, files.labels);
  const more = files.unlabeled === undefined ? null : planesOf(await read(files.unlabeled), files.unlabeled);
  const notes: string[] = [];
  const used = new Set<string | undefined>(Object.values(files));
  const others = arraysAmong(names).filter((name) => !used.has(name));
  if (others.length > 0) notes.push(`${someOf(others)} ${others.length === 1 ? "is" : "are"} left alone`);
  let test: { images: Planes; labels: Int32Array } | null = null;
  if (files.testImages !== undefined && files.testLabels !== undefined) {
    const own = {
      images: planesOf(await read(files.testImages), files.testImages),
      labels: toLabels(await read(files.testLabels), files.testLabels),
    };
    checkPair(own.images, own.labels, files.testImages, files.testLabels);
    test = own;
  }
  return assemble(files, { images, labels, more, test, notes, directory });
}

interface Parts {
  readonly images: Planes;
  readonly labels: Int32Array;
  readonly more: Planes | null;
  readonly test: { readonly images: Planes; readonly labels: Int32Array } | null;
  readonly notes: string[];
  readonly directory: string;
}

function assemble(files: ArrayFiles, { images, labels, more, test, notes, directory }: Parts): FoundArrays {
  const values = [...new Set(labels)].filter((label) => label >= 0).sort((a, b) => a - b);
  if (values.length < 2) {
    throw new RangeError(
      `Cannot use ${directory} as there must be two classes or more: ${files.labels} has ${
        values.length === 0 ? "no label from 0 on" : `only ${values[0]}`
      }`,
    );
  }
  for (const [other, name] of [[more, files.unlabeled], [test?.images, files.testImages]] as const) {
    if (other && `${other.shape}` !== `${images.shape}`) {
      throw new SyntaxError(
        `Cannot use ${name} with ${files.images} as images must be of one shape: they are ${
          other.shape.join("×")
        } and ${images.shape.join("×")}`,
      );
    }
  }
  const isGrey = [images, more, test?.images].every((each) => !each || each.isGrey);
  const channels = isGrey ? 1 : 3;
  const indexOf = new Map(values.map((value, i) => [value, i]));
  const imageShape = [channels, ...images.shape] as const;
  const all = [images, ...(more ? [more] : [])];
  const count = all.reduce((sum, each) => sum + each.count, 0);
  const trainLabels = new Int32Array(count).fill(NO_LABEL);
  labels.forEach((label, i) => trainLabels[i] = indexOf.get(label) ?? NO_LABEL);
  const strange = test ? [...new Set(test.labels)].filter((label) => !indexOf.has(label)) : [];
  if (strange.length > 0) {
    throw new RangeError(
      `Cannot use ${files.testLabels} as its labels must be among those of ${files.labels}: ${
        strange[0]
      } is not`,
    );
  }
  return {
    classes: values.map(String),
    origin: `arrays: ${files.images} with ${files.labels}${
      more ? `, and ${counted(more.count, "image")} of ${files.unlabeled}` : ""
    }`,
    train: {
      images: concatenateBytes(all.map((each) => each.take(channels))),
      labels: trainLabels,
      imageShape,
      names: Array.from({ length: count }, (_, i) => exampleName(i)),
    },
    test: test && {
      name: files.testImages!,
      files: {
        images: test.images.take(channels),
        labels: test.labels.map((label) => indexOf.get(label)!),
        imageShape,
      },
    },
    notes,
  };
}

async function readArray(path: string, signal: AbortSignal | undefined): Promise<RawArray> {
  const bytes = await readFile(path, signal);
  if (/\.npy$/i.test(path)) {
    const { shape, dtype, values } = parseNpy(bytes, path);
    return { shape, values, isFraction: dtype.startsWith("f") || dtype === "b1" };
  }
  const dimensions = Number(/idx(\d)-ubyte(\.gz)?$/i.exec(path)![1]);
  return { ...await parseIdx(bytes, path, dimensions), isFraction: false };
}

/** Class numbers of an array; negative = no label. */
function toLabels({ shape, values }: RawArray, source: string): Int32Array {
  // A column is a vector too.
  if (shape.length !== 1 && !(shape.length === 2 && shape[1] === 1)) {
    throw new SyntaxError(
      `Cannot use ${source} as labels must be one number for each image: its shape is ${shape.join("×")}`,
    );
  }
  const bad = values.findIndex((value) => !Number.isInteger(value) || Math.abs(value) > 2 ** 30);
  if (bad >= 0) {
    throw new RangeError(
      `Cannot use ${source} as labels must be whole numbers, negative where there is none: label ${bad} is ${
        values[bad]
      }`,
    );
  }
  return Int32Array.from(values);
}

function checkPair(images: Planes, labels: Int32Array, imageSource: string, labelSource: string): void {
  if (images.count === labels.length) return;
  throw new SyntaxError(
    `Cannot use ${imageSource} with ${labelSource} as there must be as many labels as images: there are ${
      counted(images.count, "image")
    } and ${counted(labels.length, "label")}`,
  );
}
