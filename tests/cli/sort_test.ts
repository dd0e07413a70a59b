/** Pictures sorted into folders by their classes: names, clashes, corrections by hand, archives, and the command. */
import { dirname, join } from "node:path";
import { classFolderNames } from "../../cli/pictures/class_folder_names.ts";
import { checkSources, isBelow, SortedFolder, type SortOptions } from "../../cli/pictures/sorted_folder.ts";
import { type Prediction, writeModel } from "../../nn/mod.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "../assert.ts";
import { png, withFiles } from "../data/fixtures.ts";
import { zipFile } from "../data/zip_writer.ts";
import { gpuTest } from "../kernels/device.ts";
import { madeUpModel } from "../nn/made_up_model.ts";
import { assertEnded, namesIn, snapshot } from "./command.ts";
import { callOn } from "./in_process.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const predictionOf = (classIndex: number, probability = 0.9): Prediction => ({
  className: "",
  classIndex,
  probability,
  probabilities: new Float64Array(),
  logits: new Float32Array(),
});
const classes = ["cat", "dog"];
const copies: SortOptions = { threshold: null, isLinked: false };

/** Sorts files of a folder into its folder `sorted`, as a run of the command does. */
async function sort(
  directory: string,
  files: Readonly<Record<string, readonly [classIndex: number, probability?: number]>>,
  options = copies,
) {
  const sorted = await SortedFolder.open(join(directory, "sorted"), classes, options);
  for (const [name, [classIndex, probability]] of Object.entries(files)) {
    await sorted.add(join(directory, name), predictionOf(classIndex, probability));
  }
  return sorted;
}

Deno.test("sort: class names of strangers become names of folders that stay in the folder and differ", () => {
  const names = [
    "cat",
    "..",
    "../../etc",
    "/etc/passwd",
    "C:\\x",
    "a\u202eb\n",
    "",
    " ",
    ".hidden",
    "CAT",
    "unsure",
    "Unsure",
    "nul",
    "NUL.txt",
    "a.",
    "ü",
    "u\u0308",
    "x".repeat(300),
    "\ud83d\ude00".repeat(99),
  ];
  const folders = classFolderNames(names);
  assertEquals(folders.slice(0, 15), [
    "cat",
    "_",
    "__.._etc",
    "_etc_passwd",
    "C__x",
    "a_b_",
    "_ (2)",
    "_ (3)",
    "_hidden",
    "CAT (2)",
    "unsure (2)",
    "Unsure (3)",
    "_nul",
    "_NUL.txt",
    "a_",
  ]);
  assertEquals(new Set(folders.map((name) => name.normalize("NFC").toLowerCase())).size, names.length);
  for (const folder of folders) {
    assertEquals(join("sorted", folder), `sorted/${folder}`);
    assert(bytes(folder).length < 255 && !/^\.|[/\\\p{C}]/u.test(folder), folder);
  }
});

Deno.test("sort: pictures are copied with their date; equal names get numbers, and nothing is overwritten", async () => {
  const files = {
    "a/1.png": bytes("a"),
    "b/1.png": bytes("b"),
    "c/1.png": bytes("c"),
    "2.png": bytes("2"),
    "sorted/cat/1 (2).png": bytes("somebody else's"),
  };
  await withFiles(files, async (directory) => {
    await Deno.utime(join(directory, "2.png"), 1e9, 1e9);
    const options = { threshold: 0.5, isLinked: false };
    const sorted = await sort(directory, {
      "a/1.png": [0],
      "b/1.png": [0],
      "c/1.png": [1, 0.5],
      "2.png": [1, 0.49],
    }, options);
    assertEquals(snapshot(join(directory, "sorted")), {
      "cat/": "",
      "cat/1 (2).png": "somebody else's",
      "cat/1 (3).png": "b",
      "cat/1.png": "a",
      "dog/": "",
      "dog/1.png": "c",
      "unsure/": "",
      "unsure/2.png": "2",
    });
    assertEquals((await Deno.stat(join(directory, "sorted/unsure/2.png"))).mtime?.getTime(), 1e12);
    assertEquals(sorted.counts, { classes: { cat: 2, dog: 1 }, unsure: 1, present: 0 });
    assertMatch(sorted.describe(), /^4 images copied into .*sorted: 2 cat, 1 dog, 1 unsure$/);
    // The sources stay.
    assertEquals(namesIn(join(directory, "a")), ["1.png"]);
  });
});

Deno.test("sort: a second run adds only what is new, also after corrections by hand and with another model", async () => {
  await withFiles(
    { "1.png": bytes("one"), "2.png": bytes("two"), "b/1.png": bytes("more") },
    async (directory) => {
      const first = { "1.png": [0], "2.png": [0], "b/1.png": [0] } as const;
      await sort(directory, first);
      const at = (name: string) => join(directory, "sorted", name);
      await Deno.mkdir(at("horse"));
      await Deno.rename(at("cat/2.png"), at("horse/2.png"));
      const before = snapshot(at(""));
      const again = await sort(directory, { ...first, "1.png": [1] });
      assertEquals(snapshot(at("")), before);
      assertEquals(again.counts, { classes: {}, unsure: 0, present: 3 });
      assertMatch(again.describe(), /^0 images copied into .*; 3 were there already$/);
      await Deno.writeTextFile(join(directory, "1.png"), "a new version");
      await sort(directory, first);
      assertEquals(namesIn(at("cat")), ["1 (2).png", "1 (3).png", "1.png"]);
    },
  );
});

Deno.test("sort: links lead to the pictures from anywhere, and a second run makes no more", async () => {
  await withFiles({ "in/1.png": bytes("one"), "other/1.png": bytes("one!") }, async (directory) => {
    const options = { threshold: null, isLinked: true };
    const files = { "in/1.png": [0], "other/1.png": [0] } as const;
    const sorted = await sort(directory, files, options);
    assertMatch(sorted.describe(), /^2 images linked into/);
    const at = (name: string) => join(directory, "sorted/cat", name);
    assertEquals(await Deno.readLink(at("1.png")), join(directory, "in/1.png"));
    assertEquals(await Deno.readTextFile(at("1 (2).png")), "one!");
    assertEquals((await sort(directory, files, options)).counts.present, 2);
    // A link whose picture was deleted is left alone.
    await Deno.remove(join(directory, "other/1.png"));
    await Deno.writeTextFile(join(directory, "1.png"), "three");
    await sort(directory, { "1.png": [0] }, options);
    assertEquals(namesIn(dirname(at(""))), [".sorted", "cat"]);
    assertEquals(namesIn(at("")), ["1 (2).png", "1 (3).png", "1.png"]);
  });
});

Deno.test("sort: pictures in archives are copied; a picture that was deleted meanwhile is left out", async () => {
  const archive = zipFile([{ name: "x/1.png", data: bytes("zipped"), method: 8 }]);
  await withFiles({ "p.zip": archive }, async (directory) => {
    const files = { "p.zip/x/1.png": [1], "gone.png": [0] } as const;
    assertEquals((await sort(directory, files)).counts.classes, { dog: 1 });
    const { ".sorted": mark, ...rest } = snapshot(join(directory, "sorted"));
    assertMatch(mark ?? "", /^Pictures sorted by predict\./);
    assertEquals(rest, { "dog/": "", "dog/1.png": "zipped" });
    assertEquals((await sort(directory, files)).counts, { classes: {}, unsure: 0, present: 1 });
  });
});

Deno.test("sort: a copy that fails leaves nothing behind, and the error names picture and folder", async () => {
  await withFiles({ "1.png": bytes("one"), "sorted/dog": bytes("a file, no folder") }, async (directory) => {
    await assertRejects(() => sort(directory, { "1.png": [1] }), Error, "Cannot copy");
    await Deno.mkdir(join(directory, "2.png"));
    await assertRejects(() => sort(directory, { "2.png": [0] }), Error, "it is a folder");
    assertEquals(namesIn(join(directory, "sorted/cat")), []);
  });
});

Deno.test("sort: pictures in the sorted folder are no sources; arrays, and links into archives, are refused", () => {
  assert(isBelow("a/sorted/x/1.png", "a/sorted") && isBelow("a", "a"));
  assert(!isBelow("a/sorted2/1.png", "a/sorted") && !isBelow("..x/1.png", "a"));
  assert(isBelow("..x/1.png", "."));
  const found = { files: ["p/sorted/cat/1.png", "p/1.png", "p.zip/2.png"], arrays: [] };
  assertEquals(checkSources(found, "p/sorted", false), ["p/1.png", "p.zip/2.png"]);
  for (
    const [inputs, folder, isLinked, message] of [
      [found, "p/sorted", true, "links need files, but p.zip/2.png is in an archive"],
      [{ files: ["p/1.png"], arrays: [] }, "p", false, "all pictures lie in this folder"],
      [{ files: [], arrays: ["x.npy"] }, "p", false, "x.npy is an array"],
    ] as const
  ) assertThrows(() => checkSources(inputs, folder, isLinked), RangeError, message);
});

gpuTest("sort: predict --sort-into sorts by its own predictions, and again adds nothing", async (device) => {
  const pictures = Object.fromEntries(
    Array.from({ length: 9 }, (_, i) => [`in/${i % 3}/${i % 2}.png`, png(9, 9, (x, y) => x * 9 + y * i * 3)]),
  );
  const model = writeModel(
    madeUpModel("convnet_small", { imageShape: [1, 8, 8], classes: ["a/b", "unsure"] }),
  );
  const files = { ...pictures, "in/half.png": png(9, 9, () => 1).subarray(0, 50), "m.safetensors": model };
  await withFiles(files, async (directory) => {
    const call = callOn(device), at = (name: string) => join(directory, name);
    const predict = (...args: string[]) => call("predict", at("m.safetensors"), at("in"), ...args);
    const sorting = [`--sort-into=${at("out")}`, "--threshold=0.6"];
    const ending = await predict(...sorting, "--json");
    assertEnded(ending, 2);
    assertStringIncludes(ending.stderr, '"a/b" has a_b/, "unsure" has unsure (2)/');
    const sorted = ending.stdout.split("\n").map((line) => line && JSON.parse(line)).find((each) =>
      each.kind
    );
    const table = JSON.parse(
      (await call("predict", at("m.safetensors"), at("in"), `--output=${at("t.json")}`),
        await Deno.readTextFile(at("t.json"))),
    );
    const counts: Record<string, number> = {};
    for (const { class: name, probability } of table) {
      const folder = probability < 0.6 ? "unsure" : name === "unsure" ? "unsure (2)" : "a_b";
      counts[folder] = (counts[folder] ?? 0) + 1;
    }
    const filesOf = (name: string) => namesIn(at(`out/${name}`)).length;
    const folders = namesIn(at("out")).filter((name) => name !== ".sorted");
    assertEquals(Object.fromEntries(folders.map((name) => [name, filesOf(name)])), counts);
    assertEquals([sorted.kind, sorted.unsure, sorted.present], ["sorted", counts["unsure"] ?? 0, 0]);

    const before = snapshot(at("out")), again = await predict(...sorting);
    assertEnded(again, 2);
    assertStringIncludes(
      again.stdout,
      `0 images copied into ${at("out")}; ${table.length} were there already`,
    );
    assertEquals(snapshot(at("out")), before);
    for (
      const [args, message] of [
        [["--threshold=0.5"], "Cannot use --threshold without --sort-into"],
        [["--link"], "Cannot use --link without --sort-into"],
        [[...sorting, "--threshold=1.5"], "--threshold must be"],
        [[`--sort-into=${at("in")}`], "all pictures lie in this folder"],
        [[`--sort-into=${at("m.safetensors")}`], "Cannot sort into"],
      ] as const
    ) {
      const refused = await predict(...args);
      assertEnded(refused, 1);
      assertStringIncludes(refused.stderr, message);
    }
  });
});
