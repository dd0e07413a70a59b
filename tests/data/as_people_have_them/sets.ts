/** Sets: folders that are called by what their images are for. */
import { type Case, folderOf } from "./case.ts";

/** Names of sets for training and testing. */
const names = [
  ["Training", "Testing"],
  ["train_set", "test_set"],
  ["dataset-train", "dataset-test"],
  ["TRAIN", "VAL"],
  ["train2017", "val2017"],
  ["trainset", "evalset"],
  ["birds train", "birds dev"],
  ["x/y/cats_and_dogs_train", "x/y/cats_and_dogs_validation"],
] as const;

/** Cases of them. */
export const cases: Case[] = [
  {
    name: "train, valid and test",
    about: "what labelling services export: valid is tested on, and it is said that test is not",
    make: folderOf([
      "train/cat/1.png",
      "train/dog/1.png",
      "valid/cat/2.png",
      "valid/dog/2.png",
      "test/cat/3.png",
    ]),
    expect: {
      classes: ["cat", "dog"],
      labeled: [1, 1],
      unlabeled: 0,
      test: [1, 1],
      notes: [/^test\/ is ignored: valid\/ is used for testing$/],
    },
  },
  {
    name: "val and test",
    about: "both are there: val is tested on, and it is said that test is not",
    make: folderOf([
      "train/cat/1.png",
      "train/dog/1.png",
      "test/cat/2.png",
      "val/cat/3.png",
      "val/dog/3.png",
    ]),
    expect: {
      classes: ["cat", "dog"],
      labeled: [1, 1],
      unlabeled: 0,
      test: [1, 1],
      notes: [/^test\/ is ignored: val\/ is used for testing$/],
    },
  },
  {
    name: "train with classes, test without",
    about: "a competition whose test labels are secret",
    make: folderOf(["train/cat/1.png", "train/dog/1.png", "test/2.png", "test/3.png"]),
    expect: {
      classes: ["cat", "dog"],
      labeled: [1, 1],
      unlabeled: 2,
      test: null,
      notes: [/^test\/ has no class folders: its images are unlabelled$/],
    },
  },
  {
    name: "two training sets",
    about: "train_1 and train_2: both are trained with",
    make: folderOf(["train_1/cat/1.png", "train_2/dog/1.png", "train_2/cat/2.png", "test/cat/3.png"]),
    expect: { classes: ["cat", "dog"], labeled: [2, 1], unlabeled: 0, test: [1, 0] },
  },
  {
    name: "unlabelled pictures among the folders of train",
    about: "train/unlabeled is no class",
    make: folderOf(["train/cat/1.png", "train/dog/1.png", "train/unlabeled/1.png", "train/unlabeled/2.png"]),
    expect: { classes: ["cat", "dog"], labeled: [1, 1], unlabeled: 2, test: null },
  },
  {
    name: "train and unlabeled_train",
    about: "as benchmarks of semi-supervised learning are kept",
    make: folderOf([
      "train/cat/1.png",
      "train/dog/1.png",
      "unlabeled_train/1.png",
      "Unlabelled images/2.png",
      "test/dog/1.png",
    ]),
    expect: { classes: ["cat", "dog"], labeled: [1, 1], unlabeled: 2, test: [0, 1] },
  },
  {
    name: "sets in each class",
    about: "cat/train and cat/test, the other way round",
    make: folderOf([
      "cat/train/1.png",
      "cat/test/2.png",
      "dog/train/1.png",
      "dog/train/3.png",
      "dog/test/2.png",
    ]),
    expect: { classes: ["cat", "dog"], labeled: [1, 2], unlabeled: 0, test: [1, 1] },
  },
  {
    name: "sets and classes beside each other",
    about: "somebody made train/ and left the class folders there",
    make: folderOf(["cat/1.png", "dog/1.png", "train/cat/2.png", "train/dog/2.png"]),
    expect: {
      refusal:
        /train\/ looks like a set, but cat\/, dog\/ do not\. As classes, they would be cat, dog, train\. If they are sets, .* move them into a folder named train/,
    },
  },
  {
    name: "sets in some classes",
    about: "cat/train and cat/test, but dog/ holds pictures",
    make: folderOf(["cat/train/1.png", "cat/test/2.png", "dog/1.png"]),
    expect: {
      refusal:
        /cat\/train\/, cat\/test\/ look like sets, but dog\/ contains none\. As classes, they would be cat, dog/,
    },
  },
  {
    name: "sets without classes",
    about: "train/ and test/ full of pictures: sets, or two classes",
    make: folderOf(["train/1.png", "test/2.png"]),
    expect: {
      refusal:
        /train\/, test\/ look like sets, but train\/ contains no class folders\. As classes, they would be test, train/,
    },
  },
  {
    name: "a test set alone",
    about: "there is nothing to train with",
    make: folderOf(["test/cat/1.png", "test/dog/2.png"]),
    expect: { refusal: /there are no training images; by their names, test\/ are for testing/ },
  },
  {
    name: "pictures beside the class folders of a test set",
    about: "they are neither trained with nor tested on",
    make: folderOf(["train/cat/1.png", "train/dog/1.png", "val/cat/2.png", "val/3.png"]),
    expect: {
      classes: ["cat", "dog"],
      labeled: [1, 1],
      unlabeled: 0,
      test: [1, 0],
      notes: [/^1 image of val\/ outside class folders is ignored$/],
    },
  },
  {
    name: "a test set with one class, doubled",
    about: "test/test/cat: a chain ends at a class",
    make: folderOf(["train/cat/1.png", "train/dog/1.png", "test/test/cat/2021/2.png"]),
    expect: { classes: ["cat", "dog"], labeled: [1, 1], unlabeled: 0, test: [1, 0] },
  },
  {
    name: "a doubled training set, and a test set of single pictures",
    about: "hand signs: letters to train with, one picture of each to test on, without folders",
    make: folderOf([
      "signs_train/signs_train/A/1.png",
      "signs_train/signs_train/B/1.png",
      "signs_test/signs_test/A_test.png",
      "signs_test/signs_test/B_test.png",
    ]),
    expect: {
      classes: ["A", "B"],
      labeled: [1, 1],
      unlabeled: 2,
      test: null,
      notes: [/^signs_test\/ has no class folders: its images are unlabelled$/],
    },
  },
  {
    name: "val/images without folders",
    about: "a small excerpt of a large collection: train/CLASS/images, val/images, test/images",
    make: folderOf([
      "t/train/n1/images/1.png",
      "t/train/n2/images/1.png",
      "t/val/images/1.png",
      "t/val/images/2.png",
      "t/test/images/3.png",
    ]),
    expect: {
      classes: ["n1", "n2"],
      labeled: [1, 1],
      unlabeled: 3,
      test: null,
      notes: [/^t\/test\/ has no class folders/, /^t\/val\/ has no class folders/],
    },
  },
  {
    name: "an archive with the sets twice",
    about: "as an archive of X-rays has it: all again in a folder of its own name, and macOS litter",
    make: folderOf([
      "xray/train/ILL/1.png",
      "xray/train/WELL/1.png",
      "xray/xray/train/ILL/1.png",
      "xray/xray/train/WELL/1.png",
      "xray/__MACOSX/xray/._1.png",
    ]),
    expect: {
      refusal:
        /xray\/train\/ looks like a set, but xray\/xray\/ does not\. As classes, they would be train, xray\. If they are sets, move the other folders away/,
    },
  },
  {
    name: "sets and a sample of them",
    about: "train/, valid/ and sample/train/, as courses have it",
    make: folderOf([
      "train/cat/1.png",
      "train/dog/1.png",
      "valid/cat/2.png",
      "sample/train/cat/1.png",
      "sample/train/dog/1.png",
    ]),
    expect: { refusal: /train\/, valid\/ look like sets, but sample\/ does not/ },
  },
  {
    name: "sets and classes in one name",
    about: "train_cat, train_dog, test_cat, test_dog full of pictures",
    make: folderOf(["train_cat/1.png", "train_dog/1.png", "test_cat/2.png", "test_dog/2.png"]),
    expect: {
      refusal:
        /but train_cat\/, train_dog\/ contain no class folders\. As classes, they would be test_cat, test_dog, train_cat, train_dog/,
    },
  },
  {
    name: "images_train and images_val beside labels",
    about: "as detection sets are kept, with classes in folders",
    make: folderOf(["images/train/cat/1.png", "images/train/dog/1.png", "images/val/cat/2.png"], {
      "labels/train/1.txt": "0 .5 .5 .1 .1",
    }),
    expect: { classes: ["cat", "dog"], labeled: [1, 1], unlabeled: 0, test: [1, 0] },
  },
  ...names.map(([train, test]): Case => ({
    name: `${train} and ${test}`,
    about: "names of sets with another word, in another case",
    make: folderOf([`${train}/cat/1.png`, `${train}/dog/1.png`, `${test}/cat/2.png`, `${test}/dog/2.png`]),
    expect: { classes: ["cat", "dog"], labeled: [1, 1], unlabeled: 0, test: [1, 1] },
  })),
];
