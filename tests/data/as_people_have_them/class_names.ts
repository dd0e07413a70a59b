/** Class names: their order and spelling, those that are called like sets, and folders that hold nothing. */
import { type Case, folderOf } from "./case.ts";

/** Cases of them. */
export const cases: Case[] = [
  {
    name: "valid and invalid",
    about: "two classes, of which one is called like a set",
    make: folderOf(["valid/1.png", "invalid/2.png"]),
    expect: {
      refusal: /valid\/ looks like a set, but invalid\/ does not\. As classes, they would be invalid, valid/,
    },
  },
  {
    name: "valid and invalid in train",
    about: "as the refusal of it says: in train/ every folder is a class",
    make: folderOf(["train/valid/1.png", "train/invalid/2.png"]),
    expect: { classes: ["invalid", "valid"], labeled: [1, 1], unlabeled: 0, test: null },
  },
  {
    name: "classes that are trains",
    about: "steam_train and bullet_train are no sets",
    make: folderOf(["steam_train/1.png", "bullet_train/2.png", "ship/3.png"]),
    expect: {
      classes: ["bullet_train", "ship", "steam_train"],
      labeled: [1, 1, 1],
      unlabeled: 0,
      test: null,
    },
  },
  {
    name: "a class called train among vehicles",
    about: "train/ full of pictures beside ship/",
    make: folderOf(["train/1.png", "ship/2.png", "car/3.png"]),
    expect: { classes: ["car", "ship", "train"], labeled: [1, 1, 1], unlabeled: 0, test: null },
  },
  {
    name: "things of a laboratory",
    about: "test_tube and train_station are no sets",
    make: folderOf(["test_tube/1.png", "train_station/2.png", "beaker/3.png"]),
    expect: {
      classes: ["beaker", "test_tube", "train_station"],
      labeled: [1, 1, 1],
      unlabeled: 0,
      test: null,
    },
  },
  {
    name: "stations by day and night",
    about: "train_station/ holds but folders beside another: a set or a class",
    make: folderOf(["train_station/day/1.png", "train_station/night/1.png", "bus_station/day/1.png"]),
    expect: { refusal: /train_station\/ looks like a set, but bus_station\/ does not/ },
  },
  {
    name: "an empty class folder",
    about: "bird/ was made and not filled; frog/ has a text, fish/ has a Photoshop file",
    make: folderOf(["cat/1.png", "dog/1.png"], {
      "frog/notes.txt": "no picture yet",
      "fish/a.psd": "8BPS",
      "cat/.keep": "",
    }),
    expect: {
      classes: ["cat", "dog"],
      labeled: [1, 1],
      unlabeled: 0,
      test: null,
      notes: [
        /^there are no images in fish\/ \(it contains a\.psd\), frog\/ \(it contains notes\.txt\)$/,
        /^1 file cannot be read as an image and is left out: fish\/a\.psd \(it is a Photoshop file/,
      ],
    },
  },
  {
    name: "an empty class folder in train",
    about: "and an empty validation set",
    make: folderOf(["train/cat/1.png", "train/dog/1.png"], { "train/bird/readme.md": "-", "val/x.txt": "-" }),
    expect: {
      classes: ["cat", "dog"],
      labeled: [1, 1],
      unlabeled: 0,
      test: null,
      notes: [
        /^there are no images in train\/bird\/ \(it contains readme\.md\), val\/ \(it contains x\.txt\)$/,
      ],
    },
  },
  {
    name: "classes that are numbers",
    about: "folders 1, 2, 10: in the order of numbers",
    make: folderOf(["10/1.png", "1/1.png", "2/1.png", "2/2.png"]),
    expect: { classes: ["1", "2", "10"], labeled: [1, 2, 1], unlabeled: 0, test: null },
  },
  {
    name: "classes that are numbers with zeros before",
    about: "001, 002, 010",
    make: folderOf(["train/010/1.png", "train/001/1.png", "train/002/1.png", "val/002/1.png"]),
    expect: { classes: ["001", "002", "010"], labeled: [1, 1, 1], unlabeled: 0, test: [0, 1, 0] },
  },
  {
    name: "classes that differ in case",
    about: "Cat and cat, from two people",
    make: folderOf(["Cat/1.png", "cat/2.png", "dog/1.png"]),
    expect: {
      classes: ["Cat", "cat", "dog"],
      labeled: [1, 1, 1],
      unlabeled: 0,
      test: null,
      notes: [
        /^some class names differ only in case, spaces or Unicode form and may be meant as one class: "Cat" \(1 label\) and "cat" \(1 label\)$/,
      ],
    },
  },
  {
    name: "classes that differ in a space",
    about: "a blank at the end, as Windows makes none but archives have",
    make: folderOf(["cat /1.png", "cat/2.png", "cat/3.png", "guinea pig/1.png", "guinea_pig/1.png"]),
    expect: {
      classes: ["cat", "cat ", "guinea pig", "guinea_pig"],
      labeled: [2, 1, 1, 1],
      unlabeled: 0,
      test: null,
      notes: [/"cat" \(2 labels\) and "cat " \(1 label\), "guinea pig" \(1 label\) and "guinea_pig"/],
    },
  },
  {
    name: "classes that differ in Unicode form",
    about: "composed and decomposed, as macOS archives have",
    make: folderOf(["caf\u00e9/1.png", "cafe\u0301/2.png", "bar/1.png"]),
    expect: {
      classes: ["bar", "cafe\u0301", "caf\u00e9"],
      labeled: [1, 1, 1],
      unlabeled: 0,
      test: null,
      notes: [/^some class names differ only in case, spaces or Unicode form/],
    },
  },
  {
    name: "classes of a list that differ in case",
    about: "typed by hand",
    make: folderOf(["1.png", "2.png", "3.png"], {
      "labels.csv": "file,label\n1.png,Cat\n2.png,cat\n3.png,dog\n",
    }),
    expect: {
      classes: ["Cat", "cat", "dog"],
      labeled: [1, 1, 1],
      unlabeled: 0,
      test: null,
      notes: [/^some class names differ only in case.*"Cat" \(1 label\) and "cat" \(1 label\)$/],
    },
  },
  {
    name: "a test set in another spelling",
    about: "val/Cafe\u0301 and val/DOG are the classes of train/caf\u00e9 and train/dog",
    make: folderOf(["train/caf\u00e9/1.png", "train/dog/1.png", "val/Cafe\u0301/1.png", "val/DOG/2.png"]),
    expect: {
      classes: ["caf\u00e9", "dog"],
      labeled: [1, 1],
      unlabeled: 0,
      test: [1, 1],
      notes: [
        /^folders matched despite a different spelling: val\/Cafe\u0301\/ as class caf\u00e9, val\/DOG\/ as class dog$/,
      ],
    },
  },
  {
    name: "a test set of one class that is called like a set",
    about: "train/{valid,invalid}, test/valid",
    make: folderOf(["train/valid/1.png", "train/invalid/1.png", "test/valid/2.png"]),
    expect: { classes: ["invalid", "valid"], labeled: [1, 1], unlabeled: 0, test: [0, 1] },
  },
  {
    name: "control characters in class names",
    about: "a line break and a mark that turns text round, shown by their numbers",
    make: folderOf([
      "a\nb/1.png",
      "c\u202ed/1.png",
      "c\u202ed/x\u0007.png",
      "\u009b31m/.keep.png",
      "empty\n/.keep",
    ]),
    expect: {
      classes: ["a\nb", "c\u202ed"],
      labeled: [1, 2],
      unlabeled: 0,
      test: null,
      notes: [/^there are no images in empty\\n\/ \(empty\), \\u009b31m\/ \(empty\)$/],
    },
  },
];
