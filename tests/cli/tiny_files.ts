/** Tiny files of every format that images and labels come in; images are bright or dark, so that there is something to tell. */
import { idxFile, numbered, png } from "../data/fixtures.ts";
import { writer } from "../data/mat5_writer.ts";
import { npyFile, npzFile } from "../data/npy_writer.ts";
import { zipFile } from "../data/zip_writer.ts";

/** Files by their paths below the folder of the data. */
export type Files = Readonly<Record<string, Uint8Array>>;

/** Height and width of images; networks take no smaller ones. */
const SIDE = 8;

/** Labelled images of each of two classes, and images without a label. */
export interface Counts {
  readonly each: number;
  readonly unlabeled: number;
}

const pixel = (i: number, x: number, y: number, c = 0) =>
  (i % 2 === 0 ? 150 : 20) + (x * 5 + y * 3 + c * 11 + i * 7) % 60;

/** The picture of a number: bright where it is even. */
export function picture(i: number, isGrey = false, width = SIDE): Uint8Array {
  return png(width, SIDE, numbered(i, (x, y, c) => pixel(i, x, y, isGrey ? 0 : c)));
}

/** Pictures in folders that are called like their classes, and in `unlabeled`. */
export function classFolders(
  { each, unlabeled }: Counts,
  { isGrey = false, prefix = "", first = 0 } = {},
): Files {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < 2 * each; i++) {
    files[`${prefix}${i % 2 ? "dark" : "bright one"}/${i}.png`] = picture(first + i, isGrey);
  }
  for (let i = 0; i < unlabeled; i++) files[`unlabeled/${i}.png`] = picture(200 + i, isGrey);
  return files;
}

/** Class folders in `train`, eight pictures to test on in `val`. */
export function trainAndVal(counts: Counts): Files {
  const [train, val] = [counts, { each: 4, unlabeled: 0 }].map((each, i) =>
    classFolders(each, { prefix: ["train/", "val/"][i]!, first: 100 * i })
  );
  return { ...train, ...val };
}

/** Pictures, those with a label side by side, and a table that says what they are. */
export function listedPictures({ each, unlabeled }: Counts): Files {
  const files: Record<string, Uint8Array> = {};
  let list = "file,label\n";
  for (let i = 0; i < 2 * each + unlabeled; i++) {
    files[i < 2 * each ? `${i}.png` : `unlabeled/${i}.png`] = picture(i);
    if (i < 2 * each) list += `${i}.png,${i % 2 ? "dark" : "bright one"}\n`;
  }
  return { ...files, "labels.csv": new TextEncoder().encode(list) };
}

/** Images `[count, SIDE, SIDE, channels]`, and labels, negative from `labeled` on. */
function arrays(count: number, labeled: number, channels: 1 | 3) {
  const pixels = Array.from({ length: count * SIDE * SIDE * channels }, (_, at) => {
    const place = Math.floor(at / channels), y = Math.floor(place / SIDE) % SIDE;
    return pixel(Math.floor(place / SIDE / SIDE), place % SIDE, y, at % channels);
  });
  const labels = Array.from({ length: count }, (_, i) => i < labeled ? i % 2 : -1);
  return { pixels, labels, shape: channels === 1 ? [count, SIDE, SIDE] : [count, SIDE, SIDE, channels] };
}

/** NumPy's files of images and of labels. */
export function npyPair(
  [images, labelNames]: readonly [string, string],
  count: number,
  labeled: number,
  channels: 1 | 3,
): Files {
  const { pixels, labels, shape } = arrays(count, labeled, channels);
  return { [images]: npyFile(shape, pixels, "|u1"), [labelNames]: npyFile([count], labels, "<i8") };
}

/** A table of pixels and labels, of which some are missing. */
export function pixelTable(name: string, count: number, labeled: number, channels: 1 | 3): Files {
  const { pixels, labels } = arrays(count, labeled, channels), length = SIDE * SIDE * channels;
  const rows = labels.map((label, i) =>
    [label < 0 ? "" : label, ...pixels.slice(i * length, (i + 1) * length)].join()
  );
  const names = Array.from({ length }, (_, i) => `pixel${i}`);
  return { [name]: new TextEncoder().encode([["label", ...names].join(), ...rows].join("\n")) };
}

/** Fractions, in a file for images without labels too. */
export function npyFractions({ each, unlabeled }: Counts): Files {
  const file = (count: number) => {
    const { pixels, shape } = arrays(count, count, 1);
    return npyFile(shape, pixels.map((value) => value / 255), "<f4");
  };
  const { labels } = arrays(2 * each, 2 * each, 1);
  return {
    "images.npy": file(2 * each),
    "labels.npy": npyFile([2 * each], labels, "<i8"),
    "unlabeled.npy": file(unlabeled),
  };
}

/** A ZIP archive of files. */
export function zipOf(files: Files): Uint8Array {
  return zipFile(
    Object.entries(files).map(([name, data], i) => ({ name, data, method: i % 2 === 0 ? 0 : 8 })),
  );
}

/** An archive of colour images whose axes lie in Fortran's order, channels first, with labels as texts, of which some are empty. */
export function npzArchive(
  { train, labeled, test }: { readonly train: number; readonly labeled: number; readonly test: number },
): Uint8Array {
  const pair = (set: string, count: number, named: number) => {
    const { pixels, labels } = arrays(count, named, 3);
    // Where the first axis is the fastest: [N, 3, SIDE, SIDE], in the order x, y, channel, image.
    const values = Array.from({ length: pixels.length }, (_, at) => {
      const image = at % count, channel = Math.floor(at / count) % 3;
      const y = Math.floor(at / count / 3) % SIDE, x = Math.floor(at / count / 3 / SIDE);
      return pixels[((image * SIDE + y) * SIDE + x) * 3 + channel] ?? 0;
    });
    const texts = labels.map((label) => label < 0 ? "" : label === 0 ? "bright one" : "dark");
    return {
      [`x_${set}`]: npyFile([count, 3, SIDE, SIDE], values, "|u1", { isFortran: true }),
      [`y_${set}`]: npyFile([count], texts, "<U10"),
    };
  };
  return npzFile({ ...pair("train", train, labeled), ...pair("test", test, test) });
}

/** An archive of halves from 0 to 1, with a column for each class and none for images without a label, both without names. */
export function npzColumns({ each, unlabeled }: Counts): Uint8Array {
  const count = 2 * each + unlabeled;
  const { pixels, labels, shape } = arrays(count, 2 * each, 1);
  const columns = labels.flatMap((label) => [label === 0 ? 1 : 0, label === 1 ? 1 : 0]);
  return npzFile({
    arr_0: npyFile(shape, pixels.map((value) => value / 255), "<f2"),
    arr_1: npyFile([count, 2], columns, "<f4"),
  }, { isStored: true });
}

/** Idx files under the names of MNIST, of small images of two classes. */
export function idxPairs(trainCount: number, testCount: number): Files {
  const pair = (set: string, count: number) => {
    const { pixels, labels, shape } = arrays(count, count, 1);
    return {
      [`${set}-images-idx3-ubyte`]: idxFile(shape, pixels),
      [`${set}-labels-idx1-ubyte`]: idxFile([count], labels),
    };
  };
  return { ...pair("train", trainCount), ...pair("t10k", testCount) };
}

/** Records as CIFAR has them: what stands before an image of 3×32×32 is its label. */
function records(count: number, labelOf: (i: number) => readonly number[]): Uint8Array {
  const image = (i: number) =>
    Array.from({ length: 3072 }, (_, at) => pixel(i, at & 31, (at >> 5) & 31, at >> 10));
  return Uint8Array.from(Array.from({ length: count }, (_, i) => [...labelOf(i), ...image(i)]).flat());
}

/** CIFAR-100's files: image i is of class i. */
export function cifar100Files(trainCount: number, testCount: number): Files {
  const file = (count: number) => records(count, (i) => [i % 20, i % 100]);
  return { "train.bin": file(trainCount), "test.bin": file(testCount) };
}

/** SVHN's files, so many images each: image i is of the digit 1 + i, of 10 it is 0. */
export function svhnFiles(counts: Readonly<Record<string, number>>): Files {
  const { array, element, float64, file } = writer(true);
  return Object.fromEntries(
    Object.entries(counts).map(([set, count]) => {
      const digits = Array.from({ length: count }, (_, i) => 1 + i % 10);
      const images = array("X", [32, 32, 3, count], element(2, records(count, () => [])));
      return [`${set}_32x32.mat`, file(images, array("y", [count, 1], element(9, float64(...digits))))];
    }),
  );
}
