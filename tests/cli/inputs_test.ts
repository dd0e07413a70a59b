import { join } from "node:path";
import { USER_FOLDER } from "../../cli/plan/about_data.ts";
import { loadDataset, loadDatasetOf } from "../../cli/plan/inputs.ts";
import { chooseLabels, countLabels, formatLabels, matchLabels } from "../../cli/plan/training_labels.ts";
import { reasonOf } from "../../cli/command/reason.ts";
import { parseLabelList } from "../../data/mod.ts";
import { assert, assertEquals, assertNotEquals, assertRejects } from "../assert.ts";
import { png, withFiles } from "../data/fixtures.ts";
import { inFolder } from "./command.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** The tiny dataset, and a folder for more. */
async function withDataset(
  test: (dataset: Awaited<ReturnType<typeof loadDataset>>, directory: string) => Promise<void>,
) {
  await inFolder(async (directory) => {
    const run = { dataset: "mnist", dataDir: join(directory, "data"), download: false };
    await test(await loadDataset(run, {}), directory);
  });
}

Deno.test("inputs: labels are drawn with the seed, as many of each class", async () => {
  await withDataset(async (dataset) => {
    const draw = (seed: number) => chooseLabels(dataset, { labels: null, labelsPerClass: 3, seed });
    const labels = await draw(1);
    assertEquals([labels.length, countLabels(labels)], [300, 30]);
    for (let label = 0; label < 10; label++) assertEquals(labels.filter((each) => each === label).length, 3);
    labels.forEach((label, i) => assert(label === -1 || label === dataset.train.labels[i]));
    assertEquals(await draw(1), labels);
    assertNotEquals(await draw(2), labels);
  });
});

Deno.test("inputs: drawn labels can be written and used as a list", async () => {
  await withDataset(async (dataset, directory) => {
    const drawn = await chooseLabels(dataset, { labels: null, labelsPerClass: 2, seed: 5 });
    const text = formatLabels(drawn, dataset.classes);
    assertEquals(parseLabelList(text).size, 20);
    const labels = join(directory, "labels.txt");
    await Deno.writeTextFile(labels, text);
    assertEquals(await chooseLabels(dataset, { labels: [labels], labelsPerClass: 7, seed: 6 }), drawn);
  });
});

Deno.test("inputs: a list may be a table, with examples that have no label", async () => {
  const table = 'file,label\ntrain/00003,7\ntrain/00001,\ntrain/00002,"0"\n';
  await withDataset(async (dataset) => {
    await withFiles(
      { "list.csv": encode(table), "twice.csv": encode("train/00003,1\ntrain/00003,2\n") },
      async (directory) => {
        const choose = (name: string) =>
          chooseLabels(dataset, { labels: [join(directory, name)], labelsPerClass: 1, seed: 1 });
        assertEquals([...(await choose("list.csv")).subarray(0, 5)], [-1, -1, 0, 7, -1]);
        await assertRejects(() => choose("twice.csv"), SyntaxError, "line 2 lists train/00003 as 2");
      },
    );
  });
});

Deno.test("inputs: class names with commas survive writing and reading a list", async () => {
  await withFiles({}, async (directory) => {
    const classes = ["tench, Tinca tinca", "hen, cock, fowl"], labels = join(directory, "labels.txt");
    const train = { images: new Uint8Array(2), labels: Int32Array.of(1, 0), imageShape: [1, 1, 1] as const };
    const dataset = {
      name: "own",
      classes,
      train,
      test: train,
      channelStatistics: { mean: [0], standardDeviation: [1], source: "" },
    };
    await Deno.writeTextFile(labels, formatLabels(train.labels, classes));
    assertEquals(await chooseLabels(dataset, { labels: [labels], labelsPerClass: 1, seed: 1 }), train.labels);
  });
});

Deno.test("inputs: an unusable list is refused, with its name and the reason", async () => {
  const lists: Record<string, [text: string, message: string]> = {
    unknown: ["train/00001 eleven\n", "unknown classes eleven"],
    beyond: [
      "train/00300 0\n",
      "it lists files that do not exist: train/00300. The examples are train/00000 to train/00299",
    ],
    malformed: [
      "train/00001 1\ntrain/00002\n",
      'line 2 must be "filename classname", but it is "train/00002"',
    ],
    empty: ["\n\n", "it has no lines"],
    twice: ["train/00001 1\ntrain/00001 2\n", "line 2 lists train/00001 as 2"],
  };
  const files = Object.fromEntries(Object.entries(lists).map(([name, [text]]) => [name, encode(text)]));
  await withDataset(async (dataset) => {
    await withFiles(files, async (directory) => {
      const refused = async (path: string, message: string) => {
        const choice = { labels: [path], labelsPerClass: 1, seed: 1 };
        const error = await assertRejects(() => chooseLabels(dataset, choice), Error, message);
        assert(/^Cannot [^\n]*$/.test(error.message) && error.message.includes(path), error.message);
      };
      for (const [name, [, message]] of Object.entries(lists)) await refused(join(directory, name), message);
      await refused(directory, ": it is a folder");
      await refused(join(directory, "none"), "the file does not exist");
    });
  });
});

Deno.test("inputs: reasons are short, and do not repeat the path", async () => {
  const reason = async (action: () => Promise<unknown>) => reasonOf(await action().catch((error) => error));
  await withFiles({ file: encode("text") }, async (directory) => {
    const file = join(directory, "file");
    assertEquals(await reason(() => Deno.readFile(join(directory, "none"))), "no such file or folder");
    assertEquals(await reason(() => Deno.readFile(directory)), "it is a folder");
    assertEquals(
      await reason(() => Deno.readFile(join(file, "a"))),
      "a part of the path is not a folder",
    );
    assertEquals(await reason(() => Deno.remove(directory)), "directory not empty");
  });
  assertEquals(
    reasonOf(new Error("No space left on device (os error 28): write '/a/b'")),
    "no space left on device",
  );
  assertEquals(reasonOf(new Deno.errors.PermissionDenied("a (os error 13): open '/a'")), "permission denied");
  assertEquals(reasonOf("EFBIG\n twice"), "EFBIG twice");
});

Deno.test("inputs: a test set keeps its classes if a list has changed since the run began", async () => {
  const pictures = Object.fromEntries([1, 2, 3, 4, 5].map((i) => [`${i}.png`, png(8, 8, () => 40 * i)]));
  const list = (classes: readonly string[]) =>
    encode(
      `file,label,split\n${
        classes.map((name, i) => `${i + 1}.png,${name},${i < 3 ? "train" : "val"}\n`).join("")
      }`,
    );
  const reload = (directory: string, classes: readonly string[]) =>
    loadDatasetOf({
      classes,
      about: {
        dataset: USER_FOLDER,
        data: directory,
        canvas: "8x8",
        channels: "1",
        labelLists: '{"paths":["labels.csv"]}',
      },
    }, { testOnly: true });
  await withFiles(
    { ...pictures, "labels.csv": list(["ant", "cat", "dog", "dog", "cat"]) },
    async (directory) => {
      const { test } = await reload(directory, ["cat", "dog"]);
      assertEquals([test.names, [...test.labels]], [["4.png", "5.png"], [1, 0]]);
      await assertRejects(() => reload(directory, ["cat", "emu"]), RangeError, "dog is not");
    },
  );
});

Deno.test("inputs: labels of a run are matched by name with pictures that were added, removed and moved", () => {
  const train = {
    names: ["cat/1.png", "new/3.png", "dog/4.png", "unlabeled/2.png"],
    labels: Int32Array.of(0, -1, 1, -1),
    images: new Uint8Array(4),
    imageShape: [1, 1, 1] as const,
  };
  const channelStatistics = { mean: [0], standardDeviation: [1], source: "made up" };
  const dataset = { name: "own", classes: ["cat", "dog"], train, test: train, channelStatistics };
  const list = "cat/1.png dog\nunlabeled/2.png cat\nunlabeled/gone.png dog\n";
  assertEquals(matchLabels(list, dataset), Int32Array.of(1, -1, 1, 0));
});
