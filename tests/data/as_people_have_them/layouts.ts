/** Layouts: how folders lie in each other, and what lies beside them. */
import { join } from "node:path";
import { type Case, folderOf } from "./case.ts";

/** Cases of them. */
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
    name: "pictures in one folder without a list",
    about: "a folder of a phone",
    make: folderOf(["IMG_0001.png", "IMG_0002.png"]),
    expect: { refusal: /neither class folders nor a label list/ },
  },
  {
    name: "a doubled, archive-style folder",
    about: "as a well-known archive of landscapes has it: sets twice in each other, and pictures to predict",
    make: folderOf([
      "seg_train/seg_train/cat/1.png",
      "seg_train/seg_train/dog/1.png",
      "seg_train/seg_train/dog/2.png",
      "seg_test/seg_test/cat/3.png",
      "seg_test/seg_test/dog/3.png",
      "seg_pred/seg_pred/4.png",
    ]),
    expect: { classes: ["cat", "dog"], labeled: [1, 2], unlabeled: 1, test: [1, 1] },
  },
  {
    name: "an archive unpacked into a folder of its own name",
    about: "archive/archive, with a licence beside it",
    make: folderOf(["archive/archive/cat/1.png", "archive/archive/dog/1.png"], { "LICENSE.txt": "CC0" }),
    expect: { classes: ["cat", "dog"], labeled: [1, 1], unlabeled: 0, test: null },
  },
  {
    name: "TrainImages and ValidationImages",
    about: "names of sets with another word, in another case",
    make: folderOf([
      "TrainImages/cat/1.png",
      "TrainImages/dog/1.png",
      "ValidationImages/cat/2.png",
      "ValidationImages/dog/2.png",
    ]),
    expect: { classes: ["cat", "dog"], labeled: [1, 1], unlabeled: 0, test: [1, 1] },
  },
  {
    name: "pictures to predict beside classes",
    about: "pred/ has no label, and it is said",
    make: folderOf(["cat/1.png", "dog/1.png", "pred/2.png"]),
    expect: {
      classes: ["cat", "dog"],
      labeled: [1, 1],
      unlabeled: 1,
      test: null,
      notes: [/^the images of pred\/ are unlabelled because of the folder's name$/],
    },
  },
  {
    name: "a chain that ends in one class",
    about: "archive/cat: there is no second class",
    make: folderOf(["archive/cat/1.png", "archive/cat/2.png"]),
    expect: { refusal: /at least two classes are needed, but its only class folder is archive/ },
  },
  {
    name: "a list in an unpacked archive",
    about: "archive/labels.csv beside archive/images",
    make: folderOf(["archive/images/1.png", "archive/images/2.png", "archive/images/3.png"], {
      "archive/labels.csv": "file,label\n1.png,cat\n2.png,dog\n",
    }),
    expect: { classes: ["cat", "dog"], labeled: [1, 1], unlabeled: 1, test: null },
  },
  {
    name: "thumbnails of a network drive",
    about: "@eaDir beside the classes and in them, $RECYCLE.BIN and the like: litter",
    make: folderOf([
      "cat/1.png",
      "cat/@eaDir/1.png/SYNOPHOTO_THUMB_M.jpg",
      "dog/1.png",
      "@eaDir/cat/x.png",
      "$RECYCLE.BIN/x.png",
      "System Volume Information/y.png",
      "lost+found/z.png",
    ]),
    expect: { classes: ["cat", "dog"], labeled: [1, 1], unlabeled: 0, test: null },
  },
  {
    name: "a folder that is called like a picture",
    about: "cat.jpg/ is a folder",
    make: folderOf(["cat.jpg/1.png", "dog.jpg/1.png"]),
    expect: { classes: ["cat.jpg", "dog.jpg"], labeled: [1, 1], unlabeled: 0, test: null },
  },
  {
    name: "folds of a cross-validation",
    about: "fold1/{cat,dog}, fold2/{cat,dog}: the folds are the classes, and it is said what lies in them",
    make: folderOf(["fold1/cat/1.png", "fold1/dog/1.png", "fold2/cat/2.png", "fold2/dog/2.png"]),
    expect: {
      classes: ["fold1", "fold2"],
      labeled: [2, 2],
      unlabeled: 0,
      test: null,
      notes: [/^fold1\/, fold2\/ are used as classes; the folders cat, dog in each of them are not$/],
    },
  },
  {
    name: "classes by year",
    about: "cat/2021, cat/2022: one subject, several folders",
    make: folderOf(["cat/2021/1.png", "cat/2022/1.png", "dog/2021/1.png"]),
    expect: { classes: ["cat", "dog"], labeled: [2, 1], unlabeled: 0, test: null },
  },
  {
    name: "a text beside one folder of classes",
    about: "as a well-known archive of cats and dogs has it",
    make: folderOf(["PetImages/Cat/1.png", "PetImages/Dog/1.png"], {
      "readme[1].txt": "-",
      "MSR-LA - 3467.docx": "-",
    }),
    expect: { classes: ["Cat", "Dog"], labeled: [1, 1], unlabeled: 0, test: null },
  },
  {
    name: "links in circles",
    about: "a link to the folder that it lies in, one to nothing, and one to pictures elsewhere",
    make: async (directory) => {
      await folderOf(["data/cat/1.png", "data/dog/1.png", "far/2.png"])(directory);
      // Windows lets only some make links.
      if (Deno.build.os === "windows") {
        return await Deno.rename(join(directory, "far"), join(directory, "data/unlabeled"));
      }
      await Deno.symlink("..", join(directory, "data/cat/up"));
      await Deno.symlink("nowhere", join(directory, "data/dog/gone"));
      await Deno.symlink("../far", join(directory, "data/unlabeled"));
    },
    path: "data",
    expect: {
      classes: ["cat", "dog"],
      labeled: [1, 1],
      unlabeled: 1,
      test: null,
      notes: Deno.build.os === "windows" ? [] : [
        /^cat\/up is skipped: it is a link to a folder around it$/,
        /^dog\/gone is skipped: No such file or directory$/,
      ],
    },
  },
];
