/**
 * The page of examples/browser: built, and driven in Chromium. `SITE_SCREENSHOTS` names a folder for screenshots; then
 * the test also trains on pictures of its own.
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
      "model.safetensors": writeModel(madeUpModel("convnet_small", { imageShape: [1, 28, 28] })),
    };
    const own = screenshots === null ? [] : Array.from({ length: 24 }, (_, i) => `own/${i}.png`);
    own.forEach((name, i) =>
      files[name] = png(40, 40, (x, y, c) => (i < 12 ? 20 : 150) + (x * 3 + y * 2 + c * 20 + i * 5) % 70)
    );
    await withFiles(files, async (directory) => {
      const at = (name: string) => join(directory, name);
      await buildSite(at("site"));
      const report = await drive({
        chromium,
        site: at("site"),
        picture: at("seven.png"),
        model: at("model.safetensors"),
        trained: at("trained.safetensors"),
        own: own.map(at),
        screenshots,
      });
      assertEquals(report.faults, []);
      assertEquals(report.missing, "This browser has no WebGPU, or it is turned off.");
      assertMatch(report.errors.at(-1) ?? "", /teacher (\d|1\d|2[0-4])\.\d %/);
      assertMatch(report.guess, /^1: /);
      const planes = Uint8Array.from({ length: 784 }, (_, i) => pixels(i % 28, Math.floor(i / 28)));
      for (
        const [file, probabilities] of [
          ["trained.safetensors", report.ofTrained],
          ["model.safetensors", report.ofLoaded],
        ] as const
      ) {
        using model = await loadModel(at(file), { device });
        const [prediction] = await model.predict([{ planes, width: 28, height: 28 }]);
        const want = [...prediction!.probabilities];
        assertEquals(probabilities.length, want.length);
        probabilities.forEach((each, i) => assertAlmostEquals(each, want[i]!, 1e-4, file));
      }
      const right = report.own.filter((text, i) => text.includes(i < 12 ? "dark" : "bright"));
      assert(right.length >= 0.8 * own.length, report.own.join(", "));
    });
  },
);
