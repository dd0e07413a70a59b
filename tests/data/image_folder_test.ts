/** Folders of images: listing, decoding, damage, names, and the limit on memory. */
import { join } from "node:path";
import { describeDamage, fileIndex } from "../../data/internal.ts";
import { applyLabelList, feedOf, isResident, parseLabelList } from "../../data/mod.ts";
import { DecodePool, findDataset } from "../../data/files/mod.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../assert.ts";
import { damagedPng, inMemory, png, withFiles } from "./fixtures.ts";

const folder = findDataset("folder");
const open = (dataDirectory: string, options = {}) => folder.load({ dataDirectory, ...options });

/** Value of a pixel of image `i`. */
const value = (i: number) => (x: number, y: number, c: number) => (i * 50 + x * 7 + y * 3 + c * 90) % 256;
const small = (i: number) => png(5, 4, value(i));
const planesOf = (i: number, [height, width] = [4, 5]) =>
  Array.from({ length: 3 * height! * width! }, (_, at) => {
    const plane = height! * width!;
    return value(i)(at % width!, Math.floor(at / width!) % height!, Math.floor(at / plane));
  });

const files = {
  "train/dog/b.png": small(1),
  "train/dog/a.png": small(2),
  "train/Cat/x/deep.PNG": small(3),
  "train/Cat/.hidden.png": small(9),
  "train/Cat/notes.txt": new TextEncoder().encode("no image"),
  "unlabeled/u 1.png": small(4),
  "val/dog/t.png": small(5),
  "val/Cat/t.png": small(6),
};
const trainNames = ["train/Cat/x/deep.PNG", "train/dog/a.png", "train/dog/b.png", "unlabeled/u 1.png"];

Deno.test("folder: classes are the sorted sub-folders, images come in the order of their paths, pixel for pixel", async () => {
  await withFiles(files, async (directory) => {
    for (const dataset of [await open(directory), await open(directory, { memoryLimit: 6 * 60 })]) {
      assertEquals(dataset.classes, ["Cat", "dog"]);
      const train = inMemory(dataset.train), test = inMemory(dataset.test);
      assertEquals(train.names, trainNames);
      assertEquals([...train.labels], [0, 1, 1, -1]);
      assertEquals(train.imageShape, [3, 4, 5]);
      assertEquals([...train.images], [3, 2, 1, 4].flatMap((i) => planesOf(i)));
      assertEquals(train.aspects, undefined);
      assertEquals(test.names, ["val/Cat/t.png", "val/dog/t.png"]);
      assertEquals([...test.labels], [0, 1]);
      assertEquals([...test.images], [6, 5].flatMap((i) => planesOf(i)));
    }
    assertEquals((await open(directory)).damaged, []);
  });
});

Deno.test("folder: beyond the memory limit images stay in files, and batches have the same bytes", async () => {
  await withFiles(files, async (directory) => {
    const { train, test, classes } = await open(directory, { memoryLimit: 2 * 60 });
    assertEquals(classes, ["Cat", "dog"]);
    assertEquals(inMemory(test).images.length, 120);
    assert(!isResident(train));
    assertEquals([train.names, [...train.labels], train.imageShape], [trainNames, [0, 1, 1, -1], [3, 4, 5]]);
    const indicesOf = (step: number) => step < 2 ? Int32Array.of(3, step, 2) : undefined;
    const batches = feedOf(train, 3, { largestBinding: 2 ** 20 }).batches(indicesOf);
    for (const step of [0, 1]) {
      const { pixels, labels } = await batches.take(step);
      const bytes = new Uint8Array(pixels!.buffer).subarray(0, 180);
      assertEquals([...bytes], [4, [3, 2][step]!, 1].flatMap((i) => planesOf(i)));
      assertEquals([...labels!], [-1, step, 1]);
    }
    batches.close();
  });
});

Deno.test("folder: images of several sizes share a canvas as large as the largest, and keep their aspects", async () => {
  const several = {
    "train/a/wide.png": png(8, 2, value(0)),
    "train/b/high.png": png(2, 6, value(1)),
    "val/a/other.png": png(4, 4, () => 33),
  };
  await withFiles(several, async (directory) => {
    const { train, test } = await open(directory);
    assertEquals(train.imageShape, [3, 6, 8]);
    assertEquals([...inMemory(train).aspects!], [4, Math.fround(1 / 3)]);
    assertEquals([...inMemory(test).aspects!], [1]);
    assert(inMemory(test).images.every((byte) => byte === 33));
    const limited = await open(directory, { imageSize: 5 });
    assertEquals(limited.train.imageShape, [3, 5, 5]);
    await assertRejects(
      () => open(directory, { imageSize: 0 }),
      RangeError,
      "imageSize must be an integer ≥ 1",
    );
  });
});

const damages = {
  ...files,
  "train/dog/empty.png": new Uint8Array(),
  "train/Cat/cut.png": small(1).subarray(0, 60),
  "train/Cat/film.gif": new TextEncoder().encode("GIF89a…"),
  "val/dog/text.jpg": new TextEncoder().encode("no image"),
};

Deno.test("folder: damaged files are left out and reported by name, all of them", async () => {
  await withFiles(damages, async (directory) => {
    const { train, test, damaged, notes } = await open(directory);
    assertEquals([train.names, test.names], [trainNames, ["val/Cat/t.png", "val/dog/t.png"]]);
    assertEquals([...inMemory(train).images], [3, 2, 1, 4].flatMap((i) => planesOf(i)));
    assertEquals([...train.labels], [0, 1, 1, -1]);
    assertEquals(notes, [
      "3 files cannot be read as an image and are left out: train/Cat/cut.png (its end is missing: copy or download it again); " +
      "train/dog/empty.png (it is empty); val/dog/text.jpg (it is text: download it again)",
    ]);
    assertEquals(damaged!.map(({ name }) => name), ["train/Cat/film.gif"]);
    const report = describeDamage(damaged!);
    assert(report.startsWith("1 image could not be decoded and is left out: train/Cat/film.gif ("), report);
  });
});

Deno.test("folder: a file that vanishes or breaks while batches are read is reported, not thrown", async () => {
  await withFiles(damages, async (directory) => {
    const opened = await open(directory, { memoryLimit: 1 });
    const { train } = opened, names = train.names!;
    await Deno.remove(join(directory, "train/dog/a.png"));
    const all = Int32Array.from(names, (_, i) => i);
    const batches = feedOf(train, 7, { largestBinding: 2 ** 20 }).batches(() => all);
    const { indices } = await batches.take(0);
    batches.close();
    const broken = [...indices.keys()].filter((i) => indices[i] === -1).map((i) => names[i]);
    assertEquals(broken, [
      "train/Cat/film.gif",
      "train/dog/a.png",
    ]);
    assertEquals(opened.damaged!.map(({ name }) => name), broken);
    assert(describeDamage(opened.damaged!).includes("train/dog/a.png (No such file or directory)"));
  });
});

Deno.test("folder: folders of another layout are rejected, with the expected layout", async () => {
  const refuses = (own: Record<string, Uint8Array>, kind: new () => Error, message: string) =>
    withFiles(own, async (directory) => {
      const { message: said } = await assertRejects(() => open(directory), kind, message);
      assert(said.includes(directory), said);
    });
  const { "train/dog/a.png": image, "train/dog/b.png": other, "val/dog/t.png": third } = files;
  await refuses(
    { "cat/1.png": image },
    Deno.errors.NotFound,
    "contains cat). Set a data folder that contains image files in train/CLASS/",
  );
  await refuses(
    { "train/a/1.png": image, "val/a/1.png": other },
    SyntaxError,
    "at least two classes are needed, but its only class folder is train/a.",
  );
  const two = { "train/a/1.png": image, "train/b/1.png": other };
  await refuses(
    { ...two, "val/c/1.png": third },
    SyntaxError,
    "its class c does not occur in the training images",
  );
  await refuses({ ...two, "val/a/1.txt": image }, SyntaxError, "val: it contains no images");
  const broken = { "train/a/1.png": damagedPng(image), "train/b/1.png": damagedPng(other) };
  const all = { ...broken, "val/a/1.png": damagedPng(third) };
  await refuses(all, SyntaxError, "no image can be decoded; 1 image could not be decoded");
  await refuses({ ...broken, "val/a/1.png": third }, SyntaxError, "no image can be decoded; 2 images");
  const empty = new Uint8Array();
  await refuses(
    { "train/a/1.png": empty, "train/b/1.png": empty, "val/a/1.png": empty },
    SyntaxError,
    "there are no usable images or arrays; 3 files cannot be read as an image and are left out: train/a/1.png, train/b/1.png",
  );
  await assertRejects(() => folder.load(), Deno.errors.NotFound, "no data folder is set");
});

Deno.test({
  name: "folder: links to files and folders count as what they lead to",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFiles(files, async (directory) => {
      await Deno.mkdir(join(directory, "linked/val"), { recursive: true });
      await Deno.symlink(join(directory, "train"), join(directory, "linked/train"));
      await Deno.symlink(join(directory, "val/Cat"), join(directory, "linked/val/Cat"));
      const { train, test } = await open(join(directory, "linked"));
      assertEquals(train.names, trainNames.slice(0, 3));
      assertEquals([...inMemory(test).images], planesOf(6));
    }),
});

Deno.test({
  name: "folder: a link to a folder that it lies in is passed over, and it is said",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFiles({ ...files, "other/cat/1.png": small(1), "root.png": small(1) }, async (directory) => {
      await Deno.symlink("..", join(directory, "train/dog/up"));
      await Deno.symlink(".", join(directory, "unlabeled/itself"));
      for (const options of [{}, { memoryLimit: 0 }]) {
        const { train, test, notes } = await open(directory, options);
        assertEquals([train.names, test.names], [trainNames, ["val/Cat/t.png", "val/dog/t.png"]]);
        assertEquals([...train.labels], [0, 1, 1, -1]);
        assertEquals(notes, [
          "train/dog/up is skipped: it is a link to a folder around it",
          "unlabeled/itself is skipped: it is a link to a folder around it",
        ]);
      }
    }),
});

Deno.test("label lists name files by their path, or by an end of it that only one file has", () => {
  const names = ["train/cat/1.jpg", "train/dog/1.jpg", "train/dog/2.jpg", "unlabeled/x.jpg"];
  const indexOf = fileIndex(names);
  assertEquals(["train/cat/1.jpg", "dog/1.jpg", "2.jpg", "x.jpg"].map(indexOf), [0, 1, 2, 3]);
  assertEquals(["3.jpg", "og/1.jpg", "", "train"].map(indexOf), [undefined, undefined, undefined, undefined]);
  assertThrows(
    () => indexOf("1.jpg"),
    RangeError,
    "several paths end like this. Write more of the path, such as train/cat/1.jpg",
  );
  assertEquals(["x", "cat/1", "./train/dog/2.jpg", "dog\\2.jpg", " 2.jpg"].map(indexOf), [3, 0, 2, 2, 2]);
  // Whole paths always count, whatever ends with them.
  assertEquals(fileIndex(["a/b.jpg", "x/a/b.jpg"])("a/b.jpg"), 0);
  const list = parseLabelList("2.jpg cat\nx.jpg dog\ncat/1.jpg cat\n");
  const labels = applyLabelList(list, { exampleCount: 4, classes: ["cat", "dog"], indexOf });
  assertEquals([...labels], [0, -1, 0, 1]);
  assertThrows(
    () => applyLabelList(parseLabelList("9.jpg cat"), { exampleCount: 4, classes: ["cat"], indexOf }),
    RangeError,
    "it lists files that do not exist: 9.jpg",
  );
  const twice = parseLabelList("2.jpg cat\ndog/2.jpg dog\n");
  assertThrows(
    () => applyLabelList(twice, { exampleCount: 4, classes: ["cat", "dog"], indexOf }),
    RangeError,
    "a file must have one class, but dog/2.jpg is listed as dog and, by another name, as cat",
  );
});

Deno.test("decode pool: several workers answer in the order asked, and what is under way fails when it is closed", async () => {
  await withFiles(files, async (directory) => {
    const pool = new DecodePool(3);
    const buffer = new SharedArrayBuffer(4 * 60);
    const names = ["train/dog/a.png", "val/dog/t.png", "missing.png", "val/Cat/t.png"];
    const paths = names.map((name) => `${directory}/${name}`);
    const target = { canvas: [4, 5] as const, channels: 3 as const, buffer, offsets: [60, 0, 180, 120] };
    assertEquals(await pool.decode(paths, target), [[4, 5], [4, 5], "No such file or directory", [4, 5]]);
    assertEquals([...new Uint8Array(buffer)].slice(0, 180), [5, 2, 6].flatMap((i) => planesOf(i)));
    const pending = pool.decode(paths, target);
    pool.close();
    await assertRejects(() => pending, Error, "decoding was stopped");
    await assertRejects(() => pool.decode(paths, null), Error, "decoding was stopped");
  });
});
