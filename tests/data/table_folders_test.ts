/** Tables of pixels in folders and archives, as training, prediction and labels of arrays find them. */
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { examineFolder, type ExamineOptions, isPixelTable, readArrayImages } from "../../data/files/mod.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { png, withFiles } from "./fixtures.ts";
import { zipFile } from "./zip_writer.ts";

const encode = (contents: string) => new TextEncoder().encode(contents);
const names = Array.from({ length: 64 }, (_, at) => `pixel${at}`);
const row = (image: number, most = 255) =>
  Array.from({ length: 64 }, (_, at) => (at * 37 + image) % (most + 1));
/** A table of 8×8 images with these labels, the first image having this number; without labels if null. */
const table = (labels: readonly (string | number | null)[], first: number, most?: number) =>
  encode(
    [labels[0] === null ? names : ["label", ...names]].concat(
      labels.map((
        label,
        i,
      ) => [...(label === null ? [] : [`${label}`]), ...row(first + i, most).map(String)]),
    ).join("\n"),
  );
const digits = { "train.csv": table([7, 3, "", 7], 0), "test.csv": table([null, null], 4) };
const submission = { "sample_submission.csv": encode("ImageId,Label\n1,0\n2,0\n") };

/** Examines files in a folder, or one of the files. */
async function examined(files: Record<string, Uint8Array>, path = "", options: ExamineOptions = {}) {
  const found: Awaited<ReturnType<typeof examineFolder>>[] = [];
  await withFiles(files, async (directory) => {
    const labels = options.labels?.map((name) => join(directory, name));
    found.push(await examineFolder(join(directory, path), { ...options, labels }));
  });
  const [folder] = found;
  assert(folder);
  const { train, test, classes, testName, notes, origin } = folder;
  assert("images" in train && (test === null || "images" in test));
  const named = (labels: Int32Array) => Array.from(labels, (label) => classes[label] ?? null);
  return {
    firsts: [...train.images].filter((_, i) => i % 64 === 0),
    labels: named(train.labels),
    test: test &&
      { firsts: [...test.images].filter((_, i) => i % 64 === 0), labels: named(test.labels), testName },
    notes,
    origin,
  };
}

Deno.test("table folders: a labelled table, and one without labels, plain, gzipped and in an archive", async () => {
  const wanted = {
    firsts: [0, 1, 2, 3, 4, 5],
    labels: ["7", "3", null, "7", null, null],
    test: null,
  };
  const gzipped = Object.entries(digits).map(([name, data]) =>
    [`${name}.gz`, new Uint8Array(gzipSync(data))] as const
  );
  const packed = zipFile(Object.entries(digits).map(([name, data]) => ({ name: `archive/${name}`, data })));
  for (
    const [files, path] of [
      [{ ...digits, ...submission }, ""],
      [Object.fromEntries(gzipped), ""],
      [{ "data.zip": packed }, "data.zip"],
    ] as const
  ) {
    const { notes, origin, ...found } = await examined(files, path);
    assertEquals(found, wanted);
    assertEquals(notes.includes("sample_submission.csv is ignored"), "sample_submission.csv" in files);
    assert(origin.includes("2 images of test.csv"), origin);
  }
  assertEquals((await examined(digits, "train.csv")).labels, ["7", "3", null, "7"]);
});

Deno.test("table folders: sets are told apart by names of files, of folders, and by a column", async () => {
  const wanted = {
    firsts: [0, 1],
    labels: ["7", "3"],
    test: { firsts: [9], labels: ["3"] },
  };
  const train = table([7, 3], 0), test = table([3], 9), list = (image: number) => row(image).join(" ");
  for (
    const [files, testName] of [
      [{ "mnist_train.csv": train, "mnist_test.csv": test }, "mnist_test.csv"],
      [{ "a_train/a_train.csv": train, "a_test/a_test.csv": test }, "a_test/a_test.csv"],
      [{ "digits.tra": train, "digits.tes": test }, "digits.tes"],
      [{ "train/x.csv": train, "test/x.csv": test }, "test/x.csv"],
      [{
        "fer.csv": encode(
          `emotion,pixels,Usage\n7,${list(0)},Training\n3,${list(9)},PrivateTest\n7,${
            list(5)
          },PublicTest\n3,${list(1)},Training`,
        ),
      }, "fer.csv (test)"],
    ] as const
  ) {
    const { firsts, labels, test } = await examined({ ...files });
    assertEquals({ firsts, labels, test }, { ...wanted, test: { ...wanted.test, testName } });
  }
});

Deno.test("table folders: pictures without labels beside tables are not used, and label lists add labels", async () => {
  const picture = new Uint8Array(png(9, 9, (x, y) => x + y));
  const { labels, notes } = await examined({ ...digits, "example.png": picture });
  assertEquals(labels, ["7", "3", null, "7", null, null]);
  assert(notes.includes("1 picture beside tables of pixels is not used"), `${notes}`);
  const list = encode("train/00004\t3\ntrain/00000\t7\n");
  assertEquals((await examined({ ...digits, "list.txt": list }, "", { labels: ["list.txt"] })).labels, [
    "7",
    null,
    null,
    null,
    "3",
    null,
  ]);
});

Deno.test("table folders: tables never stand in for labels of pictures that are wrong", async () => {
  const pictures = Object.fromEntries(
    ["cat_1.png", "dog_2.png"].map((name, i) => [name, new Uint8Array(png(9, 9, (x, y) => x + y + i))]),
  );
  await assertRejects(
    () => examined({ ...digits, ...pictures }, "", { labelPattern: "^(bird)" }),
    RangeError,
    "it matches none of 2 names",
  );
  const list = encode("file,label\nbird_1.png,cat\nbird_2.png,dog\n");
  await assertRejects(
    () => examined({ ...digits, ...pictures, "labels.csv": list }),
    RangeError,
    "labels.csv",
  );
});

Deno.test("table folders: names of another table's images in a label list are not those of training images", async () => {
  const options = { labels: ["list.txt"] };
  for (const other of ["digits/test.csv/00000", "test/00000", "x_test.npy/00000"]) {
    const files = { ...digits, "list.txt": encode(`${other}\t3\ntrain/00001\t7\n00003\t3\n`) };
    const { labels, notes } = await examined(files, "", options);
    assertEquals(labels, [null, "7", null, "3", null, null], `${notes}`);
    const only = { ...digits, "list.txt": encode(`${other}\t3\n${other.replace(/0$/, "1")}\t7\n`) };
    await assertRejects(() => examined(only, "", options), RangeError, "match");
  }
});

Deno.test("table folders: digits from 0 to 16 are scaled, and a range that is unclear is refused", async () => {
  const { firsts, notes } = await examined({ "digits.csv": table([0, 1], 8, 16) });
  assertEquals(firsts, [Math.round(8 * 255 / 16), Math.round(9 * 255 / 16)]);
  assert(notes.some((note) => note.startsWith("values of digits.csv range from 0 to 16")), `${notes}`);
  await assertRejects(
    () => examined({ "digits.csv": table([0, 1], 8, 15) }),
    RangeError,
    "but the largest is 15",
  );
});

Deno.test("table folders: images to classify have the names that label lists use", async () => {
  await withFiles({ ...digits, "labels.csv": encode("file,label\n1.png,cat\n") }, async (directory) => {
    const namesIn = async (path: string) =>
      (await readArrayImages(join(directory, path))).flatMap(({ names }) =>
        names.map((name) => name.slice(directory.length + 1))
      );
    assertEquals(await namesIn("test.csv"), ["test.csv/00000", "test.csv/00001"]);
    assertEquals((await namesIn("train.csv")).slice(2), ["train.csv/train/00002", "train.csv/train/00003"]);
    assertEquals(
      (await namesIn(".")).map((name) => name.slice(-11)),
      [0, 1, 2, 3, 4, 5].map((i) => `train/0000${i}`),
    );
    await assertRejects(() => namesIn("labels.csv"), SyntaxError, "it has neither images nor arrays");
    assertEquals(
      [await isPixelTable(join(directory, "test.csv")), await isPixelTable(join(directory, "labels.csv"))],
      [true, false],
    );
  });
});

Deno.test("table folders: tables that cannot be used are refused by name", async () => {
  const cases: [Record<string, Uint8Array>, string, string][] = [
    [
      { "test.csv": table([null], 0) },
      "",
      "or a table of pixels with a column label, but it contains test.csv",
    ],
    [
      { "a.csv": table([1, 2], 0), "b.csv": table([1, 2], 0) },
      "",
      "there must be one pair of images and labels",
    ],
    [
      { "a.csv.gz": new Uint8Array(gzipSync(table([1, 2], 0))).slice(0, -9) },
      "",
      "the gzip data are damaged or incomplete",
    ],
    [{ "a.csv": encode("file,label\n1.png,2\n") }, "a.csv", "a table of pixels has a column for each pixel"],
    [{ "a.csv": encode("file,label\n1.png,2\n") }, "", "there are no usable images or arrays"],
    [{ "a.csv": table([1, 1], 0) }, "", "label of a.csv has only 1"],
  ];
  for (const [files, path, message] of cases) {
    await assertRejects(() => examined(files, path), Error, message);
  }
});
