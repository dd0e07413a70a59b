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
import type { Labelling } from "./class_folders.ts";

/** Names of two files that belong together. */
interface Pair {
  readonly images: string;
  readonly labels: string;
}

/** Arrays by what they are; names of files in the folder. */
interface ArrayFiles {
  readonly train: Pair;
  readonly test: Pair | undefined;
  readonly unlabeled: string | undefined;
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
function chooseArrays(names: readonly string[], directory: string): ArrayFiles {
  const byStem = new Map(arraysAmong(names).map((name) => [stemOf(name), name]));
  const pairIn = (pairs: typeof PAIRS): Pair | undefined => {
    for (const [images, labels] of pairs.map((pair) => pair.map((stem) => byStem.get(stem)))) {
      if (images !== undefined && labels !== undefined) return { images, labels };
    }
    return undefined;
  };
  const train = pairIn(PAIRS);
  if (!train) {
    throw new SyntaxError(
      `Cannot use ${directory} as its arrays must be images and labels, such as images.npy and labels.npy, or ` +
        `x_train.npy and y_train.npy: it has ${someOf([...byStem.values()])}`,
    );
  }
  const unlabeled = UNLABELED.map((stem) => byStem.get(stem)).find((name) => name !== undefined);
  return { train, test: pairIn(TEST_PAIRS), unlabeled };
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
): Promise<Labelling<ImageSet>> {
  const files = chooseArrays(names, directory);
  const read = (name: string) => readArray(join(directory, name), signal);
  const readImages = async (source: string) => ({ ...planesOf(await read(source), source), source });
  const readPair = async (pair: Pair): Promise<LabeledPlanes> => {
    const images = await readImages(pair.images);
    const labels = toLabels(await read(pair.labels), pair.labels);
    checkPair(images, labels, pair);
    return { ...images, labels, labelSource: pair.labels };
  };
  const train = await readPair(files.train);
  const more = files.unlabeled === undefined ? [] : [await readImages(files.unlabeled)];
  const test = files.test && await readPair(files.test);
  const used = [...Object.values(files.train), ...Object.values(files.test ?? {}), files.unlabeled];
  const others = arraysAmong(names).filter((name) => !used.includes(name));
  const notes = others.length === 0
    ? []
    : [`${someOf(others)} ${others.length === 1 ? "is" : "are"} left alone`];
  return { ...assemble({ train, more, test }, directory), notes };
}

/** Images, and the file that they are of. */
type NamedPlanes = Planes & { readonly source: string };
type LabeledPlanes = NamedPlanes & { readonly labels: Int32Array; readonly labelSource: string };

interface Parts {
  readonly train: LabeledPlanes;
  /** Without labels. */
  readonly more: readonly NamedPlanes[];
  readonly test: LabeledPlanes | undefined;
}

function assemble({ train, more, test }: Parts, directory: string): Omit<Labelling<ImageSet>, "notes"> {
  const values = [...new Set(train.labels)].filter((label) => label >= 0).sort((a, b) => a - b);
  if (values.length < 2) {
    throw new RangeError(
      `Cannot use ${directory} as there must be two classes or more: ${train.labelSource} has ${
        values.length === 0 ? "no label from 0 on" : `only ${values[0]}`
      }`,
    );
  }
  const all = [train, ...more], others = test ? [...more, test] : more;
  for (const { shape, source } of others) {
    if (`${shape}` !== `${train.shape}`) {
      throw new SyntaxError(
        `Cannot use ${source} with ${train.source} as images must be of one shape: they are ${
          shape.join("×")
        } and ${train.shape.join("×")}`,
      );
    }
  }
  const channels = train.isGrey && others.every(({ isGrey }) => isGrey) ? 1 : 3;
  const imageShape = [channels, ...train.shape] as const;
  const indexOf = new Map(values.map((value, i) => [value, i]));
  const toIndices = (labels: Int32Array) => labels.map((label) => indexOf.get(label) ?? NO_LABEL);
  const strange = test?.labels.find((label) => !indexOf.has(label));
  if (test && strange !== undefined) {
    throw new RangeError(
      `Cannot use ${test.labelSource} as its labels must be among those of ${train.labelSource}: ${strange} is not`,
    );
  }
  const labels = new Int32Array(all.reduce((sum, { count }) => sum + count, 0)).fill(NO_LABEL);
  labels.set(toIndices(train.labels));
  return {
    classes: values.map(String),
    origin: `arrays: ${train.source} with ${train.labelSource}${
      more.map(({ count, source }) => `, and ${counted(count, "image")} of ${source}`).join("")
    }`,
    train: {
      images: concatenateBytes(all.map((each) => each.take(channels))),
      labels,
      imageShape,
      names: Array.from(labels.keys(), exampleName),
    },
    test: test
      ? {
        name: test.source,
        examples: { images: test.take(channels), labels: toIndices(test.labels), imageShape },
      }
      : null,
  };
}

async function readArray(path: string, signal: AbortSignal | undefined): Promise<RawArray> {
  const bytes = await readFile(path, signal);
  if (/\.npy$/i.test(path)) {
    const { shape, dtype, values } = parseNpy(bytes, path);
    return { shape, values, isFraction: dtype.startsWith("f") || dtype === "b1" };
  }
  const dimensions = Number(/idx(\d)-ubyte(\.gz)?$/i.exec(path)?.[1]);
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

function checkPair({ count }: Planes, labels: Int32Array, pair: Pair): void {
  if (count === labels.length) return;
  throw new SyntaxError(
    `Cannot use ${pair.images} with ${pair.labels} as there must be as many labels as images: there are ${
      counted(count, "image")
    } and ${counted(labels.length, "label")}`,
  );
}
