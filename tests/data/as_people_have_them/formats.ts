/** Formats: arrays of NumPy and of MNIST, in files and in archives. */
import { gzipSync } from "node:zlib";
import { idxFile } from "../fixtures.ts";
import { npyFile, npzFile } from "../npy_writer.ts";
import { zipFile } from "../zip_writer.ts";
import { type Case, writeFiles } from "./case.ts";

type Files = Readonly<Record<string, Uint8Array | string>>;

const filesOf = (files: Files): Case["make"] => (directory) => writeFiles(directory, files);

const pixels = (...shape: number[]) =>
  Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => (i * 37) % 256);
const fractions = (...shape: number[]) => pixels(...shape).map((value) => value / 255);

/** Six images of 8 × 9 pixels and their classes. */
const grey = npyFile([6, 8, 9], pixels(6, 8, 9), "|u1");
const colour = npyFile([6, 8, 9, 3], pixels(6, 8, 9, 3), "|u1");
const numbers = [0, 2, 1, 2, 2, 0], words = ["cat", "emu", "dog", "emu", "emu", "cat"];
const labels = npyFile([6], numbers, "<i8");
const two = { images: npyFile([2, 8, 9], pixels(2, 8, 9), "|u1"), labels: npyFile([2], [1, 2], "<i8") };

/** Expected reading of all of them. */
const read = { classes: ["0", "1", "2"], labeled: [2, 1, 3], unlabeled: 0, test: null };
const readWords = { ...read, classes: ["cat", "dog", "emu"] };
const byShape = [/^by their shapes, .* is taken as images and .* as labels/];

/** Cases of formats. */
export const cases: Case[] = [
  {
    name: "an .npz as Keras has MNIST",
    about: "mnist.npz: x_train, y_train, x_test and y_test, deflated",
    make: filesOf({
      "mnist.npz": npzFile({ x_train: grey, y_train: labels, x_test: two.images, y_test: two.labels }),
    }),
    expect: { ...read, test: [0, 1, 1] },
  },
  {
    name: "an .npz as medical benchmarks have them",
    about: "MedMNIST: three sets, labels in a column of their own; test is used, val is left alone",
    make: filesOf({
      "pathmnist.npz": npzFile({
        train_images: colour,
        val_images: colour,
        test_images: npyFile([2, 8, 9, 3], pixels(2, 8, 9, 3), "|u1"),
        train_labels: npyFile([6, 1], numbers, "|u1"),
        val_labels: npyFile([6, 1], numbers, "|u1"),
        test_labels: npyFile([2, 1], [1, 2], "|u1"),
      }),
    }),
    expect: {
      ...read,
      test: [0, 1, 1],
      notes: [/^val_images of pathmnist.npz, val_labels of pathmnist.npz are ignored$/],
    },
  },
  {
    name: "an .npz that is given itself",
    about: "np.savez without compression: entries are stored, with ZIP64 fields",
    path: "set.npz",
    make: filesOf({ "set.npz": npzFile({ images: grey, labels }, { isStored: true }) }),
    expect: read,
  },
  {
    name: "an .npz of arrays without names",
    about: "np.savez(file, images, labels): arr_0 and arr_1 are distinguished by their shapes",
    make: filesOf({ "set.npz": npzFile({ arr_0: colour, arr_1: labels }) }),
    expect: { ...read, notes: byShape },
  },
  {
    name: "an .npz of an array each",
    about: "Kuzushiji-MNIST: four archives, in each an arr_0, and the names of files say what",
    make: filesOf({
      "kmnist-train-imgs.npz": npzFile({ arr_0: grey }),
      "kmnist-train-labels.npz": npzFile({ arr_0: labels }),
      "kmnist-test-imgs.npz": npzFile({ arr_0: two.images }),
      "kmnist-test-labels.npz": npzFile({ arr_0: two.labels }),
    }),
    expect: { ...read, test: [0, 1, 1] },
  },
  {
    name: "an .npz of four arrays without names",
    about: "np.savez(file, x_train, y_train, x_test, y_test): nothing says which are which",
    make: filesOf({
      "set.npz": npzFile({ arr_0: grey, arr_1: labels, arr_2: two.images, arr_3: two.labels }),
    }),
    expect: {
      refusal:
        /must contain arrays of images and labels, such as images.npy .* contains arr_0 of set.npz, arr_1/,
    },
  },
  {
    name: "arrays in Fortran's order",
    about: "saved after a transposition, or by MATLAB's and Julia's users",
    make: filesOf({
      "images.npy": npyFile([6, 8, 9, 3], pixels(6, 8, 9, 3), "|u1", { isFortran: true }),
      "labels.npy": labels,
    }),
    expect: read,
  },
  {
    name: "arrays of big-endian numbers",
    about: "written on other machines, or by tools for FITS and IDL",
    make: filesOf({
      "images.npy": npyFile([6, 8, 9], pixels(6, 8, 9), ">i2"),
      "labels.npy": npyFile([6], numbers, ">i4"),
    }),
    expect: read,
  },
  {
    name: "labels as texts",
    about: "np.array(names): <U3",
    make: filesOf({ "x.npy": grey, "y.npy": npyFile([6], words, "<U3") }),
    expect: readWords,
  },
  {
    name: "labels as texts of big-endian code points",
    about: ">U5",
    make: filesOf({ "x.npy": grey, "y.npy": npyFile([6], words, ">U5") }),
    expect: readWords,
  },
  {
    name: "labels as bytes, some of them empty",
    about: "|S5, as HDF5 and older Python have texts",
    make: filesOf({ "x.npy": grey, "y.npy": npyFile([6], ["cat", "", "dog", "dog", "cat", ""], "|S5") }),
    expect: {
      classes: ["cat", "dog"],
      labeled: [2, 2],
      unlabeled: 2,
      test: null,
      notes: [/^2 texts of y.npy mean "no label": empty$/],
    },
  },
  {
    name: "labels as texts of numbers",
    about: "read from a CSV without conversion: 10 comes after 9",
    make: filesOf({ "x.npy": grey, "y.npy": npyFile([6], ["10", "9", "10", "9", "1", "1"], "<U2") }),
    expect: { classes: ["1", "9", "10"], labeled: [2, 2, 2], unlabeled: 0, test: null },
  },
  {
    name: "labels as Python objects",
    about: "an array of dtype object, which is a pickle: pandas gives it for texts",
    make: filesOf({ "x.npy": grey, "y.npy": npyFile([6], numbers.map(() => 0), "|O1") }),
    expect: { refusal: /they are Python objects. Save texts as np.array\(labels, dtype=str\)/ },
  },
  {
    name: "labels as one column for each class",
    about: "Keras's to_categorical, floats; the last image has none",
    make: filesOf({
      "x.npy": grey,
      "y.npy": npyFile([6, 3], [1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0], "<f4"),
    }),
    expect: { ...read, labeled: [1, 1, 3], unlabeled: 1 },
  },
  {
    name: "labels as probabilities",
    about: "soft labels are none of one class",
    make: filesOf({ "x.npy": grey, "y.npy": npyFile([6, 2], new Array(12).fill(0.5), "<f4") }),
    expect: {
      refusal:
        /one-hot labels: each row must have a 1 in the column of its class and 0 elsewhere, but row 0 is 0.5 0.5/,
    },
  },
  {
    name: "labels as floats with NaN",
    about: "pandas makes floats of whole numbers where some are missing",
    make: filesOf({ "x.npy": grey, "y.npy": npyFile([6], [0, NaN, 1, 1, 0, NaN], "<f8") }),
    expect: { classes: ["0", "1"], labeled: [2, 2], unlabeled: 2, test: null },
  },
  {
    name: "images as halves from 0 to 1",
    about: "float16, to save space",
    make: filesOf({ "x.npy": npyFile([6, 8, 9], fractions(6, 8, 9), "<f2"), "y.npy": labels }),
    expect: read,
  },
  {
    name: "images as doubles from 0 to 255, channels first",
    about: "what PyTorch's users save",
    make: filesOf({ "x.npy": npyFile([6, 3, 8, 9], pixels(6, 3, 8, 9), "<f8"), "y.npy": labels }),
    expect: read,
  },
  {
    name: "images from −1 to 1",
    about: "normalised already: what black and white are is not known here",
    make: filesOf({
      "x.npy": npyFile([6, 8, 9], fractions(6, 8, 9).map((value) => 2 * value - 1), "<f4"),
      "y.npy": labels,
    }),
    expect: { refusal: /x.npy: values must range from 0 to 1 or from 0 to 255, but value 0 is -1. Scale/ },
  },
  {
    name: "images whose channels can be first or last",
    about: "3 × 9 × 3: both ends can be colours, and it must be said",
    make: filesOf({ "x.npy": npyFile([6, 3, 9, 3], pixels(6, 3, 9, 3), "|u1"), "y.npy": labels }),
    expect: {
      refusal: /its shape is \[6, 3, 9, 3\], and channels could come first or last. Choose with --channels/,
    },
  },
  {
    name: "images whose channels are said to be first",
    about: "the same with --channels first",
    make: filesOf({ "x.npy": npyFile([6, 3, 9, 3], pixels(6, 3, 9, 3), "|u1"), "y.npy": labels }),
    options: { channels: "first" },
    expect: read,
  },
  {
    name: "images as flat rows",
    about: "as scikit-learn has them: [N, 72]",
    make: filesOf({ "x.npy": npyFile([6, 72], pixels(6, 72), "|u1"), "y.npy": labels }),
    expect: { refusal: /must be \[N, H, W\].*, but its shape is \[6, 72\]. Save it in such a shape/ },
  },
  {
    name: "idx files by other names",
    about: "as unpacked by some programs: a dot before idx, one file gzipped",
    make: filesOf({
      "train-images.idx3-ubyte": idxFile([6, 8, 9], pixels(6, 8, 9)),
      "train-labels.idx1-ubyte.gz": new Uint8Array(gzipSync(idxFile([6], numbers))),
    }),
    expect: read,
  },
  {
    name: "an idx file whose gzip is truncated",
    about: "a download that broke off",
    make: filesOf({
      "train-images-idx3-ubyte.gz": new Uint8Array(gzipSync(idxFile([6, 8, 9], pixels(6, 8, 9)))).subarray(
        0,
        90,
      ),
      "train-labels-idx1-ubyte": idxFile([6], numbers),
    }),
    expect: {
      refusal:
        /train-images-idx3-ubyte.gz: the gzip data are damaged or incomplete \(.*\). Download the file again/,
    },
  },
  {
    name: "an .npz that is encrypted",
    about: "packed again with a password",
    make: filesOf({
      "set.npz": zipFile([{ name: "images.npy", data: grey, flags: 1 }, {
        name: "labels.npy",
        data: labels,
      }]),
    }),
    expect: { refusal: /images.npy in .*set.npz: it is encrypted/ },
  },
  {
    name: "an .npz that claims 2⁴⁰ elements",
    about: "a bomb: the directory says so, and the array's own header",
    make: filesOf({
      "set.npz": zipFile(
        [{
          name: "images.npy",
          data: npyFile([6, 8, 9], pixels(6, 8, 9), "|u1", { claim: "1048576, 1024, 1024" }),
          size: 2 ** 40 + 128,
        }, { name: "labels.npy", data: labels }],
        { isLong: true },
      ),
    }),
    expect: {
      refusal: /images.npy takes \d+ bytes and can unpack to at most \d+, but it claims 1099511627904/,
    },
  },
  {
    name: "an .npz that is truncated",
    about: "a download that broke off: its directory was at the end",
    make: filesOf({ "set.npz": npzFile({ images: grey, labels }).subarray(0, -30) }),
    expect: {
      refusal: /set.npz as a ZIP archive: it has no directory at its end. It is truncated/,
    },
  },
];
