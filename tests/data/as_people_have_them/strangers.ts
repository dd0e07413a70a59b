/** Folders of newcomers: other languages, results of earlier commands among the data, files of other kinds. */
import { npyFile } from "../npy_writer.ts";
import { type Case, folderOf, writeFiles } from "./case.ts";

/** A cat and a dog in some folders. */
const inEach = (...folders: readonly string[]) =>
  folders.flatMap((folder) => [`${folder}/cat/1.png`, `${folder}/dog/1.png`]);

/** Names of sets for training and testing in other languages. */
const languages: readonly (readonly [language: string, train: string, test: string])[] = [
  ["German", "Trainingsdaten", "Testdaten"],
  ["German, once more", "Training", "Validierung"],
  ["French", "entraînement", "validation"],
  ["French without accents", "entrainement", "test"],
  ["Spanish", "Entrenamiento", "Prueba"],
  ["Portuguese", "treino", "validação"],
  ["Italian", "addestramento", "validazione"],
  ["Russian", "обучение", "тест"],
  ["Chinese", "训练集", "测试集"],
  ["Japanese", "学習", "テスト"],
  ["Korean", "학습", "검증"],
  ["files about semi-supervised learning", "labeled", "test"],
];

/** Names for pictures without a label. */
const unlabelled = [
  "no label",
  "no_labels",
  "Not Labelled",
  "unannotated",
  "to label",
  "unsorted",
  "sin etiquetar",
];

/** Results of commands, and the note that names them. */
const outputs: readonly (readonly [name: string, files: readonly string[], note: RegExp])[] = [
  ["a run", ["config.json", "log.jsonl"], /^runs\/1 is skipped: it is a run, not data$/],
  ["features", ["features.npy", "names.json"], /^runs\/1 is skipped: it has features of pictures, not data$/],
  [
    "sorted pictures",
    [".sorted"],
    /^runs\/1 is skipped: pictures were sorted into it by predict; to use it as data/,
  ],
];

/** Folders without pictures, and the advice about what is in them. */
const others: readonly (readonly [name: string, file: string, advice: RegExp])[] = [
  ["a ZIP archive in a folder", "photos.zip", /To read the archive \S+\/photos\.zip, pass it\.$/],
  ["a tar archive", "photos.tar.gz", /Unpack \S+\/photos\.tar\.gz\.$/],
  [
    "a table of a hub",
    "train-00000-of-00001.parquet",
    /table of Arrow or Parquet: save its pictures as files/,
  ],
  ["an HDF5 file", "train.h5", /is an HDF5 file: save its pictures/],
  ["batches for Python", "data_batch_1", /holds Python objects: save its pictures/],
  ["pixels in columns", "train.csv", /a table of pixels has a column for each pixel/],
  [
    "pictures without endings",
    "cat/0",
    /it contains cat\/0; 1 file is not read: its name ends neither like a picture's/,
  ],
];

const heads: readonly (readonly [language: string, head: string])[] = [
  ["German", "Datei;Klasse;Kommentar"],
  ["French", "Fichier;Étiquette;Auteur"],
  ["Spanish", "Imagen;Categoría;Fecha"],
  ["Chinese", "文件名;标签;备注"],
  ["Japanese", "画像;ラベル;備考"],
  ["Russian", "Файл;Класс;Дата"],
];

/** A list of four pictures, by default 0.png to 3.png, of which two are cats and one is a dog. */
function listed(
  name: string,
  contents: string | Uint8Array,
  notes: readonly RegExp[] = [],
  { pictures = ["0.png", "1.png", "2.png", "3.png"], file = "labels.csv", classes = ["cat", "dog"] } = {},
): Case {
  return {
    name: `strangers: a list ${name}`,
    about: "as a spreadsheet or a tool has written it",
    make: folderOf(pictures, { [file]: contents }),
    expect: { classes, labeled: [2, 1], unlabeled: 1, test: null, notes },
  };
}

const lists: readonly Case[] = [
  ...heads.map(([language, head]) =>
    listed(`in ${language}`, `${head}\n0.png;cat;a\n1.png;dog;b\n2.png;cat;c\n`)
  ),
  listed(
    "of Excel with its line of separators",
    "sep=;\r\nfile;label\r\n0.png;cat\r\n1.png;dog\r\n2.png;cat\r\n",
  ),
  listed("with empty rows", "file;label;;\n0.png;cat;;\n1.png;dog;;\n2.png;cat;;\n;;;\n;;;\n"),
  listed(
    "of another code page",
    Uint8Array.from("file;label\n0.png;K\xe4tzchen\n1.png;dog\n2.png;K\xe4tzchen\n", (c) => c.charCodeAt(0)),
    [/^labels\.csv is not UTF-8, and is read as Windows-1252/],
    { classes: ["Kätzchen", "dog"] },
  ),
  listed("with encoded names", "file,label\na%20b/0.png,cat\n1%2B1.png,dog\n2.png,cat\n", [], {
    pictures: ["a b/0.png", "1+1.png", "2.png", "3.png"],
  }),
  listed(
    "from before the pictures were converted",
    "file,label\n0.jpg,cat\n1.jpg,dog\n2.tif,cat\n",
    [/^3 lines of labels\.csv match images despite another file ending: line 2 \(0\.jpg\)/],
  ),
  listed(
    "whose zeros a spreadsheet has removed",
    "id,label\n7,cat\n08,dog\n10.0,cat\n",
    [/^3 lines of labels\.csv match images despite another number of zeros: line 2 \(7\), line 3 \(08\), line 4 \(10\.0\)$/],
    { pictures: ["0007.png", "0008.png", "0010.png", "0011.png"] },
  ),
  listed("of numbers with missing ones, by pandas", "file,label\n0.png,1.0\n1.png,2.0\n2.png,1.0\n3.png,\n", [
    /^1 line of labels\.csv has no label: empty 1$/,
  ], { classes: ["1", "2"] }),
  listed("with numbers and names", "file,label,label_name\n0.png,0,cat\n1.png,1,dog\n2.png,0,cat\n"),
  listed(
    "of a labelling tool",
    "annotation_id,choice,created_at,image\n1,cat,2024,/data/upload/1/0.png\n2,dog,2024,/data/upload/1/1.png\n3,cat,2024,/data/upload/1/2.png\n",
    [
      /^3 lines of labels\.csv match images by the end of their paths/,
    ],
  ),
  {
    name: "strangers: a list that tells the validation set by a switch",
    about: "as a course on deep learning has its lists",
    make: folderOf(["0.png", "1.png", "2.png", "3.png"], {
      "labels.csv":
        "fname,labels,is_valid\n0.png,cat,False\n1.png,dog,False\n2.png,cat,True\n3.png,dog,True\n",
    }),
    expect: {
      classes: ["cat", "dog"],
      labeled: [1, 1],
      unlabeled: 0,
      test: [1, 1],
      notes: [
        /^sets are given by column is_valid of labels\.csv: 2 labelled images for training, 2 of val for testing$/,
      ],
    },
  },
  {
    name: "strangers: a list with several classes in a cell",
    about: "each is a class of its own, and it is said",
    make: folderOf(["0.png", "1.png", "2.png", "3.png"], {
      "labels.csv": "file,label\n0.png,cat\n1.png,dog\n2.png,cat|dog\n3.png,dog and cat\n",
    }),
    expect: {
      classes: ["cat", "cat|dog", "dog", "dog and cat"],
      labeled: [1, 1, 1, 1],
      unlabeled: 0,
      test: null,
      notes: [
        /^1 line of labels\.csv may name several classes: cat\|dog is used as a class of its own; --missing/,
      ],
    },
  },
];

const records = [{ file: "0.png", label: "cat" }, { file: "1.png", label: "dog" }, {
  file: "2.png",
  label: "cat",
}];
const boxes = (...classes: readonly (readonly [image: number, category: number])[]) => ({
  images: [0, 1, 2, 3].map((id) => ({ id, file_name: `${id}.png`, width: 9, height: 8 })),
  annotations: classes.map(([image_id, category_id], id) => ({
    id,
    image_id,
    category_id,
    bbox: [0, 0, 4, 4],
  })),
  categories: [{ id: 7, name: "cat" }, { id: 9, name: "dog" }],
});
const documents: readonly (readonly [name: string, document: unknown, notes?: readonly RegExp[]])[] = [
  ["of records", records],
  ["of records in an object", { labels: records }],
  ["of names with classes", { "0.png": "cat", "1.png": "dog", "2.png": "cat" }],
  ["of classes with names", { cat: ["0.png", "2.png"], dog: ["1.png"] }],
  ["of pairs", { labels: [["0.png", "cat"], ["1.png", "dog"], ["2.png", "cat"]] }],
  ["of COCO", boxes([0, 7], [0, 7], [1, 9], [2, 7]), [/^1 line of annotations\.json has no label: empty 1$/]],
  ["of COCO with two classes in a picture", boxes([0, 7], [1, 9], [2, 7], [3, 7], [3, 9]), [
    /^1 line of annotations\.json has several classes and counts as unlabelled: line 4 \(3\.png: cat, dog\)$/,
  ]],
];
const competition = {
  "train.csv": "id,label\n0,cat\n1,dog\n2,cat\n",
  "test.csv": "id\n3\n",
  "sample_submission.csv": "id,label\n3,cat\n",
};
const onSets = {
  classes: ["cat", "dog"],
  labeled: [1, 1],
  unlabeled: 0,
  test: [1, 1],
  notes: [/^sets are given by the names of the lists: 2 labelled images for training, 2 of val for testing$/],
};

const severalLists: readonly Case[] = [
  ...documents.map(([name, document, notes = []]) =>
    listed(`${name} in JSON`, JSON.stringify(document), notes, { file: "annotations.json" })
  ),
  {
    name: "strangers: the lists of a competition",
    about: "one has the labels, one names the pictures to predict, one shows how answers look",
    make: folderOf(["train/0.png", "train/1.png", "train/2.png", "test/3.png"], competition),
    expect: {
      classes: ["cat", "dog"],
      labeled: [2, 1],
      unlabeled: 1,
      test: null,
      notes: [
        /^sample_submission\.csv is not used as a label list: by its name/,
        /^test\.csv is not used .* no column of/,
      ],
    },
  },
  {
    name: "strangers: predictions beside class folders",
    about: "`predict … > predictions.csv` was called in the folder itself",
    make: folderOf(["cat/0.png", "dog/1.png", "2.png"], {
      "predictions.csv": "file,class,probability\ncat/0.png,dog,0.6\ndog/1.png,dog,0.7\n2.png,cat,0.9\n",
    }),
    expect: {
      classes: ["cat", "dog"],
      labeled: [1, 1],
      unlabeled: 1,
      test: null,
      notes: [
        /^1 image outside the class folders is unlabelled$/,
        /^predictions\.csv is not used as a label list: its columns are those of predictions\. To train with them, pass/,
      ],
    },
  },
  {
    name: "strangers: a table for each set",
    about: "train.csv and val.csv beside the pictures",
    make: folderOf(["0.png", "1.png", "2.png", "3.png"], {
      "train.csv": "file,label\n0.png,cat\n1.png,dog\n",
      "val.csv": "file,label\n2.png,cat\n3.png,dog\n",
    }),
    expect: onSets,
  },
  {
    name: "strangers: lines of words for each set",
    about: "as older programs have them, with folders of the sets",
    make: folderOf(["train/0.png", "train/1.png", "val/2.png", "val/3.png"], {
      "train_list.txt": "train/0.png 0\ntrain/1.png 1\n",
      "val_list.txt": "val/2.png 0\nval/3.png 1\n",
      "classes.txt": "cat\ndog\n",
    }),
    expect: { ...onSets, classes: ["0", "1"] },
  },
  {
    name: "strangers: a list of names alone beside class folders",
    about: "train.txt says nothing new",
    make: folderOf(["cat/0.png", "dog/1.png"], {
      "train.txt": "cat/0\ndog/1\n",
      "labels.json": '{"0": "cat"}',
    }),
    expect: { classes: ["cat", "dog"], labeled: [1, 1], unlabeled: 0, test: null },
  },
  ...([["labels.xlsx", /If labels\.xlsx has the labels, save it as CSV\.$/], [
    "annotations.txt",
    /If annotations\.txt is a label list, pass it by --labels\.$/,
  ]] as const).map(([file, refusal]): Case => ({
    name: `strangers: ${file} beside the pictures`,
    about: "its name is not one of those that are read without being asked for",
    make: folderOf(["0.png", "1.png"], { [file]: "0.png cat\n1.png dog\n" }),
    expect: { refusal },
  })),
];

export const cases: Case[] = [
  ...lists,
  ...severalLists,
  ...languages.map(([name, train, test]): Case => ({
    name: `strangers: sets in ${name}`,
    about: "made by people of all countries",
    make: folderOf(inEach(train, test)),
    expect: { classes: ["cat", "dog"], labeled: [1, 1], unlabeled: 0, test: [1, 1] },
  })),
  ...unlabelled.map((name): Case => ({
    name: `strangers: pictures in ${name}`,
    about: "a word of their own for unlabelled",
    make: folderOf(["cat/1.png", "dog/1.png", `${name}/2.png`]),
    expect: {
      classes: ["cat", "dog"],
      labeled: [1, 1],
      unlabeled: 1,
      test: null,
      notes: [/^the images of .* are unlabelled because of the folder's name$/],
    },
  })),
  {
    name: "strangers: labeled and unlabeled",
    about: "nothing else",
    make: folderOf([...inEach("labeled"), "unlabeled/2.png"]),
    expect: { classes: ["cat", "dog"], labeled: [1, 1], unlabeled: 1, test: null },
  },
  ...outputs.map(([name, files, note]): Case => ({
    name: `strangers: ${name} among the data`,
    about: "a command was called in the folder itself",
    make: folderOf(
      ["cat/1.png", "dog/1.png", "runs/1/embedding/sprite.png", "runs/1/cat/1.png"],
      Object.fromEntries(files.map((file) => [`runs/1/${file}`, "{}"])),
    ),
    expect: { classes: ["cat", "dog"], labeled: [1, 1], unlabeled: 0, test: null, notes: [note] },
  })),
  {
    name: "strangers: sorted pictures themselves",
    about: "corrected by hand, then trained with",
    make: folderOf(["cat/1.png", "dog/1.png"], { ".sorted": "" }),
    expect: { classes: ["cat", "dog"], labeled: [1, 1], unlabeled: 0, test: null },
  },
  {
    name: "strangers: classes in groups",
    about: "the inner folders are meant, and it is said that they are not used",
    make: folderOf([
      "animal/cat/1.png",
      "animal/dog/1.png",
      "plant/rose/1.png",
      "car/2021/1.png",
      "car/1.png",
    ]),
    expect: {
      classes: ["animal", "car", "plant"],
      labeled: [2, 2, 1],
      unlabeled: 0,
      test: null,
      notes: [/^folders in class folders are not classes of their own: animal\/ has cat, dog$/],
    },
  },
  {
    name: "strangers: files that nobody reads",
    about: "pictures without an ending, and formats that no browser shows",
    make: folderOf(["cat/1.png", "cat/2.pjpeg", "dog/1.apng", "dog/2.pjp"], {
      "cat/IMG_1": "",
      "dog/1.NEF": "II*\0",
      "dog/notes.txt": "",
      "dog/x.psd": "8BPS\0\x01",
      LICENSE: "",
    }),
    expect: {
      classes: ["cat", "dog"],
      labeled: [2, 2],
      unlabeled: 0,
      test: null,
      notes: [
        /^2 files are not read: their names end neither like a picture's .* like another known file's: cat\/IMG_1, dog\/1\.NEF$/,
        /^1 file cannot be read as an image and is left out: dog\/x\.psd \(it is a Photoshop file/,
      ],
    },
  },
  ...others.map(([name, file, advice]): Case => ({
    name: `strangers: ${name}`,
    about: "as it was downloaded",
    make: folderOf([], { [file]: "x" }),
    expect: { refusal: advice },
  })),
  ...([[64, /Save it in such a shape, such as x\.reshape\(-1, 8, 8\)$/], [
    192,
    /such as x\.reshape\(-1, 3, 8, 8\) or, if .*, x\.reshape\(-1, 8, 8, 3\)$/,
  ]] as const).map(([length, refusal]): Case => ({
    name: `strangers: rows of ${length} pixels`,
    about: "as tables have them",
    make: (directory) =>
      writeFiles(directory, {
        "images.npy": npyFile([6, length], new Array(6 * length).fill(0), "|u1"),
        "labels.npy": npyFile([6], [0, 1, 0, 1, 0, 1], "|u1"),
      }),
    expect: { refusal },
  })),
  ...["cat/1.png", "labels.csv", "x.npy"].map((path): Case => ({
    name: `strangers: ${path} as the data`,
    about: "a file was passed in the place of its folder",
    make: folderOf(["cat/1.png", "dog/2.png"], { "labels.csv": "1.png,cat\n2.png,dog\n", "x.npy": "" }),
    path,
    expect: {
      refusal: /is a file of another kind\. (Pass its folder to train|If .*label list, pass|Pass the folder)/,
    },
  })),
];
