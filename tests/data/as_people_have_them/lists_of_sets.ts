/** Label lists that lie in the folders of sets. */
import { type Case, folderOf } from "./case.ts";

/** Cases of them. */
export const cases: Case[] = [
  {
    name: "a list of JSON lines in each set",
    about: "metadata.jsonl beside the pictures of train/ and of validation/, which have the same names",
    make: folderOf(["train/1.png", "train/2.png", "train/3.png", "validation/1.png", "validation/2.png"], {
      "train/metadata.jsonl":
        '{"file_name": "1.png", "label": "cat"}\n{"file_name": "2.png", "label": "dog"}\n',
      "validation/metadata.jsonl":
        '{"file_name": "1.png", "label": "dog"}\n{"file_name": "2.png", "label": "dog"}\n',
    }),
    expect: {
      classes: ["cat", "dog"],
      labeled: [1, 1],
      unlabeled: 1,
      test: [0, 2],
      notes: [/^sets are given by folders: 2 labelled images for training, 2 of val for testing$/],
      labels: { "train/1.png": "cat", "train/2.png": "dog", "train/3.png": null },
    },
  },
  {
    name: "a table in each set, with a column for each class",
    about: "as labelling services export several classes: _classes.csv in train/, valid/ and test/",
    make: folderOf(["x/train/a.png", "x/train/b.png", "x/valid/c.png", "x/test/d.png"], {
      "x/README.txt": "exported",
      "x/train/_classes.csv": "filename, cat, dog\na.png, 1, 0\nb.png, 0, 1\n",
      "x/valid/_classes.csv": "filename, cat, dog\nc.png, 0, 1\n",
      "x/test/_classes.csv": "filename, cat, dog\nd.png, 1, 0\n",
    }),
    expect: {
      classes: ["cat", "dog"],
      labeled: [1, 1],
      unlabeled: 0,
      test: [0, 1],
      notes: [
        /^sets are given by folders: 2 labelled images for training, 1 of val for testing; 1 of test is ignored$/,
      ],
    },
  },
  {
    name: "a table in the set to train with alone",
    about: "train/labels.csv, and a test set without labels",
    make: folderOf(["train/a.png", "train/b.png", "test/a.png"], {
      "train/labels.csv": "file,label\na.png,cat\nb.png,dog\n",
    }),
    expect: { classes: ["cat", "dog"], labeled: [1, 1], unlabeled: 1, test: null },
  },
  {
    name: "two tables in a set",
    about: "which is meant must be said",
    make: folderOf(["train/a.png", "train/b.png", "test/a.png"], {
      "train/labels.csv": "file,label\na.png,cat\nb.png,dog\n",
      "train/boxes.csv": "file,x\na.png,1\n",
    }),
    expect: {
      refusal: /it contains 2 lists \(train\/boxes\.csv, train\/labels\.csv\)\. Choose with --labels/,
    },
  },
];
