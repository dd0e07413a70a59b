/** Readings of a user's folder: class folders, lists, arrays, skipped files and errors. */
import { basename, join } from "node:path";
import { countLabels, examineFolder, findFiles, holdOut, type UserFolder } from "../../data/files/mod.ts";
import { labelsFromFolders } from "../../data/files/folder/class_folders.ts";
import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "../assert.ts";
import { withFiles } from "./fixtures.ts";
import { npyFile } from "./npy_writer.ts";

/** Names say all here: no image is decoded, but each must begin like one, and no two may be equal. */
const beginning = (name: string) => new TextEncoder().encode(`GIF89a of ${name}`);
const filesOf = (...names: string[]) => Object.fromEntries(names.map((name) => [name, beginning(name)]));
const text = (contents: string) => new TextEncoder().encode(contents);

/** The class of every image by its name; null = no label. */
function labelsIn({ train, classes }: UserFolder): Record<string, string | null> {
  return Object.fromEntries(train.names!.map((name, i) => [name, classes[train.labels[i]!] ?? null]));
}

async function examined(files: Record<string, Uint8Array>, labels?: string | null): Promise<UserFolder> {
  let found: UserFolder | undefined;
  await withFiles(files, async (directory) => {
    found = await examineFolder(directory, {
      labels: typeof labels === "string" ? [join(directory, labels)] : labels,
    });
  });
  return found!;
}

async function refuses(
  files: Record<string, Uint8Array>,
  message: string,
  kind: new (message: string) => Error = SyntaxError,
): Promise<string> {
  let said = "";
  await withFiles(files, async (directory) => {
    const error = await assertRejects(() => examineFolder(directory), kind, message);
    said = error.message;
  });
  return said;
}

Deno.test("own folder: sub-folders are classes, unlabeled is none, hidden files and other files do not count", async () => {
  for (const unlabeled of ["unlabeled", "unlabelled", "Unlabelled"]) {
    const found = await examined(filesOf(
      "cat/1.jpg",
      "cat/deeper/still/2.JPEG",
      "dog/1.jpg",
      "dog/.hidden.png",
      "dog/notes.txt",
      ".git/x.png",
      "__MACOSX/cat/1.jpg",
      `${unlabeled}/a b.webp`,
      `${unlabeled}/more/3.png`,
    ));
    assertEquals(found.classes, ["cat", "dog"]);
    assertEquals(labelsIn(found), {
      [`${unlabeled}/a b.webp`]: null,
      [`${unlabeled}/more/3.png`]: null,
      "cat/1.jpg": "cat",
      "cat/deeper/still/2.JPEG": "cat",
      "dog/1.jpg": "dog",
    });
    assertEquals([found.test, found.testName, found.notes], [null, null, []]);
    assertEquals(found.origin, "the sub-folders are the classes");
  }
});

Deno.test("own folder: images outside the class folders are unlabelled, with a note", async () => {
  const found = await examined(filesOf("1.jpg", "2.jpg", "a/1.jpg", "b/1.jpg"));
  assertEquals(labelsIn(found), { "1.jpg": null, "2.jpg": null, "a/1.jpg": "a", "b/1.jpg": "b" });
  assertEquals(found.notes, ["2 images outside the class folders are unlabelled"]);
});

Deno.test("own folder: train/CLASS and val/CLASS, or val/CLASS beside the classes, is a test set of its own", async () => {
  for (const [prefix, test] of [["train/", "val"], ["", "val"], ["", "test"], ["train/", "validation"]]) {
    const found = await examined(
      filesOf(
        `${prefix}a/1.jpg`,
        `${prefix}b/1.jpg`,
        `${test}/b/9.jpg`,
        `${test}/a/8.jpg`,
        "unlabeled/u.jpg",
      ),
    );
    assertEquals(found.classes, ["a", "b"]);
    assertEquals(labelsIn(found), {
      [`${prefix}a/1.jpg`]: "a",
      [`${prefix}b/1.jpg`]: "b",
      "unlabeled/u.jpg": null,
    });
    assertEquals(found.testName, `${test}/`);
    assertEquals([...found.test!.names!], [`${test}/a/8.jpg`, `${test}/b/9.jpg`]);
    assertEquals([...found.test!.labels], [0, 1]);
  }
  const both = await examined(filesOf("a/1.jpg", "b/1.jpg", "val/a/2.jpg", "test/a/3.jpg"));
  assertEquals([both.testName, both.train.names], ["val/", ["a/1.jpg", "b/1.jpg"]]);
  assertEquals(both.notes, ["test/ is ignored: val/ is used for testing"]);
  const flat = await examined(filesOf("a/1.jpg", "b/1.jpg", "test/3.jpg"));
  assertEquals([flat.test, labelsIn(flat)["test/3.jpg"]], [null, null]);
  assertEquals(flat.notes, ["test/ has no class folders: its images are unlabelled"]);
  await refuses(
    filesOf("a/1.jpg", "b/1.jpg", "val/c/1.jpg"),
    "/val for testing: its class c does not occur in the training images",
  );
});

Deno.test("own folder: a class may be called train, and digits stay in the order of words", async () => {
  const vehicles = await examined(filesOf("train/1.jpg", "train/old/2.jpg", "ship/1.jpg"));
  assertEquals(labelsIn(vehicles), {
    "ship/1.jpg": "ship",
    "train/1.jpg": "train",
    "train/old/2.jpg": "train",
  });
});

Deno.test("own folder: ambiguous folders are rejected, with advice", async () => {
  const remedy = "Put labelled images into a sub-folder for each class";
  assertStringIncludes(
    await refuses(filesOf("1.jpg", "2.jpg"), "neither class folders nor a label list"),
    remedy,
  );
  await refuses(filesOf("unlabeled/1.jpg"), "it contains 1 image, but no labels");
  assertStringIncludes(
    await refuses(filesOf("a/1.jpg", "unlabeled/2.jpg"), "its only class folder is a."),
    "at least two classes are needed",
  );
  await refuses(filesOf("notes.md"), "there are no usable images or arrays; it contains notes.md");
  await refuses({}, "there are no usable images or arrays; it is empty");
  await assertRejects(() => examineFolder("/no/such/folder"), Deno.errors.NotFound, "/no/such/folder");
});

Deno.test("own folder: the list of a folder gives labels, whatever its sub-folders are called", async () => {
  const files = filesOf("2021/a.jpg", "2022/b.jpg", "2022/c.jpg", "d.jpg");
  const table = "a.jpg,cat\r\n2022/b.jpg,dog\r\nc.jpg,\r\n";
  for (
    const [name, contents] of [
      ["labels.csv", `filename,label\r\n${table}`],
      ["labels.csv", `\ufeffFile Name;Class;colour\n"a.jpg";cat;"red; brown"\n2022/b.jpg;dog\n\nc.jpg;;`],
      ["anything.tsv", `path\tcategory\na.jpg\tcat\n./2022\\b.jpg\tdog\n`],
      ["list.csv", table],
      ["list.csv", `photo,species\n${table}`],
      ["labels.csv", "id,label\na,cat\n2022/b,dog\nc,-1\n"],
      ["labels.txt", "a.jpg cat\n2022/b.jpg dog\n"],
      ["labels.txt", "a.jpg,cat\n2022/b.jpg,dog\n"],
    ] as const
  ) {
    const found = await examined({ ...files, [name]: text(contents) });
    const want = { "2021/a.jpg": "cat", "2022/b.jpg": "dog", "2022/c.jpg": null, "d.jpg": null };
    const notes = /^c(\.jpg)?,(-1)?$/m.test(contents) || contents.includes("c.jpg;;") ? 1 : 0;
    assertEquals(
      [found.classes, labelsIn(found), found.notes.length],
      [["cat", "dog"], want, notes],
      contents,
    );
    for (const note of found.notes) {
      assertMatch(note, /^1 line of \w+\.csv has no label: (empty 1$|-1 1\. )/);
    }
    assertStringIncludes(found.origin, name);
    assertEquals(found.lists, [name]);
  }
});

Deno.test("own folder: a list elsewhere is asked for, one of several must be, and numbers are sorted as such", async () => {
  const files = filesOf("img/1.png", "img/2.png", "img/3.png");
  const lists = { "a.csv": text("1.png,10\n2.png,9\n"), "b.csv": text("1.png,x\n3.png,y\n") };
  const said = await refuses({ ...files, ...lists }, "label list", RangeError);
  assertStringIncludes(said, "a.csv, b.csv). Choose with --labels.");
  const chosen = await examined({ ...files, ...lists }, "a.csv");
  assertEquals([chosen.classes, [...chosen.train.labels]], [["9", "10"], [1, 0, -1]]);
  const outside = await examined({ ...files, "more/far.csv": lists["b.csv"] }, "more/far.csv");
  assertEquals(outside.classes, ["x", "y"]);
  assertEquals(outside.lists, ["more/far.csv"]);
  const folders = filesOf("a/1.png", "b/1.png");
  const without = await examined({ ...folders, "x.csv": text("a/1.png,x\nb/1.png,y\n") }, null);
  assertEquals([without.classes, without.lists], [["a", "b"], []]);
  await assertRejects(
    () => examined(files, "none.csv"),
    Deno.errors.NotFound,
    "none.csv: the file does not exist",
  );
});

Deno.test("own folder: lines of a list that match no image or several, or give two classes, are reported with file and line", async () => {
  const files = filesOf("x/1.jpg", "y/1.jpg", "2.jpg", "3.jpg", "4.jpg");
  const list =
    'file,label\n1.jpg,a\n2.jpg,a\nnew\n"odd\nname.jpg",a\n9.jpg,b\n3.jpg,b\n2.jpg,b\n3.jpg,b\n,b\n4.jpg,a\n';
  const found = await examined({ ...files, "labels.csv": text(list) });
  assertEquals(labelsIn(found), {
    "2.jpg": null,
    "3.jpg": "b",
    "4.jpg": "a",
    "x/1.jpg": null,
    "y/1.jpg": null,
  });
  assertEquals(found.notes, [
    "1 line of labels.csv has no label: empty 1",
    "4 lines of labels.csv match no image: line 4 (new), line 5 (odd\\nname.jpg), line 7 (9.jpg), line 11 (empty)",
    "1 line of labels.csv may mean several images, and none of these is labelled: line 2 (1.jpg). Write more of their paths",
    "labels.csv gives different classes for 1 image, which is left unlabelled: 2.jpg (line 3 a, line 9 b)",
  ]);
});

Deno.test("own folder: a malformed list is rejected by name, or ignored if there are class folders", async () => {
  const flat = filesOf("1.jpg", "2.jpg");
  for (
    const [contents, message] of [
      [
        "colour,size\nred,3\n",
        "none of its lines matches an image of the folder; it lists red, and the images are 1.jpg, 2.jpg",
      ],
      [
        "file,colour,size\n1.jpg,red,3\n",
        'no column of labels, such as label or class, and no columns of 0 and 1 for each class were found among "file", "colour", "size". Choose one with --label-column',
      ],
      ["label,colour\na,red\n", "no column of file names, such as file or path, was found"],
      ["1.jpg,a,b\n", "no column of labels"],
      ["1.jpg\n2.jpg\n", "no column of labels"],
      ["", "it has no lines"],
      [
        'file,label\n1.jpg,"a\n2.jpg,b\n',
        "line 2 has an unclosed quote",
      ],
      ["file,label\n1.jpg,a\n2.jpg,a\n", "labels of at least two classes are needed, but it has a"],
      ["file,label\n1.jpg,\n2.jpg,\n", "labels of at least two classes are needed, but it has nothing"],
      ["file,label\n8.jpg,a\n9.jpg,b\n", "it lists 8.jpg, 9.jpg, and the images are 1.jpg, 2.jpg"],
    ] as const
  ) {
    const said = await refuses({ ...flat, "t.csv": text(contents) }, message, Error);
    assertStringIncludes(said, "t.csv");
  }
  const binary = Uint8Array.of(...text("file,label\n1.jpg,"), 0xe9, ...text("t\xc3\n"), 0xff, 1);
  await refuses({ ...flat, "t.csv": binary }, "t.csv: it is not text in UTF-8");
  const folders = { ...filesOf("a/1.jpg", "b/2.jpg"), "meta.csv": text("colour,size\nred,3\n") };
  const found = await examined(folders);
  assertEquals(found.classes, ["a", "b"]);
  assertStringIncludes(found.notes[0]!, "meta.csv is ignored: Cannot use meta.csv: none of its lines");
});

Deno.test("own folder: UTF-16 of spreadsheets is read", async () => {
  const contents = "\ufefffile\tlabel\n1.jpg\tä\n2.jpg\tb\n";
  const bytes = new Uint8Array(Uint16Array.from(contents, (letter) => letter.charCodeAt(0)).buffer);
  const found = await examined({ ...filesOf("1.jpg", "2.jpg"), "labels.tsv": bytes });
  assertEquals(labelsIn(found), { "1.jpg": "ä", "2.jpg": "b" });
});

Deno.test({
  name: "own folder: names with blanks, line breaks and any letters are read, listed and shown in one line",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const strange = ["a b.png", "line\nbreak.png", "täst – 日本.png", '"quoted".png', "tab\tx.png", "-x.png"];
    const files = filesOf(...strange.map((name, i) => `${i % 2 ? "odd\nones" : "Even ones"}/${name}`));
    const found = await examined(files);
    assertEquals(found.classes, ["Even ones", "odd\nones"]);
    assertEquals(found.train.names!.map((name) => basename(name)).sort(), strange.toSorted());
    const list = 'file,label\n"line\nbreak.png",x\n"""quoted"".png",y\ntäst – 日本.png,x\n';
    const listed = await examined({ ...filesOf(...strange), "labels.csv": text(list) });
    assertEquals(labelsIn(listed), {
      ...Object.fromEntries(strange.map((name) => [name, null])),
      "line\nbreak.png": "x",
      '"quoted".png': "y",
      "täst – 日本.png": "x",
    });
  },
});

Deno.test({
  name: "own folder: links are followed, but not in circles; what leads nowhere is passed over by name",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFiles(filesOf("data/a/1.jpg", "data/b/2.jpg", "far/3.jpg"), async (directory) => {
      const data = join(directory, "data");
      await Deno.symlink(data, join(data, "a/loop"));
      await Deno.symlink("itself", join(data, "itself"));
      await Deno.symlink(join(directory, "nowhere"), join(data, "b/gone"));
      await Deno.symlink(join(directory, "far"), join(data, "unlabeled"));
      const found = await examineFolder(data);
      assertEquals(labelsIn(found), { "a/1.jpg": "a", "b/2.jpg": "b", "unlabeled/3.jpg": null });
      assertEquals(found.notes.length, 3);
      assertEquals(found.notes[0], "a/loop is skipped: it is a link to a folder around it");
      assertStringIncludes(found.notes[1]!, "b/gone is skipped: ");
      assertStringIncludes(found.notes[2]!, "itself is skipped: ");
    }),
});

Deno.test({
  name: "own folder: folders that all have links to each other are not walked in every order",
  ignore: Deno.build.os === "windows",
  fn: () => {
    const names = Array.from("abcdefghij");
    return withFiles(filesOf(...names.map((name) => `${name}/1.jpg`)), async (directory) => {
      for (const from of names) {
        for (const to of names) {
          if (from !== to) await Deno.symlink(join(directory, to), join(directory, from, `to_${to}`));
        }
      }
      const { images } = await findFiles(directory);
      // Each once by its own path, and once by the first link to it.
      assert(images.length <= 2 * names.length, `${images.length} images`);
      assertEquals(
        images.filter((path) => path.length === "a/1.jpg".length),
        names.map((name) => `${name}/1.jpg`),
      );
    });
  },
});

Deno.test("own folder: a folder of 200 000 images is listed, and each gets its label", async () => {
  const list = Deno.readDirSync;
  await withFiles(filesOf("a/1.png", "b/1.png"), async (directory) => {
    // Names say all, and making so many files takes minutes on some disks.
    Deno.readDirSync = function* (path) {
      yield* list(path);
      for (let i = 0; i < 200_000 && `${path}`.endsWith("/b"); i++) {
        yield { name: `${1_000_000 + i}.png`, isFile: true, isDirectory: false, isSymlink: false };
      }
    };
    try {
      const { train, classes } = labelsFromFolders(await findFiles(directory), directory)!;
      assertEquals([train.names.length, countLabels(train.labels, classes.length)], [200_002, [1, 200_001]]);
    } finally {
      Deno.readDirSync = list;
    }
  });
});

Deno.test("hold out: held-out examples leave the training set, with their names and labels", async () => {
  const files = filesOf("a/1.jpg", "a/2.jpg", "b/1.jpg", "unlabeled/u.jpg");
  const { train, test } = holdOut(await examined(files), Int32Array.of(1, 2));
  assertEquals([train.names, [...train.labels]], [["a/1.jpg", "unlabeled/u.jpg"], [0, -1]]);
  assertEquals([test!.names, [...test!.labels]], [["a/2.jpg", "b/1.jpg"], [0, 1]]);
  const arrays = await examined({
    "x.npy": npyFile([3, 1, 2], [1, 2, 3, 4, 5, 6], "|u1"),
    "y.npy": npyFile([3], [0, 1, 1], "|u1"),
  });
  const parts = holdOut(arrays, Int32Array.of(1));
  assert("images" in parts.train && parts.test && "images" in parts.test);
  assertEquals([[...parts.train.images], parts.train.names], [[1, 2, 5, 6], ["train/00000", "train/00002"]]);
  assertEquals([[...parts.test.images], parts.test.names], [[3, 4], ["train/00001"]]);
});

Deno.test("own folder: of paths that cannot exist, the reason is said", async () => {
  for (
    const [path, hint] of [
      ["https://example.org/photos", "does not exist. It is an address: download it"],
      ["~/photos", "does not exist. A shell replaces ~ only at the start"],
      ["'photos'", "does not exist. Leave out the quotes"],
    ] as const
  ) await assertRejects(() => examineFolder(path), Deno.errors.NotFound, hint);
});
