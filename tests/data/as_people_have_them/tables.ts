/** Tables and lists of labels, as spreadsheets, scripts, competitions, hubs and other systems write them. */
import { type Case, folderOf, writeFiles } from "./case.ts";
import { picture } from "./case.ts";

const flat = ["0.png", "1.png", "2.png", "3.png"];
/** Labels of most lists here: two cats, a dog, and no label for the last picture. */
const twoCatsOneDog = { classes: ["cat", "dog"], labeled: [2, 1], unlabeled: 1, test: null };
const said = { "0.png": "cat", "1.png": "dog", "2.png": "cat", "3.png": null };

/** A list of four pictures, which must be read as two cats and a dog. */
function listed(
  name: string,
  about: string,
  contents: string | Uint8Array,
  more: {
    readonly file?: string;
    readonly notes?: RegExp[];
    readonly options?: NonNullable<Case["options"]>;
  } = {},
): Case {
  return {
    name: `list: ${name}`,
    about,
    make: folderOf(flat, { [more.file ?? "labels.csv"]: contents }),
    ...(more.options && { options: more.options }),
    expect: { ...twoCatsOneDog, labels: said, ...(more.notes && { notes: more.notes }) },
  };
}

/** A list of four pictures that must be refused. */
function refused(name: string, about: string, contents: string, refusal: RegExp, file = "labels.csv"): Case {
  return { name: `list: ${name}`, about, make: folderOf(flat, { [file]: contents }), expect: { refusal } };
}

const utf16 = (text: string, isLittle: boolean) => {
  const bytes = new Uint8Array(2 * text.length), view = new DataView(bytes.buffer);
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), isLittle);
  return bytes;
};

const regression: Case[] = [
  listed(
    "byte order mark, CRLF and semicolons",
    "a spreadsheet set to German, Excel on Windows",
    "\ufefffile;label\r\n0.png;cat\r\n1.png;dog\r\n2.png;cat\r\n",
  ),
  listed(
    "UTF-16",
    "Excel's Unicode text",
    utf16("\ufefffile\tlabel\r\n0.png\tcat\r\n1.png\tdog\r\n2.png\tcat\r\n", true),
    {
      file: "labels.tsv",
    },
  ),
  listed(
    "UTF-16, big-endian",
    "other systems' Unicode text",
    utf16("\ufefffile,label\n0.png,cat\n1.png,dog\n2.png,cat\n", false),
  ),
  listed(
    "quoted commas and line breaks",
    "a comment with commas",
    'file,note,label\n0.png,"a, b",cat\n1.png,"c\nd",dog\n2.png,"say ""x""",cat\n',
  ),
  listed("tabs", "a TSV file", "file\tlabel\n0.png\tcat\n1.png\tdog\n2.png\tcat\n", { file: "labels.tsv" }),
  listed(
    "old Macintosh line ends",
    "Excel's CSV for Macintosh",
    "file,label\r0.png,cat\r1.png,dog\r2.png,cat\r",
  ),
  listed("blanks around", "typed by hand", "file , label\n0.png , cat \n 1.png,dog\t\n2.png  ,cat\n"),
  listed(
    "lines twice",
    "two exports put together",
    "file,label\n0.png,cat\n1.png,dog\n0.png,cat\n2.png,cat\n2.png,cat\n",
  ),
  listed(
    "lines that say two classes",
    "two people labelled, and did not agree",
    "file,label\n0.png,cat\n1.png,dog\n2.png,cat\n3.png,cat\n3.png,dog\n",
    {
      notes: [
        /^labels\.csv gives different classes for 1 image, which is left unlabelled: 3\.png \(line 5 cat, line 6 dog\)$/,
      ],
    },
  ),
  listed("lines of words", "a text file with blanks", "0.png cat\n1.png dog\n2.png cat\n", {
    file: "labels.txt",
  }),
];

/** A list with a column of sets. */
function withSets(
  name: string,
  about: string,
  contents: string,
  expect: Case["expect"],
  file = "labels.csv",
): Case {
  return {
    name: `sets: ${name}`,
    about,
    make: folderOf([...flat, "4.png", "5.png", "6.png"], { [file]: contents }),
    expect,
  };
}

const words = ["cat", "dog"];
const rowsOf = (...sets: string[]) => sets.map((set, i) => `${i}.png,${words[i % 2]},${set}\n`).join("");

const sets: Case[] = [
  withSets(
    "column split with train, val and test",
    "a table of a published data set: val is tested on, and test is named",
    `file,label,split\n${rowsOf("train", "train", "train", "val", "val", "test")}`,
    {
      classes: words,
      labeled: [2, 1],
      unlabeled: 1,
      test: [1, 1],
      labels: { "0.png": "cat", "6.png": null },
      notes: [
        /^sets are given by column split of labels\.csv: 3 labelled images for training, 2 of val for testing; 1 of test is ignored$/,
      ],
    },
  ),
  ...(["subset", "set", "fold", "partition", "Data Split", "SPLIT"].map((column, i) =>
    withSets(
      `column ${column} in other words`,
      "the same in the words of others, in any case",
      `${column},file,label\n${
        [["Training", "VALIDATION"], ["TRAIN", "Valid"], ["training", "testing"], ["Train", "test"], [
          "train",
          "dev",
        ], ["train", "TEST"]][i]!
          .flatMap((word) => [word, word]).map((set, k) => `${set},${k}.png,${words[k % 2]}\n`).join("")
      }`,
      {
        classes: words,
        labeled: [1, 1],
        unlabeled: 3,
        test: [1, 1],
        notes: [
          new RegExp(
            `^sets are given by column ${column} of labels\\.csv: 2 labelled images for training, 2 of (val|test) for testing$`,
          ),
        ],
      },
    )
  )),
  withSets(
    "unlabeled rows, rows without a set",
    "semi-supervised data: a set without labels; what is in no set is trained with",
    `file,label,split\n${rowsOf("train", "train", "unlabeled", "", "test", "test")}`,
    {
      classes: words,
      labeled: [1, 2],
      unlabeled: 2,
      test: [1, 1],
      labels: { "2.png": null, "3.png": "dog" },
      notes: [
        /^sets are given by column split of labels\.csv: 3 labelled images for training, 1 unlabelled, 2 of test for testing$/,
      ],
    },
  ),
  withSets(
    "numbers of folds",
    "cross-validation: numbers say no sets, and it is said",
    `file,label,fold\n${rowsOf("0", "1", "2", "3", "4", "0")}`,
    {
      classes: words,
      labeled: [3, 3],
      unlabeled: 1,
      test: null,
      notes: [
        /^column fold of labels\.csv is ignored: its values \(0, 1, 2, 3, 4\) are not sets such as train, val and test$/,
      ],
    },
  ),
  withSets(
    "words of which only some are sets",
    "whether gallery is to be trained with cannot be known",
    `file,label,split\n${rowsOf("train", "train", "gallery", "query", "test", "test")}`,
    {
      refusal:
        /labels\.csv: values of column split must be train, val, test or unlabeled, but line 4 has "gallery"/,
    },
  ),
  withSets(
    "an image in two sets",
    "a leak: it is in training and in the test set",
    `file,label,split\n${rowsOf("train", "train", "train", "test", "test")}2.png,cat,test\n`,
    {
      classes: words,
      labeled: [1, 1],
      unlabeled: 3,
      test: [1, 1],
      notes: [
        /^sets are given by column split of labels\.csv: 2 labelled images for training, 2 of test for testing$/,
        /^labels\.csv gives different sets for 1 image, which is left unlabelled: 2\.png \(line 4 train, line 7 test\)$/,
      ],
    },
  ),
  withSets(
    "a test set without labels",
    "a competition: rows of test say no class, and are trained with as they are",
    "id,label,set\n0,cat,train\n1,dog,train\n2,,test\n3,,test\n",
    {
      classes: words,
      labeled: [1, 1],
      unlabeled: 5,
      test: null,
      notes: [
        /^sets are given by column set of labels\.csv: 2 labelled images for training; 2 of test have no label and are used as unlabelled training images$/,
        /^2 lines of labels\.csv have no label: empty 2$/,
      ],
    },
  ),
  withSets(
    "a class that only the test set has",
    "a table cut in the wrong place",
    "file,label,split\n0.png,cat,train\n1.png,dog,train\n2.png,cow,test\n3.png,cat,test\n",
    { refusal: /labels\.csv: class cow of test does not occur in the training images/ },
  ),
  {
    name: "sets: pictures in folders of sets that a list labels",
    about:
      "train/ and val/ with pictures, and a list of all: val is tested on though the list has no such column",
    make: folderOf(["train/0.png", "train/1.png", "train/2.png", "val/3.png", "val/4.png"], {
      "labels.csv": "file,label\ntrain/0.png,cat\ntrain/1.png,dog\nval/3.png,cat\nval/4.png,dog\n",
    }),
    expect: {
      classes: words,
      labeled: [1, 1],
      unlabeled: 1,
      test: [1, 1],
      notes: [/^sets are given by folders: 2 labelled images for training, 2 of val for testing$/],
    },
  },
  {
    name: "sets: a list beside folders of sets and classes",
    about: "some labels of train/CLASS, which are to be used: val/CLASS stays the test set",
    make: folderOf([
      "train/cat/0.png",
      "train/dog/1.png",
      "train/dog/2.png",
      "val/cat/3.png",
      "val/dog/4.png",
    ], {
      "some.txt": "train/cat/0.png cat\ntrain/dog/1.png dog\n",
    }),
    options: { labels: ["some.txt"] },
    expect: { classes: words, labeled: [1, 1], unlabeled: 1, test: [1, 1] },
  },
];

const everyMarker = [
  "",
  "NA",
  "N/A",
  "n/a",
  "nan",
  "NaN",
  "null",
  "NULL",
  "none",
  "None",
  "?",
  "-",
  "unlabeled",
  "Unlabelled",
  "-1",
  "-1.0",
  "<NA>",
  "#N/A",
];

const missing: Case[] = [
  {
    name: "missing: every marker",
    about: "what spreadsheets, pandas, R and labelling tools write for nothing",
    make: folderOf([...flat, ...everyMarker.map((_, i) => `none-${i}.png`)], {
      "labels.csv": `file,label\n0.png,cat\n1.png,dog\n2.png,cat\n${
        everyMarker.map((marker, i) => `none-${i}.png,${marker}\n`).join("")
      }`,
    }),
    expect: {
      classes: words,
      labeled: [2, 1],
      unlabeled: 1 + everyMarker.length,
      test: null,
      notes: [
        /^18 lines of labels\.csv have no label: empty 1, NA 1, .*, <NA> 1, #N\/A 1\. --missing sets the words that mean unlabelled$/,
      ],
    },
  },
  listed(
    "a suggestion that was left as ?",
    "train, suggest, label some of them",
    "0.png cat\n1.png dog\n2.png cat\n3.png ?\n",
    {
      file: "labels.txt",
      notes: [/^1 line of labels\.txt has no label: \? 1\./],
    },
  ),
  {
    name: "missing: a class that is called none",
    about: "none is a class, as --missing says",
    make: folderOf(flat, { "labels.csv": "file,label\n0.png,none\n1.png,defect\n2.png,NA\n" }),
    options: { missing: ["NA"] },
    expect: {
      classes: ["defect", "none"],
      labeled: [1, 1],
      unlabeled: 2,
      test: null,
      notes: [/^1 line of labels\.csv has no label: NA 1\./],
    },
  },
  {
    name: "missing: classes −1 and 1",
    about:
      "the two classes of a support vector machine: what was taken for nothing is said where it leaves one class",
    make: folderOf(flat, { "labels.csv": "file,label\n0.png,-1\n1.png,1\n2.png,-1\n" }),
    expect: {
      refusal:
        /at least two classes are needed, but it has 1; 2 lines of labels\.csv have no label: -1 2\. --missing sets/,
    },
  },
];

const composed = "Münze-é.png".normalize("NFC"), decomposed = composed.normalize("NFD");

/** Pictures in a folder and one below, and a list that names them in another way. */
function named(
  name: string,
  about: string,
  names: readonly string[],
  rows: readonly string[],
  notes: RegExp[],
  labeled = [2, 1],
): Case {
  const classes = ["cat", "dog", "cat"];
  return {
    name: `names: ${name}`,
    about,
    make: folderOf(names, {
      "labels.csv": `file,label\n${rows.map((row, i) => `"${row}",${classes[i]}\n`).join("")}`,
    }),
    expect: {
      classes: words,
      labeled,
      unlabeled: names.length - labeled.reduce((a, b) => a + b),
      test: null,
      notes,
    },
  };
}

const below = ["set/0.png", "set/1.png", "set/2.png"];
const byEnd = (
  start: string,
  count = 3,
) => [
  new RegExp(
    `^${count} lines of labels\\.csv match images by the end of their paths; the beginning, ${start}, is ignored$`,
  ),
];

const names: Case[] = [
  named("composed in the list, decomposed on disk", "unpacked by macOS", [decomposed, "1.png", "2.png"], [
    composed,
    "1.png",
    "2.png",
  ], [
    /^1 line of labels\.csv matches an image despite another Unicode form: line 2 \(Münze-é\.png\)$/,
  ]),
  named("decomposed in the list, composed on disk", "a list made on macOS", [composed, "1.png", "2.png"], [
    decomposed,
    "1.png",
    "2.png",
  ], [
    /^1 line of labels\.csv matches an image despite another Unicode form/,
  ]),
  named("folders in another Unicode form, without the ending", "Korean syllables", [
    "한글/0.png".normalize("NFD"),
    "1.png",
    "2.png",
  ], [
    "한글/0".normalize("NFC"),
    "1",
    "2",
  ], [/^1 line of labels\.csv matches an image despite another Unicode form/]),
  named("another case", "copied from a camera's card by Windows", ["IMG_0.PNG", "img_1.png", "Img_2.png"], [
    "img_0.png",
    "IMG_1.PNG",
    "Img_2.png",
  ], [
    /^2 lines of labels\.csv match images despite another case: line 2 \(img_0\.png\), line 3 \(IMG_1\.PNG\)$/,
  ]),
  named(
    "another case that fits two",
    "names that differ by case only: the exact one counts, another is none",
    ["a.png", "A.PNG", "b.png", "c.png"],
    [
      "a.png",
      "b.png",
      "A.png",
    ],
    [/^1 line of labels\.csv may mean several images, and none of these is labelled: line 4 \(A\.png\)/],
    [1, 1],
  ),
  named("Windows paths of another machine", "made on Windows, with the folder's name", below, [
    "C:\\Users\\me\\set\\0.png",
    "C:\\Users\\me\\set\\1.png",
    "C:\\Users\\me\\set\\2.png",
  ], byEnd("C:/Users/me")),
  named("Windows paths of a folder called otherwise", "the same, put elsewhere", below, [
    "D:\\old\\0.png",
    "D:\\old\\1.png",
    "D:\\old\\2.png",
  ], byEnd("D:/old")),
  named("paths with backslashes", "relative ones of Windows", below, [
    "set\\0.png",
    ".\\set\\1.png",
    "..\\set\\2.png",
  ], []),
  named("paths below another folder", "the folder that they were in is not here", flat.slice(0, 3), [
    "set\\0.png",
    "set\\1.png",
    "set\\2.png",
  ], byEnd("set")),
  named("file URLs", "of a labelling tool, with escapes", ["set/0 a.png", "set/1.png", "set/2.png"], [
    "file:///home/me/set/0%20a.png",
    "file:///home/me/set/1.png",
    "file:///home/me/set/2.png",
  ], byEnd("file:///home/me")),
  named("addresses of a store", "s3 and https", below, [
    "s3://bucket/data/set/0.png",
    "s3://bucket/data/set/1.png",
    "s3://bucket/data/set/2.png?versionId=3",
  ], byEnd("s3://bucket/data")),
  named("absolute paths of another machine", "of Linux", below, [
    "/home/me/set/0.png",
    "/home/me/set/1.png",
    "/home/me/set/2.png",
  ], byEnd("/home/me")),
  named("shares of Windows", "of a server", below, [
    "\\\\server\\share\\set\\0.png",
    "\\\\server\\share\\set\\1.png",
    "\\\\server\\share\\set\\2.png",
  ], byEnd("//server/share")),
  named("paths of two machines", "two people's lists put together", below, [
    "C:\\me\\set\\0.png",
    "/home/you/set/1.png",
    "C:\\me\\set\\2.png",
  ], [
    /^3 lines of labels\.csv match images by the end of their paths; the beginning, C:\/me, \/home\/you, is ignored$/,
  ]),
  named(
    "numbers that repeat in another set which is not here",
    "a list of train and test, but only train was downloaded",
    ["train/0.png", "train/1.png", "train/2.png"],
    [
      "train/0.png",
      "train/1.png",
      "test/2.png",
    ],
    [/^1 line of labels\.csv matches no image: line 4 \(test\/2\.png\)$/],
    [1, 1],
  ),
  named(
    "the same with absolute paths",
    "as before, of another machine",
    ["train/0.png", "train/1.png", "train/2.png"],
    [
      "/data/set/train/0.png",
      "/data/set/train/1.png",
      "/data/set/test/2.png",
    ],
    [/^1 line of labels\.csv matches no image: line 4/, byEnd("/data/set", 2)[0]!],
    [1, 1],
  ),
];

const columns: Case[] = [
  listed(
    "columns id and breed",
    "a competition's table: ids without endings",
    "id,breed\n0,cat\n1,dog\n2,cat\n",
  ),
  listed(
    "columns image_path and species",
    "with semicolons",
    "image_path;species\n0.png;cat\n1.png;dog\n2.png;cat\n",
  ),
  listed(
    "the class first",
    "two columns in the other order",
    "Species,Photo\ncat,0.png\ndog,1.png\ncat,2.png\n",
  ),
  listed(
    "the class first without names of columns",
    "the same without a head",
    "cat,0.png\ndog,1.png\ncat,2.png\n",
  ),
  {
    name: "list: classes called y and n",
    about: "yes and no: the first line is no head",
    make: folderOf(flat, { "labels.csv": "0.png,y\n1.png,n\n2.png,y\n" }),
    expect: { classes: ["n", "y"], labeled: [1, 2], unlabeled: 1, test: null },
  },
  listed(
    "an index of pandas",
    "to_csv without index=False",
    ",image,species\n0,0.png,cat\n1,1.png,dog\n2,2.png,cat\n",
  ),
  listed(
    "columns that are said",
    "several that may be meant",
    "a,b,c,d\nx,0.png,cat,1\ny,1.png,dog,2\nx,2.png,cat,3\n",
    {
      options: { fileColumn: "b", labelColumn: "C" },
    },
  ),
  listed(
    "columns that are said by their numbers",
    "no names of columns",
    "0.png,0.5,cat\n1.png,0.7,dog\n2.png,0.1,cat\n",
    {
      options: { fileColumn: "1", labelColumn: "3" },
    },
  ),
  listed(
    "only the column of labels is said",
    "the files are found",
    "when,where,what,picture\n1,a,cat,0.png\n2,b,dog,1.png\n3,a,cat,2.png\n",
    {
      options: { labelColumn: "what" },
    },
  ),
  refused(
    "several columns that may be labels",
    "what is the class cannot be known",
    "file,colour,size\n0.png,red,1\n1.png,blue,2\n",
    /labels\.csv .*no column of labels.*"file", "colour", "size".*--label-column/,
  ),
  {
    name: "list: a column that is said but is not there",
    about: "a slip of the pen",
    make: folderOf(flat, { "labels.csv": "file,label\n0.png,cat\n1.png,dog\n" }),
    options: { labelColumn: "lable" },
    expect: {
      refusal:
        /--label-column must be one of the columns "file", "label" or a number from 1 to 2, but it is "lable"/,
    },
  },
  listed(
    "one column per class with 0 and 1",
    "one-hot, as competitions have it",
    "image,cat,dog\n0,1,0\n1,0,1\n2,1,0\n",
  ),
  listed(
    "one column per class with 1.0 and 0.0",
    "the same of pandas",
    "image,cat,dog,bird\n0.png,1.0,0.0,0.0\n1.png,0.0,1.0,0.0\n2.png,1.0,0.0,0.0\n",
  ),
  listed(
    "one column per class with True and False",
    "the same of pandas' get_dummies, with its index",
    ",path,cat,dog\n0,0.png,True,False\n1,1.png,False,True\n2,2.png,True,False\n",
  ),
  listed(
    "one column per class, several or none in some rows",
    "what several labelling tools export",
    "filename, cat, dog, bird\n0.png,1,0,0\n1.png,0,1,0\n2.png,1,0,0\n3.png,1,1,0\n",
    {
      notes: [
        /^1 line of labels\.csv has several classes and counts as unlabelled: line 5 \(3\.png: cat, dog\)$/,
      ],
    },
  ),
  listed(
    "one column per class, none in some rows",
    "nothing was seen",
    "filename,cat,dog\n0.png,1,0\n1.png,0,1\n2.png,1,0\n3.png,0,0\n",
    {
      notes: [/^1 line of labels\.csv has no label: empty 1$/],
    },
  ),
  {
    name: "list: one column per class with a column of sets",
    about: "both at once",
    make: folderOf(flat, { "labels.csv": "image,cat,dog,split\n0,1,0,train\n1,0,1,train\n2,1,0,test\n" }),
    expect: {
      classes: words,
      labeled: [1, 1],
      unlabeled: 1,
      test: [1, 0],
      notes: [
        /^sets are given by column split of labels\.csv: 2 labelled images for training, 1 of test for testing$/,
      ],
    },
  },
];

const jsonLines = (...rows: unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

const json: Case[] = [
  listed(
    "JSON lines of a hub",
    "metadata.jsonl, found by itself",
    jsonLines(
      { file_name: "0.png", label: "cat" },
      { file_name: "1.png", label: "dog" },
      { file_name: "2.png", label: "cat" },
    ),
    { file: "metadata.jsonl" },
  ),
  listed(
    "a table of a hub",
    "metadata.csv, found by itself",
    "file_name,label\n0.png,cat\n1.png,dog\n2.png,cat\n",
    { file: "metadata.csv" },
  ),
  listed(
    "JSON lines with other keys in any order",
    "other tools",
    jsonLines(
      { species: "cat", where: { x: 1 }, image: "0.png" },
      { image: "1.png", species: "dog", where: null },
      { image: "2.png", species: "cat", where: [] },
    ),
    { file: "labels.ndjson", options: { labelColumn: "species" } },
  ),
  listed(
    "JSON lines with null, without a key and with lists",
    "labels of some",
    jsonLines(
      { file_name: "0.png", label: ["cat"] },
      { file_name: "1.png", label: "dog" },
      { file_name: "2.png", label: "cat" },
      { file_name: "3.png", label: null },
    ),
    { file: "metadata.jsonl", notes: [/^1 line of metadata\.jsonl has no label: empty 1$/] },
  ),
  listed(
    "JSON lines with several classes of an image",
    "multi-label data",
    jsonLines(
      { file_name: "0.png", label: "cat" },
      { file_name: "1.png", label: "dog" },
      { file_name: "2.png", label: "cat" },
      { file_name: "3.png", label: ["cat", "dog"] },
    ),
    {
      file: "metadata.jsonl",
      notes: [
        /^1 line of metadata\.jsonl has several classes and counts as unlabelled: line 4 \(3\.png: cat, dog\)$/,
      ],
    },
  ),
  {
    name: "list: JSON lines with numbers and sets",
    about: "class indices of a hub",
    make: folderOf(flat, {
      "metadata.jsonl": jsonLines(
        { file_name: "0.png", label: 10, split: "train" },
        { file_name: "1.png", label: 9, split: "train" },
        { file_name: "2.png", label: 9, split: "test" },
      ),
    }),
    expect: {
      classes: ["9", "10"],
      labeled: [1, 1],
      unlabeled: 1,
      test: [1, 0],
      notes: [
        /^sets are given by column split of metadata\.jsonl: 2 labelled images for training, 1 of test for testing$/,
      ],
    },
  },
  refused(
    "a broken JSON line",
    "cut off while written",
    `${jsonLines({ file_name: "0.png", label: "cat" })}{"file_name": "1.p`,
    /metadata\.jsonl: .*line 2/,
    "metadata.jsonl",
  ),
  refused(
    "JSON lines that are no objects",
    "a list",
    '["0.png", "cat"]\n["1.png", "dog"]\n',
    /metadata\.jsonl: each line must be a JSON object.*line 1/,
    "metadata.jsonl",
  ),
];

/** Two lists, the second given after the first. */
function several(name: string, about: string, lists: Record<string, string>, expect: Case["expect"]): Case {
  return {
    name: `several lists: ${name}`,
    about,
    make: (directory) =>
      writeFiles(directory, {
        ...Object.fromEntries([...flat, "4.png"].map((file, i) => [file, picture(i)])),
        ...lists,
      }),
    options: { labels: Object.keys(lists) },
    expect,
  };
}

const lists: Case[] = [
  several("labels and suggestions", "train, suggest, label, train again", {
    "labels.txt": "0.png cat\n1.png dog\n",
    "suggestions.txt": "2.png cat\n3.png ?\n",
  }, {
    classes: words,
    labeled: [2, 1],
    unlabeled: 2,
    test: null,
    labels: { "2.png": "cat", "3.png": null },
    notes: [/^1 line of suggestions\.txt has no label: \? 1\./],
  }),
  several("of several kinds", "a table, lines and JSON lines", {
    "a.csv": "file,label\n0.png,cat\n",
    "b.txt": "1.png dog\n",
    "c.jsonl": '{"file_name":"2.png","label":"cat"}\n',
  }, { classes: words, labeled: [2, 1], unlabeled: 2, test: null, labels: { "2.png": "cat" } }),
  several("that contradict each other", "somebody changed their mind", {
    "a.txt": "0.png cat\n1.png dog\n2.png cat\n",
    "b.txt": "2.png dog\n3.png dog\n",
  }, {
    classes: words,
    labeled: [1, 2],
    unlabeled: 2,
    test: null,
    labels: { "2.png": null },
    notes: [
      /^a\.txt, b\.txt give different classes for 1 image, which is left unlabelled: 2\.png \(line 3 of a\.txt cat, line 1 of b\.txt dog\)$/,
    ],
  }),
  several("of which one says ? of what the other knows", "an older list of suggestions", {
    "old.txt": "2.png ?\n0.png cat\n",
    "new.txt": "2.png cat\n1.png dog\n0.png ?\n",
  }, {
    classes: words,
    labeled: [2, 1],
    unlabeled: 2,
    test: null,
    notes: [/^1 line of old\.txt has no label: \? 1\./, /^1 line of new\.txt has no label: \? 1\./],
  }),
];

/** Cases of tables and lists. */
export const cases: Case[] = [...regression, ...sets, ...missing, ...names, ...columns, ...json, ...lists];
