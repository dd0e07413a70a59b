/** The command that writes features and tests them. */
import { join } from "node:path";
import { decode } from "npm:fast-png@8.0.0";
import { labelsOfFolders } from "../../cli/pictures/folder_labels.ts";
import { parseNpy, writeNpy } from "../../data/mod.ts";
import { Model, writeModel } from "../../nn/mod.ts";
import { neighborError } from "../../semisup/mod.ts";
import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "../assert.ts";
import { png, withFiles } from "../data/fixtures.ts";
import { assertClose } from "../kernels/close.ts";
import { gpuTest } from "../kernels/device.ts";
import { madeUpModel } from "../nn/made_up_model.ts";
import { assertEnded, namesIn } from "./command.ts";
import { callOn } from "./in_process.ts";

const contents = madeUpModel("convnet_small", { imageShape: [3, 8, 8], classes: ["dark", "light"] });
const model = { "model.safetensors": writeModel(contents) };
/** A picture of a class: dark and light ones differ in every pixel. */
const picture = (isLight: boolean, i: number) =>
  png(8, 8, (x, y, c) => (isLight ? 200 : 20) + (7 * x + 5 * y + 3 * c + 11 * i) % 30);
const pictures = Object.fromEntries(
  Array.from({ length: 12 }, (_, i) => [
    `photos/${i % 2 ? "light" : "dark"}/${i}.png`,
    picture(i % 2 === 1, i),
  ]),
);

gpuTest(
  "embed: features are the model's, with names, labels, sprite and the errors of a test",
  async (device) => {
    const call = callOn(device);
    await withFiles(
      { ...model, ...pictures, "photos/dark/broken.png": new Uint8Array(40) },
      async (folder) => {
        const at = (...names: string[]) => join(folder, ...names);
        const ending = await call("embed", at("model.safetensors"), at("photos"), "--neighbors=3");
        assertEquals(ending.code, 2, ending.stderr);
        assertStringIncludes(ending.stderr, "broken.png");
        assertMatch(ending.stdout, /^12 pictures, 64 features each: .*features\.npy\n/);
        assertMatch(
          ending.stdout,
          /Error of 3 nearest neighbours: 0\.0 % .* over 12 labelled pictures of 2 classes/,
        );
        assertMatch(
          ending.stdout,
          /Error of a linear probe: 0\.0 % \(0\.0 to 24\.2 %\), leave-one-out over 12/,
        );
        const files = [
          "features.npy",
          "metadata.tsv",
          "names.json",
          "projector_config.pbtxt",
          "sprite.png",
          "vectors.tsv",
        ];
        assertEquals(namesIn(at("embedding")), files);
        const { shape, values } = parseNpy(
          await Deno.readFile(at("embedding", "features.npy")),
          "features.npy",
        );
        assertEquals(shape, [12, 64]);
        const names: string[] = JSON.parse(await Deno.readTextFile(at("embedding", "names.json")));
        using loaded = await Model.create(contents, { device });
        const [, name = ""] = names, { data } = decode(await Deno.readFile(name));
        const planes = Uint8Array.from(
          { length: 192 },
          (_, i) => data[3 * (i % 64) + Math.floor(i / 64)] ?? 0,
        );
        const [want] = await loaded.predictPlanes(planes, undefined, { features: true });
        const features = Array.from(values.slice(64, 128), Number);
        assertClose(features, want?.features ?? [], { rtol: 1e-4, atol: 1e-5 });
        const [head, , row = ""] = (await Deno.readTextFile(at("embedding", "metadata.tsv"))).split("\n");
        assertEquals(head, "name\tlabel\tprediction\tprobability");
        const label = name.includes("light") ? "light" : "dark";
        assertEquals(row, [name, label, want?.className, want?.probability.toFixed(4)].join("\t"));
        const vectors = (await Deno.readTextFile(at("embedding", "vectors.tsv"))).trimEnd().split("\n");
        assertEquals(vectors.length, 12);
        assertClose(vectors[1]?.split("\t").map(Number) ?? [], features, { rtol: 1e-5, atol: 0 });
        // Four columns of pictures, each 64 pixels wide.
        const sprite = decode(await Deno.readFile(at("embedding", "sprite.png")));
        assertEquals([sprite.width, sprite.height], [256, 256]);
        assertEquals([...sprite.data.subarray(3 * 64, 3 * 64 + 3)], [...data.subarray(0, 3)]);
        assertStringIncludes(await Deno.readTextFile(at("embedding", "projector_config.pbtxt")), "dim: 64");
        const settings = await Deno.readTextFile(at("projector_config.pbtxt"));
        assertStringIncludes(settings, 'image_path: "embedding/sprite.png"');
        const again = await call("embed", at("model.safetensors"), at("photos"));
        assertEquals(again.code, 1);
        assertStringIncludes(again.stderr, "Name a new file");
      },
    );
  },
);

gpuTest("embed: pictures without labels are not tested, and arrays are refused", async (device) => {
  const call = callOn(device),
    files = { "photos/a.png": picture(true, 0), "photos/b.png": picture(false, 1) };
  await withFiles({ ...model, ...files, "a.npy": writeNpy([1, 8], new Float32Array(8)) }, async (folder) => {
    const at = (...names: string[]) => join(folder, ...names);
    const ending = await call(
      "embed",
      at("model.safetensors"),
      at("photos"),
      `--output=${at("out")}`,
      "--json",
    );
    assertEnded(ending, 0);
    assertEquals(JSON.parse(ending.stdout).features, 64);
    assertStringIncludes(ending.stderr, "The features are not tested");
    const refused = await call("embed", at("model.safetensors"), at("a.npy"));
    assertEquals(refused.code, 1);
    assertStringIncludes(refused.stderr, "it is an array. Pass pictures.");
  });
});

Deno.test("embed: a label is the folder named like a class, or else the picture's folder", () => {
  const files = ["p/cat/tabby/1.png", "p/dog/2.png", "p/3.png"];
  assertEquals(labelsOfFolders(files, ["cat", "dog"]), ["cat", "dog", null]);
  assertEquals(labelsOfFolders(files, ["owl"]), ["tabby", "dog", "p"]);
  assertEquals(labelsOfFolders(["p/1.png", "p/2.png"], ["owl"]), [null, null]);
  const sets = ["p/cat/1.png", "p/train/dog/2.png", "p/unlabeled/3.png", "p/test/4.png", "p/images/5.png"];
  assertEquals(labelsOfFolders(sets, ["owl"]), ["cat", "dog", null, null, null]);
  assertEquals(labelsOfFolders(["p/cat/1.png", "p/unlabeled/2.png"], ["owl"]), [null, null]);
  assertEquals(labelsOfFolders(["1.png"], ["owl"]), [null]);
});

Deno.test("neighbours: the majority of the nearest others decides, of equal classes the nearest", () => {
  const features = [[1, 0], [0.99, 0.1], [0.9, 0.3], [0, 1], [0.1, 1]], labels = [0, 1, 1, 0, 0];
  const errorOf = (neighbors: number) =>
    neighborError({ features, labels, classCount: 2 }, { neighbors }).error;
  // Angles are 0, 6, 18, 90 and 84 degrees. With three neighbours, the last two outvote the nearest one.
  assertEquals([errorOf(1), errorOf(3), errorOf(4)], [2 / 5, 1, 3 / 5]);
  assertEquals(neighborError({ features, labels, classCount: 2 }, { maxTested: 2 }).examples, 2);
  assertThrows(
    () => neighborError({ features: [[1]], labels: [0], classCount: 1 }),
    RangeError,
    "at least two examples",
  );
  assertThrows(
    () => neighborError({ features: [[1], [NaN]], labels: [0, 0], classCount: 1 }),
    RangeError,
    "features of example 1 must be finite",
  );
});

Deno.test("npy: an array that is written is read back, its data aligned to 64 bytes", () => {
  for (const shape of [[3], [2, 3], [0, 4], [1, 1, 2, 2]]) {
    const count = shape.reduce((a, b) => a * b, 1),
      values = Float32Array.from({ length: count }, Math.fround);
    const file = writeNpy(shape, values);
    assertEquals((file.length - 4 * count) % 64, 0);
    const read = parseNpy(file, "a.npy");
    assertEquals([read.shape, read.dtype, [...read.values].map(Number)], [shape, "f4", [...values]]);
  }
  assertThrows(() => writeNpy([2], new Float32Array(3)), RangeError, "must have 3 elements");
});
