/** Layouts: what folders are called and how they lie in each other. */
import { type Case, folderOf } from "./case.ts";

/** Cases of layouts. */
export const cases: Case[] = [
  {
    name: "folders of classes with the litter of macOS and Windows",
    about: "unpacked or copied from such a system: .DS_Store, ._x.jpg, __MACOSX and Thumbs.db do not count",
    make: folderOf(
      ["cat/1.png", "cat/2.png", "dog/1.png", "dog/._1.png", "__MACOSX/cat/1.png", ".git/x.png"],
      {
        ".DS_Store": "\0\0\0\x01Bud1",
        "cat/.DS_Store": "\0\0\0\x01Bud1",
        "cat/Thumbs.db": "\xd0\xcf\x11\xe0",
        "Thumbs.db": "\xd0\xcf\x11\xe0",
        "desktop.ini": "[.ShellClassInfo]",
      },
    ),
    expect: { classes: ["cat", "dog"], labeled: [2, 1], unlabeled: 0, test: null },
  },
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
      notes: [/^test\/ is left alone: valid\/ is what is tested on$/],
    },
  },
  {
    name: "pictures in one folder without a list",
    about: "a folder of a phone",
    make: folderOf(["IMG_0001.png", "IMG_0002.png"]),
    expect: { refusal: /no class folders and no label list/ },
  },
];
