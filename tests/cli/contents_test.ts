/** Images replaced under the same names between the start of a run and its resumption. */
import { join } from "node:path";
import { checkContents } from "../../cli/plan/contents.ts";
import type { Plan } from "../../cli/plan/plan.ts";
import { streamFiles } from "../../data/files/mod.ts";
import type { Dataset, ImageSource } from "../../data/mod.ts";
import { assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";
import { numbered, png, withFiles } from "../data/fixtures.ts";
import { npyFile } from "../data/npy_writer.ts";
import { gpuTest } from "../kernels/device.ts";
import { callOn } from "./in_process.ts";

const { signal } = new AbortController();

function datasetOf(train: ImageSource): Dataset {
  const channelStatistics = { mean: [0], standardDeviation: [1], source: "made up" };
  const test = { images: new Uint8Array(), labels: new Int32Array(), imageShape: train.imageShape };
  return { name: "made-up", classes: ["a", "b"], channelStatistics, train, test };
}

/** The parts of a plan that the check reads. */
function planOf(about?: Readonly<Record<string, string>>, verify = false): Plan {
  const from = about ? { path: "c.safetensors", checkpoint: { about } } : null;
  return { kind: about ? "resumed" : "fresh", run: { verify }, from } as unknown as Plan;
}

Deno.test("contents: every pixel and the number of images in memory count, names and labels do not", async () => {
  const train = (change: number, count = 1000) => {
    const images = Uint8Array.from({ length: 4 * count }, (_, i) => i % 251);
    images[4 * 500 + 1]! ^= change;
    return { images, labels: new Int32Array(count), imageShape: [1, 2, 2] as const };
  };
  const about = await checkContents(planOf(), datasetOf(train(0)), signal);
  assertEquals(Object.keys(about), ["contents", "allContents"]);
  assertEquals(await checkContents(planOf(about), datasetOf(train(0)), signal), about);
  for (const changed of [train(1), train(0, 999)]) {
    const check = () => checkContents(planOf(about), datasetOf(changed), signal);
    await assertRejects(check, RangeError, "Cannot resume from c.safetensors: the images must be the same");
  }
  // Checkpoints of older versions have no fingerprints.
  await checkContents(planOf({}), datasetOf(train(1)), signal);
});

Deno.test("contents: of images in files a sample is compared, with --verify all", async () => {
  const names = Array.from({ length: 300 }, (_, i) => `${i}.png`);
  const files = Object.fromEntries(names.map((name, i) => [name, png(2, 2, numbered(i, () => 7))]));
  await withFiles(files, async (directory) => {
    const open = () =>
      datasetOf(streamFiles({ names: names.map((name) => join(directory, name)), imageShape: [3, 2, 2] }));
    const about = await checkContents(planOf(), open(), signal);
    const verified = await checkContents(planOf(undefined, true), open(), signal);
    assertEquals([Object.keys(about), Object.keys(verified)], [["contents"], ["contents", "allContents"]]);
    // Of 300 images, every seventh or so is not in the sample of 256.
    for (const name of names.slice(4, 10)) await Deno.writeFile(join(directory, name), png(2, 2, () => 99));
    const check = (verify: boolean) => () => checkContents(planOf(verified, verify), open(), signal);
    for (const verify of [false, true]) await assertRejects(check(verify), RangeError, "other contents");
  });
});

gpuTest("contents: a run whose pictures or arrays were replaced is not resumed", async (device) => {
  const call = callOn(device), files: Record<string, Uint8Array> = {};
  for (const [c, name] of ["cat", "dog"].entries()) {
    for (let i = 0; i < 10; i++) {
      files[`photos/${name}/${i}.png`] = png(
        8,
        8,
        numbered(i + 10 * c, () => 90 * c),
      );
    }
  }
  const pixels = Array.from({ length: 20 * 64 }, (_, i) => i % 250);
  files["arrays/images.npy"] = npyFile([20, 8, 8], pixels, "|u1");
  files["arrays/labels.npy"] = npyFile([20], Array.from({ length: 20 }, (_, i) => i % 2), "|u1");
  const short = [
    "--steps=2",
    "--max-steps=1",
    "--batch-size=4",
    "--labeled-batch-size=2",
    "--arch=convnet_small",
  ];
  await withFiles(files, async (directory) => {
    for (
      const [data, changed, bytes] of [
        ["photos", "photos/cat/3.png", png(8, 8, numbered(3, () => 1))],
        ["arrays", "arrays/images.npy", npyFile([20, 8, 8], pixels.map((value) => value + 1), "|u1")],
      ] as const
    ) {
      const run = join(directory, `run-${data}`), checkpoint = join(run, "final.safetensors");
      const started = await call("train", join(directory, data), ...short, `--output=${run}`);
      assertEquals(started.code, 0, started.stderr);
      await Deno.writeFile(join(directory, changed), bytes);
      const { code, stderr } = await call("train", `--resume=${checkpoint}`, `--output=${run}-2`);
      assertEquals(code, 1, stderr);
      assertStringIncludes(stderr, "some have other contents under the same names");
    }
  });
});
