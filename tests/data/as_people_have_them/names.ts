/** Folders whose files have their class in the name. */
import { zipSync } from "npm:fflate@0.8.3";
import { type Case, folderOf, picture, writeFiles } from "./case.ts";

/** Files of a competition: cats and dogs to train with, and numbers to predict. */
const competition = [
  ...["cat", "dog"].flatMap((kind) => [0, 1, 2].map((i) => `train/${kind}.${i}.png`)),
  "test1/1.png",
  "test1/2.png",
];
const submission = { "sampleSubmission.csv": "id,label\n1,0\n2,0\n" };
const pattern = "([a-z]+)\\.\\d+";
const captured =
  /^classes are captured from names: "cat" in train\/cat\.0\.png, "dog" in train\/dog\.0\.png$/;
const rest = /^2 names do not match --label-pattern \S+: test1\/1\.png, test1\/2\.png$/;
const unread =
  /^sampleSubmission\.csv is not read: --label-pattern sets the labels\. To use it too, pass --labels$/;
const catsAndDogs = { classes: ["cat", "dog"], test: null };
const proposal = (classes: string) =>
  new RegExp(
    `[.?] The names look like classes: ${classes}\\. To use them, add --label-pattern ['"]\\S+ ?\\S+['"]$`,
  );

export const cases: readonly Case[] = [
  {
    name: "names: cats and dogs of a competition, refused with a proposal",
    about: "the list is an example of a submission with a single class",
    make: folderOf(competition, submission),
    expect: { refusal: proposal("cat \\(3\\), dog \\(3\\)") },
  },
  {
    name: "names: cats and dogs of a competition, by a pattern",
    about: "the numbered pictures are unlabelled, and the list is not read",
    make: folderOf(competition, submission),
    options: { labelPattern: pattern },
    expect: { ...catsAndDogs, labeled: [3, 3], unlabeled: 2, notes: [captured, rest, unread] },
  },
  {
    name: "names: the same in a ZIP archive",
    about: "names in an archive are names of files",
    make: (directory) =>
      writeFiles(directory, {
        "set.zip": zipSync(Object.fromEntries(competition.map((name, i) => [name, picture(i)]))),
      }),
    path: "set.zip",
    options: { labelPattern: pattern },
    expect: { ...catsAndDogs, labeled: [3, 3], unlabeled: 2, notes: [captured, rest] },
  },
  {
    name: "names: a list adds labels, contradicts one and corrects two",
    about: "as a list of suggestions and a list of a review together",
    make: folderOf(competition, {
      "more.txt": "# suggested: never held out\ntest1/1.png dog\ntest1/2.png rabbit\ntrain/dog.2.png cat\n" +
        "# corrected: replaces other labels\ntrain/cat.0.png dog\ntrain/cat.1.png ?\n",
    }),
    options: { labelPattern: pattern, labels: ["more.txt"] },
    expect: {
      classes: ["cat", "dog", "rabbit"],
      labeled: [1, 4, 1],
      unlabeled: 2,
      test: null,
      labels: {
        "train/dog.2.png": null,
        "train/cat.0.png": "dog",
        "train/cat.1.png": null,
        "test1/1.png": "dog",
      },
      notes: [
        captured,
        rest,
        /^1 line of more\.txt has no label: \? 1/,
        /different classes for 1 image, which is left unlabelled: train\/dog\.2\.png \(its name dog, line 4 of more\.txt cat\)$/,
      ],
    },
  },
  {
    name: "names: suggested pictures of a test folder are trained with",
    about: "a list of labels for train, and suggestions among the pictures to predict",
    make: folderOf(["train/0.png", "train/1.png", "test/2.png", "test/3.png"], {
      "train.csv": "file,label\n0.png,cat\n1.png,dog\n",
      "more.txt": "# suggested: never held out\ntest/2.png dog\n",
    }),
    options: { labels: ["train.csv", "more.txt"] },
    expect: { ...catsAndDogs, labeled: [1, 2], unlabeled: 1 },
  },
  {
    name: "names: sets are folders",
    about: "a validation set with classes in names is the test set",
    make: folderOf(["train/cat_1.png", "train/dog_1.png", "val/cat_2.png", "val/dog_2.png", "val/3.png"]),
    options: { labelPattern: "([a-z]+)_" },
    expect: {
      classes: ["cat", "dog"],
      labeled: [1, 1],
      unlabeled: 1,
      test: [1, 1],
      notes: [
        /^sets are given by folders: 2 labelled images for training, 2 of val for testing; 1 of val has no label/,
        /^classes are captured from names: "cat" in train\/cat_1\.png/,
        /^1 name does not match --label-pattern \S+: val\/3\.png$/,
      ],
    },
  },
  {
    name: "names: folders of sessions are classes, and a note says that names look like classes",
    about: "pictures of each day in a folder; nothing is decided without being asked",
    make: folderOf([
      "2021-05-01/cat_1.png",
      "2021-05-01/dog_1.png",
      "2021-05-02/cat_2.png",
      "2021-05-02/dog_2.png",
    ]),
    expect: {
      classes: ["2021-05-01", "2021-05-02"],
      labeled: [2, 2],
      unlabeled: 0,
      test: null,
      notes: [
        /^the names look like classes, too: cat \(2\), dog \(2\)\. To use them instead of the folders, add --l/,
      ],
    },
  },
  {
    name: "names: folders of sessions, by a pattern",
    about: "class folders do not count then",
    make: folderOf(["s1/cat_1.png", "s1/dog_1.png", "s2/cat_2.png", "s2/none_2.png"]),
    options: { labelPattern: "([a-z]+)_\\d+" },
    expect: {
      ...catsAndDogs,
      labeled: [2, 1],
      unlabeled: 1,
      notes: [
        /^classes are captured from names: "cat" in s1\/cat_1\.png, "dog" in s1\/dog_1\.png, "none" in s2/,
        /^1 capture of --label-pattern \S+ has no label: none 1\. --missing sets the words that mean unlabelled$/,
      ],
    },
  },
  {
    name: "names: words for no label are set",
    about: "a class called none",
    make: folderOf(["none_1.png", "cat_1.png", "todo_1.png"]),
    options: { labelPattern: "([a-z]+)_\\d+", missing: ["todo"] },
    expect: {
      classes: ["cat", "none"],
      labeled: [1, 1],
      unlabeled: 1,
      test: null,
      notes: [/^classes are captured/, /^1 capture of \S+ \S+ has no label: todo 1/],
    },
  },
  {
    name: "names: breeds in a folder of images",
    about: "one folder is taken for a class; the refusal proposes the names",
    make: folderOf([
      "images/Abyssinian_1.png",
      "images/Abyssinian_2.png",
      "images/pug_1.png",
      "images/pug_2.png",
    ]),
    expect: { refusal: proposal("Abyssinian \\(2\\), pug \\(2\\)") },
  },
  {
    name: "names: a single class",
    about: "the error shows what was captured",
    make: folderOf(["cat_1.png", "cat_2.png"]),
    options: { labelPattern: "(.*)_" },
    expect: {
      refusal:
        /labels of at least two classes are needed, but it has cat; .* from names: "cat" in cat_1\.png$/,
    },
  },
  {
    name: "names: pictures of a camera",
    about: "nothing is proposed, but the option is named",
    make: folderOf(["IMG_0001.png", "IMG_0002.png", "DSC_0001.png", "DSC_0002.png"]),
    expect: { refusal: /If the names of the files tell their classes, use --label-pattern\.$/ },
  },
];
