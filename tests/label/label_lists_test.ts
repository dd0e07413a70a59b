/** The label lists that labelling writes. */
import { join } from "node:path";
import { LabelFile, NONE } from "../../cli/label/label_lists.ts";
import { readLabelList } from "../../data/files/mod.ts";
import { SUGGESTED } from "../../data/internal.ts";
import { assert, assertEquals } from "../assert.ts";
import { withFiles } from "../data/fixtures.ts";

const read = (directory: string, name: string) => Deno.readTextFile(join(directory, name));

Deno.test("label lists: a change is on disk at once; known labels stay above the mark of suggested ones", async () => {
  await withFiles({}, async (directory) => {
    const file = await LabelFile.open(directory, "train");
    await file.addKnown(new Map([["a.png", "cat"]]));
    await file.change(new Map([["b.png", "guinea pig"], ["c.png", NONE], ["a.png", "dog"]]));
    assertEquals(
      await read(directory, "labels.txt"),
      `a.png\tdog\n${SUGGESTED}\nb.png\tguinea pig\nc.png\tnone\n`,
    );
    await file.change(new Map([["b.png", null]]));
    const again = await LabelFile.open(directory, "train");
    assertEquals([...again.labels], [["a.png", "dog"], ["c.png", NONE]]);
    await again.addKnown(new Map([["a.png", "cat"], ["d.png", "cow"]]));
    assertEquals(await read(directory, "labels.txt"), `a.png\tdog\nd.png\tcow\n${SUGGESTED}\nc.png\tnone\n`);
    assertEquals([...Deno.readDirSync(directory)].map(({ name }) => name), ["labels.txt"]);
  });
});

Deno.test("label lists: tests are not marked, and a list that is left empty is an empty file", async () => {
  await withFiles({}, async (directory) => {
    const file = await LabelFile.open(directory, "test");
    await file.change(new Map([["b.png", null]]));
    assertEquals([...Deno.readDirSync(directory)], []);
    await file.change(new Map([["b.png", "cat"]]));
    assertEquals(await read(directory, "test.txt"), "b.png\tcat\n");
    await file.change(new Map([["b.png", null]]));
    assertEquals(await read(directory, "test.txt"), "");
    assertEquals((await LabelFile.open(directory, "test")).labels.size, 0);
  });
});

Deno.test("label lists: strange names come back, alone and together", async () => {
  const names = [
    "a, b.png",
    "c;d.png",
    "e f.png",
    'g"h.png',
    '"i.png"',
    "ü/ж 猫.png",
    "-.png",
    "{.png",
    "#.png",
    "x|y.png",
  ];
  const classes = ["T-shirt, red", "0", "-1.5", 'a "b"', "Ж", "dress; long", "a b c"];
  for (const some of [...names.map((name) => [name]), names]) {
    await withFiles({}, async (directory) => {
      const file = await LabelFile.open(directory, "train");
      const labels = new Map(some.map((name, i) => [name, classes[i % classes.length] ?? ""]));
      await file.change(labels);
      assertEquals((await LabelFile.open(directory, "train")).labels, labels);
      const { list } = await readLabelList([file.path]);
      assertEquals(new Map(list), labels);
    });
  }
});

Deno.test("label lists: many changes at once are applied one after another, and other programs' lines stay", async () => {
  await withFiles({}, async (directory) => {
    const file = await LabelFile.open(directory, "train");
    await Promise.all(
      Array.from({ length: 50 }, (_, i) => file.change(new Map([[`${i}.png`, `class ${i % 3}`]]))),
    );
    assertEquals(file.labels.size, 50);
    await Deno.writeTextFile(file.path, `${await Deno.readTextFile(file.path)}mine.png\tclass 9\n`, {});
    await file.change(new Map([["0.png", "class 8"]]));
    const { labels } = await LabelFile.open(directory, "train");
    assertEquals([labels.size, labels.get("mine.png"), labels.get("0.png")], [51, "class 9", "class 8"]);
  });
});

Deno.test("label lists: if a change cannot be written, neither the file nor the labels change", async () => {
  await withFiles({}, async (directory) => {
    const inner = join(directory, "inner");
    await Deno.mkdir(inner);
    const file = await LabelFile.open(inner, "train");
    await file.change(new Map([["a.png", "cat"]]));
    await Deno.rename(inner, join(directory, "moved"));
    const failed = await file.change(new Map([["b.png", "dog"]])).then(() => false, () => true);
    assert(failed);
    await Deno.rename(join(directory, "moved"), inner);
    await file.refresh();
    assertEquals([...file.labels], [["a.png", "cat"]]);
    await file.change(new Map([["b.png", "dog"]]));
    assertEquals(file.labels.size, 2);
  });
});
