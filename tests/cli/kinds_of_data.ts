/** Every kind of data that can be trained on: a new one is a row here, and all commands walk over it. */
import { findDataset } from "../../data/files/mod.ts";
import { cifarBinary, cifarPngs } from "../data/fixtures.ts";
import { tinyDataset } from "./command.ts";
import {
  cifar100Files,
  classFolders,
  type Files,
  idxPairs,
  listedPictures,
  npyFractions,
  npyPair,
  npzArchive,
  npzColumns,
  pixelTable,
  svhnFiles,
  trainAndVal,
  zipOf,
} from "./tiny_files.ts";

/** A kind of data: how it is made, how it is asked for, and what commands must find in it. */
export interface Kind {
  readonly name: string;
  readonly files: () => Files;
  /** The dataset's name for `--dataset`; null = it is asked for by `--data`. */
  readonly dataset: string | null;
  /** Options of training that belong to it. */
  readonly options?: readonly string[];
  /** Options of its place in memory or on disk, which resuming takes too. */
  readonly memory?: readonly string[];
  /** A label list for `--labels`. */
  readonly list?: string;
  readonly classes: readonly string[];
  /** Training images with a label. */
  readonly labels: number;
  /** Training images without a label (default: 8). */
  readonly unlabeled?: number;
  /** Images to test on. */
  readonly tested: number;
  /** True if the test images are labelled images held out of training. */
  readonly isHeldOut?: boolean;
  /** The sub-folder whose pictures are predicted; null = there are no pictures. */
  readonly pictures: string | null;
  /** Name of the first image of data without pictures, which are predicted completely; if absent, they are refused. */
  readonly first?: string;
  /** Path passed to `--data`, below the folder of the data (default: the folder). */
  readonly path?: string;
  /** True if commands that serve are started as processes; otherwise they are called, which is cheaper. */
  readonly isStarted?: boolean;
  /** Options of an experiment; those of one that is refused, and how, where presets know nothing of such data. */
  readonly experiment: readonly string[] | readonly [option: string, refusal: RegExp];
}

/** Images without a label: as many as there are in a batch, for which shaders are compiled anyway. */
export const unlabeled = 8;
/** So many labels that a fifth of them is held out, and so few that none is. */
const many = { each: 50, unlabeled }, few = { each: 6, unlabeled };
/** Numbers of images for training and testing, which follow from the bytes of the pictures. */
const ofMany = { labels: 72, tested: 28, isHeldOut: true };
const words = ["bright one", "dark"], numbers = ["0", "1"];
const streamed = ["--memory-limit=0"];

/** Properties of a user's own folder. Experiments have no `--data`, because presets are for known datasets. */
const own = {
  dataset: null,
  experiment: ["--data=data", /^Unknown option --data; did you mean --data-dir\?/],
} as const;
const onPictures = { ...own, classes: words };
const onArrays = { ...own, classes: numbers, pictures: null, first: "train/00000" };

/** A dataset by name, of arrays. */
const known = (dataset: string) => ({ dataset, classes: findDataset(dataset).classes, pictures: null });
/** The first four images and their classes, of ten images to train with. */
const firstFour = (classes: readonly string[]) =>
  classes.slice(0, 4).map((name, i) => `train/0000${i}\t${name}\n`).join("");
const ofTen = { labels: 4, unlabeled: 6, tested: 2 };
const onePerClass = ["--labels-per-class=1"];
const noPreset = (dataset: string) => [`--preset=${dataset}`, /--preset must be one of/] as const;

/** All of them. */
export const kinds: readonly Kind[] = [
  {
    name: "class folders: colour, a part held out",
    isStarted: true,
    files: () => classFolders(many),
    ...onPictures,
    ...ofMany,
    pictures: "unlabeled",
  },
  {
    name: "class folders: grey, streamed, too few labels to hold any out",
    files: () => classFolders(few, { isGrey: true }),
    ...onPictures,
    memory: streamed,
    labels: 12,
    tested: 0,
    pictures: "unlabeled",
  },
  {
    name: "class folders: colour, streamed, tested on val/",
    files: () => trainAndVal(few),
    ...onPictures,
    memory: streamed,
    labels: 12,
    tested: 8,
    pictures: "val",
  },
  {
    name: "a ZIP archive of class folders: colour, streamed, a part held out",
    files: () => ({ "photos.zip": zipOf(classFolders(many)) }),
    ...onPictures,
    memory: streamed,
    path: "photos.zip",
    ...ofMany,
    pictures: null,
    first: "bright one/0.png",
  },
  {
    name: "label list: colour, streamed, a part held out",
    files: () => listedPictures(many),
    ...onPictures,
    memory: streamed,
    ...ofMany,
    pictures: "unlabeled",
  },
  {
    name: "label list: colour, nothing held out, as asked",
    files: () => listedPictures(many),
    ...onPictures,
    options: ["--no-hold-out"],
    labels: 100,
    tested: 0,
    pictures: "unlabeled",
  },
  {
    name: "npy: grey, some labels negative, a part held out",
    files: () => npyPair(["images.npy", "labels.npy"], 108, 100, 1),
    ...onArrays,
    memory: streamed,
    labels: 90,
    tested: 10,
    isHeldOut: true,
  },
  {
    name: "npy: grey, fractions, unlabeled.npy, too few labels to hold any out",
    files: () => npyFractions(few),
    ...onArrays,
    labels: 12,
    tested: 0,
  },
  {
    name: "npy: colour, tested on x_test.npy",
    files: () => ({
      ...npyPair(["x_train.npy", "y_train.npy"], 20, 12, 3),
      ...npyPair(["x_test.npy", "y_test.npy"], 8, 8, 3),
    }),
    ...onArrays,
    labels: 12,
    tested: 8,
  },
  {
    name: "csv: tables of pixels, colour, some labels empty, tested on test.csv",
    files: () => ({ ...pixelTable("train.csv", 20, 12, 3), ...pixelTable("test.csv", 8, 8, 3) }),
    ...onArrays,
    labels: 12,
    tested: 8,
  },
  {
    name: "npz: an archive, colour, channels first in Fortran's order, labels as texts, tested on x_test",
    isStarted: true,
    files: () => ({ "set.npz": npzArchive({ train: 20, labeled: 12, test: 8 }) }),
    ...onArrays,
    path: "set.npz",
    options: ["--channels=first"],
    classes: words,
    labels: 12,
    tested: 8,
  },
  {
    name: "npz: in a folder, halves, a column for each class",
    files: () => ({ "data.npz": npzColumns({ each: 6, unlabeled }) }),
    ...onArrays,
    labels: 12,
    tested: 0,
  },
  {
    name: "idx: grey, few of the labels used",
    files: () => idxPairs(20, 8),
    ...onArrays,
    options: ["--labels-per-class=6"],
    labels: 12,
    tested: 8,
  },
  {
    name: "dataset folder: in memory",
    files: () => trainAndVal({ each: 6, unlabeled: 4 }),
    dataset: "folder",
    options: ["--labels-per-class=4"],
    classes: words,
    labels: 8,
    tested: 8,
    pictures: "val",
    experiment: ["--preset=imagenet-10pct-resnext152", "--random-resized-crop=8", "--labels-per-class=4"],
  },
  {
    name: "dataset folder: streamed",
    files: () => trainAndVal({ each: 6, unlabeled: 4 }),
    dataset: "folder",
    options: ["--labels-per-class=4"],
    memory: streamed,
    classes: words,
    labels: 8,
    tested: 8,
    pictures: "val",
    experiment: ["--memory-limit=0", /^Unknown option --memory-limit; --help all lists all options/],
  },
  {
    name: "mnist",
    isStarted: true,
    files: () => tinyDataset(18, 8),
    ...known("mnist"),
    first: "train/00000",
    options: onePerClass,
    labels: 10,
    tested: 8,
    experiment: ["--preset=mnist-20", ...onePerClass],
  },
  {
    name: "fashion-mnist",
    files: () => tinyDataset(18, 8),
    ...known("fashion-mnist"),
    first: "train/00000",
    options: onePerClass,
    labels: 10,
    tested: 8,
    experiment: ["--preset=fashion-mnist-100", ...onePerClass],
  },
  {
    name: "cifar10: binary",
    files: cifarBinary,
    ...known("cifar10"),
    list: firstFour(findDataset("cifar10").classes),
    ...ofTen,
    experiment: ["--preset=cifar10-4000-convnet-quick", "--normalize=channel"],
  },
  {
    name: "cifar10: PNG",
    files: cifarPngs,
    ...known("cifar10"),
    list: firstFour(findDataset("cifar10").classes),
    ...ofTen,
    pictures: "",
    experiment: ["--preset=cifar10-4000-convnet-quick", "--normalize=channel"],
  },
  {
    name: "cifar100",
    files: () => cifar100Files(10, 2),
    ...known("cifar100"),
    list: firstFour(findDataset("cifar100").classes),
    ...ofTen,
    experiment: noPreset("cifar100"),
  },
  {
    name: "svhn",
    files: () => svhnFiles({ train: 18, test: 8 }),
    ...known("svhn"),
    options: onePerClass,
    labels: 10,
    tested: 8,
    experiment: ["--preset=svhn-500-convnet-quick", ...onePerClass],
  },
  {
    name: "svhn-extra",
    files: () => svhnFiles({ train: 10, extra: 8, test: 8 }),
    ...known("svhn-extra"),
    options: onePerClass,
    labels: 10,
    tested: 8,
    experiment: noPreset("svhn-extra"),
  },
];
