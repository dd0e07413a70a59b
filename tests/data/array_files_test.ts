/** Arrays in a user's folder: images and labels of NumPy and of MNIST's idx format, in files and in archives. */
import { join } from "node:path";
import {
  examineFolder,
  type ExamineOptions,
  readArrayImages,
  type UserFolder,
} from "../../data/files/mod.ts";
import { assert, assertEquals, assertRejects } from "../assert.ts";
import { idxFile, withFiles } from "./fixtures.ts";
import { npyFile, npzFile } from "./npy_writer.ts";
import { zipFile } from "./zip_writer.ts";

type Files = Readonly<Record<string, Uint8Array>>;

const text = (contents: string) => new TextEncoder().encode(contents);
const pixels = (...shape: number[]) =>
  Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => (i * 37) % 256);

/** Examines files in a folder, or one of the files. */
async function examined(
  files: Files,
  { path = "", labels, ...options }: ExamineOptions & { readonly path?: string } = {},
): Promise<UserFolder> {
  const found: UserFolder[] = [];
  await withFiles(files, async (directory) => {
    const list = labels?.map((name) => join(directory, name));
    found.push(await examineFolder(join(directory, path), { ...options, labels: list }));
  });
  const [folder] = found;
  assert(folder);
  return folder;
}

async function refuses(
  files: Files,
  message: string,
  options: Parameters<typeof examined>[1] = {},
): Promise<void> {
  const error = await assertRejects(() => examined(files, options), Error, message);
  assert(["SyntaxError", "RangeError"].includes(error.name), error.stack);
  assert(!error.message.includes("\n"), error.message);
}

/** The images to train with, and the classes of all. */
function trained({ train, test, classes }: UserFolder) {
  assert("images" in train && (test === null || "images" in test));
  const named = (labels: Int32Array) => Array.from(labels, (label) => classes[label] ?? null);
  return {
    images: [...train.images],
    imageShape: [...train.imageShape],
    labels: named(train.labels),
    test: test && { images: [...test.images], labels: named(test.labels) },
  };
}

Deno.test("own folder: arrays of any order of axes and type are images and labels, negative labels are none", async () => {
  const labels = npyFile([4], [3, -1, 7, 3], "<i8");
  const grey = pixels(4, 8, 9);
  const rgb = grey.flatMap((value) => [value, value, value]);
  for (
    const images of [
      npyFile([4, 8, 9], grey, "|u1"),
      npyFile([4, 8, 9, 1], grey, "|u1"),
      npyFile([4, 1, 8, 9], grey.map((value) => value / 255), "<f4"),
      npyFile([4, 8, 9, 3], rgb, ">i2"),
    ]
  ) {
    const found = await examined({ "images.npy": images, "labels.npy": labels });
    const { train } = found;
    assert("images" in train);
    assertEquals([found.classes, [...train.labels], train.imageShape], [["3", "7"], [0, -1, 1, 0], [
      1,
      8,
      9,
    ]]);
    assertEquals([...train.images], grey);
    assertEquals(found.origin, "arrays: images.npy with labels.npy");
  }
});

Deno.test("own folder: arrays may have colour, opacity, unlabelled images and a test set", async () => {
  const rgba = [[0, 0, 0, 0], [10, 20, 30, 255], [100, 0, 200, 51]];
  const found = await examined({
    "x_train.npy": npyFile([3, 1, 1, 4], rgba.flat(), "|u1"),
    "y_train.npy": npyFile([3, 1], [0, 1, 1], "<f8"),
    "x_unlabeled.npy": npyFile([1, 1, 1, 3], [1, 2, 3], "|u1"),
    "x_test.npy": npyFile([1, 1, 1], [9], "|u1"),
    "y_test.npy": npyFile([1], [1], "|u1"),
    "embeddings.npy": npyFile([2], [1, 2], "<f4"),
  }, { channels: "last" });
  const { train, test } = found;
  assert("images" in train && test && "images" in test);
  // On white: 100 · 0.2 + 255 · 0.8 = 224, 204, 244.
  assertEquals([...train.images], [255, 255, 255, 10, 20, 30, 224, 204, 244, 1, 2, 3]);
  assertEquals([[...train.labels], [...test.labels], [...test.images]], [[0, 1, 1, -1], [1], [9, 9, 9]]);
  assertEquals(found.notes, ["embeddings.npy is ignored"]);
});

Deno.test("own folder: idx files are arrays too", async () => {
  const found = await examined({
    "train-images-idx3-ubyte": idxFile([3, 8, 8], pixels(3, 8, 8)),
    "train-labels-idx1-ubyte": idxFile([3], [0, 5, 5]),
    "t10k-images-idx3-ubyte": idxFile([1, 8, 8], pixels(1, 8, 8)),
    "t10k-labels-idx1-ubyte": idxFile([1], [5]),
  });
  assertEquals([found.classes, [...found.train.labels], [...found.test!.labels]], [["0", "5"], [0, 1, 1], [
    1,
  ]]);
  assertEquals(found.testName, "t10k-images-idx3-ubyte");
});

Deno.test("own folder: a label list says which labels of arrays there are, among the classes of their own", async () => {
  const images = npyFile([4, 8, 8], pixels(4, 8, 8), "|u1"), labels = npyFile([4], [3, 7, 7, 3], "|u1");
  const arrays = { "images.npy": images, "labels.npy": labels };
  const own = await examined(arrays, { labels: null });
  assertEquals([own.classes, [...own.train.labels], own.lists], [["3", "7"], [0, 1, 1, 0], []]);
  const list = text("train/00003\t7\ntrain/00000\t3\n");
  const listed = await examined({ ...arrays, "some.txt": list }, { labels: ["some.txt"] });
  assertEquals([listed.classes, [...listed.train.labels], listed.lists], [
    ["3", "7"],
    [0, -1, -1, 1],
    ["some.txt"],
  ]);
  assertEquals(listed.origin, "arrays: images.npy with labels.npy; labels come from some.txt");
  const strange = { ...arrays, "some.txt": text("train/00003\tcat\ntrain/00000\t3\n") };
  await assertRejects(
    () => examined(strange, { labels: ["some.txt"] }),
    RangeError,
    "some.txt: class cat does not occur in the labels of the arrays",
  );
});

Deno.test("own folder: arrays that do not fit are refused by name", async () => {
  const images = npyFile([2, 8, 8], pixels(2, 8, 8), "|u1"), labels = npyFile([2], [0, 1], "|u1");
  const cases: [Record<string, Uint8Array>, string][] = [
    [
      { "a.npy": images },
      "x_train and y_train in an .npz, or a table of pixels with a column label, but it contains a.npy",
    ],
    [
      { "images.npy": images, "labels.npy": npyFile([3], [0, 1, 1], "|u1") },
      "there are 2 images, but 3 labels",
    ],
    [{ "images.npy": images, "labels.npy": npyFile([2], [0, 0], "|u1") }, "labels.npy has only 0"],
    [
      { "images.npy": images, "labels.npy": npyFile([2], [-1, -1], "|i1") },
      "labels.npy has no labels",
    ],
    [
      { "images.npy": images, "labels.npy": npyFile([2], [0.5, 1], "<f4") },
      "labels.npy as labels: labels must be integers",
    ],
    [{ "images.npy": images, "labels.npy": npyFile([2, 2], [0, 1, 2, 1], "|u1") }, "row 1 is 2 1"],
    [{ "images.npy": images, "labels.npy": npyFile([2, 2], [0, 1, 1, 1], "|u1") }, "row 1 is 1 1"],
    [{ "images.npy": images, "labels.npy": npyFile([2, 2, 2], pixels(8), "|u1") }, "but it is 2×2×2"],
    [{ "images.npy": npyFile([2, 4], pixels(2, 4), "|u1"), "labels.npy": labels }, "its shape is [2, 4]"],
    [
      { "images.npy": npyFile([2, 8, 8], pixels(2, 8, 8).with(7, -1), "<f4"), "labels.npy": labels },
      "values must range from 0 to 1 or from 0 to 255, but value 7 is -1",
    ],
    [
      { "images.npy": npyFile([2, 8, 8], pixels(2, 8, 8).map((v) => v * 2), "<i2"), "labels.npy": labels },
      "0 to 255",
    ],
    [
      { "images.npy": images.subarray(0, -1), "labels.npy": labels },
      "images.npy as a NumPy array: shape (2, 8, 8)",
    ],
    [
      { "images.npy": text("hello, no array"), "labels.npy": labels },
      "images.npy as a NumPy array: it must begin",
    ],
    [{ "images.npy": images, "labels.npy": npyFile([2], [1, 2], "|O1") }, "np.array(labels, dtype=str)"],
    [
      { "images.npy": npyFile([2, 1, 1], ["a", "b"], "<U1"), "labels.npy": labels },
      "its elements must be numbers",
    ],
    [
      { "images.npy": npyFile([2, 8, 8], pixels(2, 8, 8).map((v) => v / 99), "<f8"), "labels.npy": labels },
      "values must range from 0 to 1 or from 0 to 255, but the largest is 2.5",
    ],
    [
      { "images.npy": npyFile([2, 8, 8], pixels(2, 8, 8).with(3, NaN), "<f8"), "labels.npy": labels },
      "value 3 is NaN",
    ],
    [
      { "images.npy": npyFile([2, 8, 8, 2], pixels(2, 8, 8, 2), "|u1"), "labels.npy": labels },
      "with 1, 3 or 4 channels, but its shape is [2, 8, 8, 2]",
    ],
    [
      { "images.npy": npyFile([2, 3, 8, 3], pixels(2, 3, 8, 3), "|u1"), "labels.npy": labels },
      "channels could come first or last. Choose with --channels",
    ],
  ];
  for (const [files, message] of cases) await refuses(files, message);
});

const images = npyFile([3, 8, 8], pixels(3, 8, 8), "|u1");
const labels = npyFile([3], [4, 2, 4], "<i8");
const asRead = { images: pixels(3, 8, 8), imageShape: [1, 8, 8], labels: ["4", "2", "4"], test: null };

Deno.test("arrays: an .npz is read, stored and deflated, in a folder and by itself", async () => {
  for (const isStored of [false, true]) {
    const archive = npzFile({ images, labels }, { isStored });
    const inFolder = await examined({ "set.npz": archive });
    assertEquals(trained(inFolder), asRead);
    assertEquals(inFolder.origin, "arrays: images of set.npz with labels of set.npz");
    const alone = await examined({ "set.npz": archive }, { path: "set.npz" });
    assertEquals([trained(alone), alone.origin], [asRead, inFolder.origin]);
  }
});

Deno.test("arrays: names identify images and labels, in all usual spellings", async () => {
  const one = { images: npyFile([1, 8, 8], pixels(1, 8, 8), "|u1"), labels: npyFile([1], [2], "|u1") };
  const test = { images: pixels(1, 8, 8), labels: ["2"] };
  const of = (a: string, b: string, c?: string, d?: string) => ({
    [a]: images,
    [b]: labels,
    ...(c !== undefined && d !== undefined && { [c]: one.images, [d]: one.labels }),
  });
  const inArchive = [
    of("x_train", "y_train", "x_test", "y_test"),
    of("X_train", "Y_train", "X_val", "Y_val"),
    of("Xtrain", "ytrain", "Xtest", "ytest"),
    of("trainX", "trainY", "testX", "testY"),
    of("train_images", "train_labels", "test_images", "test_labels"),
    of("trainImages", "trainLabels", "testImages", "testLabels"),
    of("training_imgs", "training_targets", "validation_imgs", "validation_targets"),
    of("train/x", "train/y", "test/x", "test/y"),
    of("train_data", "train_image_labels", "test_data", "test_image_labels"),
  ];
  for (const arrays of inArchive) {
    assertEquals(trained(await examined({ "some set.npz": npzFile(arrays) })), { ...asRead, test });
    const files = Object.entries(arrays).map(([name, file]) => [`${name.replace("/", "_")}.npy`, file]);
    assertEquals(trained(await examined(Object.fromEntries(files))), { ...asRead, test });
  }
  const alone = of("arr_0", "arr_1");
  assertEquals(trained(await examined({ "data.npz": npzFile(alone) })), asRead);
  const apart = {
    "kmnist-train-imgs.npz": npzFile({ arr_0: images }),
    "kmnist-train-labels.npz": npzFile({ arr_0: labels }),
    "kmnist-test-imgs.npz": npzFile({ arr_0: one.images }),
    "kmnist-test-labels.npz": npzFile({ arr_0: one.labels }),
  };
  assertEquals(trained(await examined(apart)), { ...asRead, test });
  const sets = { "train.npz": npzFile({ images, labels }), "test.npz": npzFile(one) };
  assertEquals(trained(await examined(sets)), { ...asRead, test });
});

Deno.test("arrays: where names say nothing, shapes tell two arrays apart, and more are refused", async () => {
  const found = await examined({ "data.npz": npzFile({ arr_0: labels, arr_1: images }) });
  assertEquals(trained(found), asRead);
  assertEquals(found.notes, [
    "by their shapes, arr_1 of data.npz is taken as images and arr_0 of data.npz as labels",
  ]);
  await refuses(
    { "a.npz": npzFile({ arr_0: images, arr_1: labels, arr_2: images }) },
    "but it contains arr_0 of a.npz, arr_1",
  );
  await refuses(
    { "a.npz": npzFile({ arr_0: images, arr_1: images }) },
    "but it contains arr_0 of a.npz, arr_1 of a.npz",
  );
  await refuses({ "a.npz": npzFile({}) }, "but it contains nothing", { path: "a.npz" });
  await refuses(
    {
      "a.npz": npzFile({ images, labels }),
      "b.npz": npzFile({ images, labels }),
    },
    "there must be one pair of images and labels, but there are images of a.npz with labels of a.npz, images of b.npz with",
  );
});

Deno.test("arrays: Fortran's order, channels first and last, halves, floats and both ranges are the same images", async () => {
  const rgb = pixels(3, 8, 9, 3);
  const at = (n: number, y: number, x: number, c: number) => rgb[((n * 8 + y) * 9 + x) * 3 + c] ?? 0;
  const inOrder = (sizes: readonly number[], value: (...index: number[]) => number): number[] => {
    const [first = 1, ...rest] = sizes;
    return Array.from(
      { length: first },
      (_, i) => rest.length === 0 ? value(i) : inOrder(rest, (...more) => value(i, ...more)),
    ).flat();
  };
  const first = inOrder([3, 3, 8, 9], (n, c, y, x) => at(n!, y!, x!, c!));
  const lastFortran = inOrder([3, 9, 8, 3], (c, x, y, n) => at(n!, y!, x!, c!));
  const firstFortran = inOrder([9, 8, 3, 3], (x, y, c, n) => at(n!, y!, x!, c!));
  const scaled = (values: number[]) => values.map((value) => value / 255);
  const all = [
    npyFile([3, 8, 9, 3], rgb, "|u1"),
    npyFile([3, 3, 8, 9], first, "|u1"),
    npyFile([3, 8, 9, 3], lastFortran, "|u1", { isFortran: true }),
    npyFile([3, 3, 8, 9], firstFortran, ">u2", { isFortran: true }),
    npyFile([3, 8, 9, 3], rgb, "<f2"),
    npyFile([3, 8, 9, 3], scaled(rgb), "<f2"),
    npyFile([3, 8, 9, 3], rgb, ">f4"),
    npyFile([3, 8, 9, 3], scaled(rgb), "<f4"),
    npyFile([3, 3, 8, 9], scaled(first), ">f8"),
    npyFile([3, 8, 9, 3], scaled(rgb).map((value) => value * 1.0000002), "<f4"),
  ];
  const expected = { ...asRead, imageShape: [3, 8, 9], images: first };
  for (const file of all) assertEquals(trained(await examined({ "x.npy": file, "y.npy": labels })), expected);
});

Deno.test("arrays: where both ends can be channels, the option says which are", async () => {
  const values = pixels(3, 3, 8, 3);
  const files = { "x.npy": npyFile([3, 3, 8, 3], values, "|u1"), "y.npy": labels };
  const first = trained(await examined(files, { channels: "first" }));
  assertEquals([first.imageShape, first.images], [[3, 8, 3], values]);
  const last = trained(await examined(files, { channels: "last" }));
  assertEquals([last.imageShape, last.images.slice(0, 3)], [[3, 3, 8], [0, 3, 6].map((i) => values[i])]);
  await refuses(
    { "x.npy": npyFile([3, 8, 9, 3], pixels(3, 8, 9, 3), "|u1"), "y.npy": labels },
    "the first axis must have 1, 3 or 4 channels, but its shape is [3, 8, 9, 3]",
    { channels: "first" },
  );
});

Deno.test("arrays: labels are numbers, texts, one column for each class, rows or columns, and some are none", async () => {
  const named = ["cat", "dog", "cat"], numbers = ["4", "2", "4"];
  const cases: [Uint8Array, (string | null)[]][] = [
    [npyFile([3], named, "<U5"), named],
    [npyFile([3], named, ">U5"), named],
    [npyFile([3], named, "|S5"), named],
    [npyFile([3, 1], named, "<U3"), named],
    [npyFile([3], ["Zürich", "猫😀", ""], "<U6"), ["Zürich", "猫😀", null]],
    [npyFile([3], ["zürich", "b", "b"], "|S7"), ["zürich", "b", "b"]],
    [npyFile([3], ["10", "9", "10"], "<U2"), ["10", "9", "10"]],
    [npyFile([1, 3], [4, 2, 4], ">i2"), numbers],
    [npyFile([3, 1], [4, 2, 4], "<f2"), numbers],
    [npyFile([3], [4, NaN, 2], "<f8"), ["4", null, "2"]],
    [npyFile([3], [1, 0, 1], "|b1"), ["1", "0", "1"]],
    [npyFile([3, 5], [0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1], "<f4"), numbers],
    [npyFile([3, 2], [0, 1, 0, 0, 1, 0], "|b1"), ["1", null, "0"]],
    // Columns 0 1 1 and 1 0 0, one after the other.
    [npyFile([3, 2], [0, 1, 1, 1, 0, 0], "<i8", { isFortran: true }), ["1", "0", "0"]],
  ];
  for (const [file, expected] of cases) {
    assertEquals(trained(await examined({ "x.npy": images, "y.npy": file })).labels, expected);
  }
  const some = { "x.npy": images, "y.npy": npyFile([3], ["N/A", "b", "c"], "<U3") };
  const found = await examined(some);
  assertEquals(trained(found).labels, [null, "b", "c"]);
  assertEquals(found.notes, ['1 text of y.npy means "no label": N/A']);
  const { classes } = await examined({ "x.npy": images, "y.npy": npyFile([3], ["10", "9", "10"], "<U2") });
  assertEquals(classes, ["9", "10"]);
});

Deno.test("arrays: black and white as 0 and 1 are black and white, and a dark array is scaled as its siblings are", async () => {
  const binary = pixels(3, 8, 8).map((value) => value & 1);
  const found = trained(await examined({ "x.npy": npyFile([3, 8, 8], binary, "|u1"), "y.npy": labels }));
  assertEquals(found.images, binary.map((value) => 255 * value));
  const dark = new Array(64).fill(1);
  const both = trained(
    await examined({
      "x.npy": npyFile([3, 8, 8], pixels(3, 8, 8), "<f4"),
      "y.npy": labels,
      "unlabeled.npy": npyFile([1, 8, 8], dark, "<f4"),
    }),
  );
  assertEquals(both.images, [...pixels(3, 8, 8), ...dark]);
});

Deno.test("arrays: images are classified under the names that label lists have, with labels or without", async () => {
  const two = npyFile([2, 8, 8], pixels(2, 8, 8), "|u1"), three = images;
  const namesIn = async (files: Files, path: string) => {
    const names: string[] = [];
    await withFiles(files, async (directory) => {
      const found = await readArrayImages(join(directory, path));
      names.push(...found.flatMap((each) => each.names.map((name) => name.slice(directory.length + 1))));
      assert(found.every((each) => each.planes.count === each.names.length));
    });
    return names;
  };
  const numbered = (start: string, count: number) =>
    Array.from({ length: count }, (_, i) => `${start}/0000${i}`);
  assertEquals(await namesIn({ "a/any.npy": two }, "a/any.npy"), numbered("a/any.npy", 2));
  assertEquals(
    await namesIn({ "a/t10k-images-idx3-ubyte": idxFile([2, 8, 8], pixels(2, 8, 8)) }, "a"),
    numbered("a", 2),
  );
  assertEquals(await namesIn({ "x.npz": npzFile({ arr_0: two }) }, "x.npz"), numbered("x.npz", 2));
  assertEquals(
    await namesIn({ "x.npz": npzFile({ arr_0: labels, arr_1: three }) }, "x.npz"),
    numbered("x.npz/train", 3),
  );
  const all = {
    "x.npy": three,
    "y.npy": labels,
    "unlabeled.npy": two,
    "x_val.npy": two,
    "y_val.npy": npyFile([2], [2, 4], "|u1"),
  };
  const files = Object.fromEntries(Object.entries(all).map(([name, file]) => [`a/${name}`, file]));
  assertEquals(await namesIn(files, "a"), [...numbered("a/train", 5), ...numbered("a/test", 2)]);
  assertEquals(trained(await examined(files, { path: "a" })).labels, ["4", "2", "4", null, null]);
  const unlabeled = { "a/test_images.npy": two, "a/val_images.npy": two, "a/train_images.npy": three };
  assertEquals(await namesIn(unlabeled, "a"), [
    ...numbered("a/test", 2),
    ...numbered("a/train", 3),
    ...numbered("a/val", 2),
  ]);
  await assertRejects(
    () => namesIn({ "a.npy": two, "b.npy": two }, ""),
    SyntaxError,
    "no array has a name for images",
  );
  await assertRejects(
    () => namesIn({ "y.npy": labels }, "y.npy"),
    SyntaxError,
    "the shape must be [N, H, W]",
  );
});

Deno.test("arrays: archives that are damaged, encrypted or claim too much are refused in no time and little memory", async () => {
  const claims = npyFile([3, 8, 8], pixels(3, 8, 8), "|u1", { claim: "1048576, 1024, 1024" });
  const huge = npyFile([3, 8, 8], [], "|u1", { claim: `${2 ** 40}, 8, 8` });
  const whole = npzFile({ images, labels });
  // So much can be deflated, but not be kept.
  let state = 1;
  const noise = new Uint8Array(2 ** 23).map(() => (state = Math.imul(state, 1664525) + 1013904223) >>> 24);
  const possible = zipFile(
    [{ name: "images.npy", data: noise, size: 2 ** 32 + 1 }, {
      name: "labels.npy",
      data: labels,
    }],
    { isLong: true },
  );
  const before = Deno.memoryUsage().rss, start = performance.now();
  await refuses(
    { "a.npz": npzFile({ images: claims, labels }) },
    "shape (1048576, 1024, 1024) of u1 must take",
  );
  await refuses({ "a.npz": npzFile({ images: huge, labels }) }, "It is truncated");
  for (const size of [2 ** 40, 2 ** 53]) {
    await refuses({
      "a.npz": zipFile([{ name: "images.npy", data: claims, size }, { name: "labels.npy", data: labels }], {
        isLong: true,
      }),
    }, `it claims ${size}`);
  }
  await refuses({ "a.npz": possible }, "it unpacks to 4294967297 bytes, but at most 4294967296 are allowed");
  assert(performance.now() - start < 2000);
  assert(Deno.memoryUsage().rss - before < 300e6);
  await refuses(
    { "a.npz": whole.subarray(0, -40) },
    "a.npz as a ZIP archive: it has no directory at its end",
  );
  await refuses({ "a.npz": text("no archive at all, really") }, "it has no directory at its end");
  await refuses(
    {
      "a.npz": zipFile([{ name: "images.npy", data: images, flags: 1 }, {
        name: "labels.npy",
        data: labels,
      }]),
    },
    "it is encrypted",
  );
  await refuses(
    { "a.npy": images },
    "data must be a folder, a ZIP archive of one, an archive of arrays (.npz), or a table of pixels (.csv)",
    {
      path: "a.npy",
    },
  );
});
