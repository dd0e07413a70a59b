/**
 * The page of examples/browser: built, and driven in Chromium. `SITE_SCREENSHOTS` names a folder for screenshots of a
 * long trial, which also trains the baseline and on own pictures, as `deno task site:try` does.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSite } from "../../examples/browser/build.ts";
import { type Digits, readDigits, writeDigits } from "../../examples/browser/digits.ts";
import { loadModel, writeModel } from "../../nn/mod.ts";
import { assert, assertAlmostEquals, assertEquals, assertMatch } from "../assert.ts";
import { findChromium } from "../chromium.ts";
import { png, withFiles } from "../data/fixtures.ts";
import { gpuTest } from "../kernels/device.ts";
import { madeUpModel } from "../nn/made_up_model.ts";
import type { SiteReport, SiteRequest } from "./drive_site.ts";

Deno.test("site: digits survive their file", async () => {
  const digits: Digits = {
    counts: { labeled: 1, unlabeled: 1, test: 1 },
    images: Uint8Array.from({ length: 3 * 784 }, (_, i) => i % 251),
    labels: Uint8Array.of(0, 255, 7),
  };
  assertEquals(await readDigits(new Blob([await writeDigits(digits)])), digits);
});

/** Runs the driver. */
async function drive(request: SiteRequest): Promise<SiteReport> {
  const program = fileURLToPath(new URL("drive_site.ts", import.meta.url));
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-lock", "--no-check", program, JSON.stringify(request)],
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

const chromium = await findChromium();

gpuTest(
  "site: the page learns digits in Chromium, and its models and those of the command predict the same in both",
  async (device, test) => {
    if (chromium === null) {
      await test.step({ name: "Chromium is not installed", ignore: true, fn: () => {} });
      return;
    }
    const screenshots = Deno.env.get("SITE_SCREENSHOTS") ?? null;
    // A seven: a bar, and a stroke down from its right end.
    const pixels = (x: number, y: number) =>
      (y >= 6 && y < 9 && x > 6 && x < 21) || (y >= 9 && y < 23 && Math.abs(x - 20 + (y - 8) / 2) < 1.5)
        ? 240
        : 0;
    const files: Record<string, Uint8Array> = {
      "seven.png": png(28, 28, pixels),
      "model.safetensors": writeModel(madeUpModel("convnet_small", { imageShape: [3, 28, 28] })),
      "chosen/notes.txt": new TextEncoder().encode("no picture"),
      "chosen/.hidden.png": png(28, 28, () => 0),
      "chosen/broken.png": png(28, 28, pixels).subarray(0, 60),
    };
    // Pictures of several sizes; those in the first folder are dark.
    for (let i = 0; i < 12; i++) {
      const [width, height] = ([[28, 28], [40, 40], [90, 30]] as const)[i % 3] ?? [32, 32];
      for (
        const [path, least] of [[`chosen/deep/dark-${i}`, 20], [`dropped/below/bright-${i}`, 150]] as const
      ) {
        files[`${path}.png`] = png(width, height, (x, y, c) => least + (x * 3 + y * 2 + c * 20 + i * 5) % 70);
      }
    }
    await withFiles(files, async (directory) => {
      const at = (name: string) => join(directory, name);
      await buildSite(at("site"));
      const report = await drive({
        chromium,
        site: at("site"),
        picture: at("seven.png"),
        model: at("model.safetensors"),
        trained: at("trained.safetensors"),
        chosen: at("chosen"),
        dropped: at("dropped"),
        screenshots,
      });
      assertEquals(report.faults, []);
      assertEquals(report.missing, "This browser has no WebGPU, or it is turned off.");
      assertMatch(report.errors.at(-1) ?? "", /teacher (\d|1\d|2[0-4])\.\d\s%/);
      assertMatch(report.guess, /^1: /);
      const grey = Uint8Array.from({ length: 784 }, (_, i) => pixels(i % 28, Math.floor(i / 28)));
      for (
        const [file, probabilities] of [
          ["trained.safetensors", report.ofTrained],
          ["model.safetensors", report.ofLoaded],
        ] as const
      ) {
        using model = await loadModel(at(file), { device });
        const planes = new Uint8Array([...Array(model.description.imageShape[0])].flatMap(() => [...grey]));
        const [prediction] = await model.predict([{ planes, width: 28, height: 28 }]);
        const want = [...prediction!.probabilities];
        assertEquals(probabilities.length, want.length);
        probabilities.forEach((each, i) => assertAlmostEquals(each, want[i]!, 1e-4, file));
      }
      const { own } = report;
      assertEquals(own.messages, [
        "Name at least two classes.",
        "12 pictures added. Not decoded: broken.png.",
        "Label at least one picture as bright.",
      ]);
      assertEquals(own.counts, [12, 24, 25]);
      assertMatch(own.live, / \d+\.\d\s%$/);
      assertEquals(
        own.labels,
        [0, 1].flatMap((i) => [`bright-${i}.png: ✓ bright`]).concat(
          [0, 1].map((i) => `dark-${i}.png: ✓ dark`),
        ),
      );
      if (screenshots === null) return;
      assertMatch(report.errors.at(-1) ?? "", /baseline/);
      const right = report.trained.filter((text) => /^(dark|bright)-\d+\.png: (✓ )?\1/.test(text));
      assert(right.length >= 20, report.trained.join(", "));
      assertMatch(report.unflagged, /WebGPU/);
    });
  },
);
