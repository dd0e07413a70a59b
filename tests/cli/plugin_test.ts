/** `--plugin`: a module of the user whose networks and datasets the commands know by name. */
import { join } from "node:path";
import { lastValueIn } from "../../cli/plan/plugin.ts";
import { pluginFlags } from "../../cli/hints/resume_command.ts";
import { readModel } from "../../nn/mod.ts";
import { assertEquals, assertMatch, assertStringIncludes } from "../assert.ts";
import { png, withFiles } from "../data/fixtures.ts";
import { gpuTest } from "../kernels/device.ts";
import { assertEnded, checkpointIn, commandOf, jsonIn, run } from "./command.ts";
import { callOn } from "./in_process.ts";

/** Registers a network, a dataset of dark and bright images made in memory, a method and an augmentation. */
const plugin = `
import {
  Classifier, Conv2d, findMethod, GlobalAvgPool2d, Initializer, Linear, registerArchitecture, registerAugmentation,
  registerDataset, registerMethod, ReLU, Sequential, sub,
} from "${new URL("../../mod.ts", import.meta.url)}";

registerArchitecture({
  name: "plugin_net",
  summary: "one convolution",
  build({ imageShape: [channels], classCount, seed }) {
    const init = new Initializer(seed);
    const features = new Sequential([new Conv2d(channels, 4, 3, init), new ReLU(), new GlobalAvgPool2d()]);
    return new Classifier(features, [new Linear(4, classCount, init)]);
  },
});

registerMethod({ ...findMethod("pi"), name: "plugin-pi", title: "Own" });
registerAugmentation({ name: "negative", title: "negative", create: () => (images) => sub(1, images) });

const imageShape = [1, 8, 8], classes = ["dark", "bright"];
const channelStatistics = { mean: [0.5], standardDeviation: [0.25], source: "made up" };
function images(count) {
  const labels = Int32Array.from({ length: count }, (_, i) => i % 2);
  return { images: Uint8Array.from({ length: count * 64 }, (_, i) => 60 + 120 * labels[i >> 6] + i % 7), labels, imageShape };
}
registerDataset({
  name: "plugin_data", title: "Dark and bright", classes, imageShape, channelStatistics,
  horizontalFlip: true, howToGet: "It is made in memory.",
  load: () => Promise.resolve({ name: "plugin_data", classes, channelStatistics, train: images(60), test: images(20) }),
});
`;

const short = [
  "--arch=plugin_net",
  "--dataset=plugin_data",
  "--labels-per-class=5",
  "--batch-size=8",
  "--labeled-batch-size=4",
  "--input-noise=0",
  "--augment=none",
  "--steps=4",
  "--tune=off",
];

gpuTest("a plugin's network and dataset are trained, resumed, tested and used by name", async (device) => {
  const call = callOn(device);
  const text = new TextEncoder().encode(plugin);
  await withFiles({ "own.ts": text, "image.png": png(8, 8, () => 190) }, async (directory) => {
    const at = (...names: string[]) => join(directory, ...names);
    const file = at("own.ts"), flag = `--plugin=${file}`;
    assertEnded(await call("train", flag, ...short, `--output=${at("whole")}`), 0);
    const { plugin, architecture, dataset } = await jsonIn(at("whole", "config.json"));
    assertEquals({ plugin, architecture, dataset }, {
      plugin: file,
      architecture: "plugin_net",
      dataset: "plugin_data",
    });
    const model = readModel(await Deno.readFile(at("whole", "model.safetensors")));
    assertEquals([model.architecture, model.about["plugin"]], ["plugin_net", undefined]);

    const part = await call("train", flag, ...short, "--max-steps=2", `--output=${at("part")}`);
    assertEnded(part, 0);
    assertStringIncludes(part.stdout, `--plugin ${file}`);
    const shown = await call("train", flag, "--algorithm=plugin-pi", "--strong-augment=negative", "--show");
    assertEnded(shown, 0);
    const { algorithm, strongAugment } = JSON.parse(shown.stdout);
    assertEquals({ algorithm, strongAugment }, { algorithm: "plugin-pi", strongAugment: "negative" });

    const resume = ["--resume", at("part", "final.safetensors"), `--output=${at("rest")}`];
    const without = await call("train", ...resume);
    assertEnded(without, 1);
    assertStringIncludes(without.stderr, `its run uses the plugin ${file}. Pass it with --plugin.`);
    assertEnded(await call("train", ...resume, flag), 0);
    const [whole, rest] = await Promise.all(
      ["whole", "rest"].map((name) => checkpointIn(at(name, "final.safetensors"))),
    );
    assertEquals(rest?.student, whole?.student);

    for (const name of ["evaluate", "suggest", "report"] as const) {
      assertEnded(await call(name, at("whole"), flag), 0);
    }
    const list = at("classes.csv");
    assertEnded(await call("predict", at("whole"), at("image.png"), flag, `--output=${list}`), 0);
    assertMatch(await Deno.readTextFile(list), /image\.png,(dark|bright),/);
  });
});

Deno.test("a plugin is found from the caller's folder, and its names are listed", async () => {
  await withFiles({ "own.ts": new TextEncoder().encode(plugin) }, async (directory) => {
    const named = plugin.replace(/"file:.*mod\.ts"/, '"@mean-teacher/mean-teacher"');
    await Deno.writeTextFile(join(directory, "named.ts"), named);
    for (const name of ["own.ts", "named.ts"]) {
      const { code, stdout, stderr } = await run([...commandOf("networks"), "--plugin", name], directory);
      assertEquals(code, 0, stderr);
      assertMatch(stdout, /plugin_net +\d+ +one convolution/);
    }
  });
});

gpuTest("a plugin that cannot be imported, or registers nothing, is refused", async (device) => {
  const call = callOn(device);
  const files = {
    "nothing.ts": "export {};",
    "broken.ts": "throw new Error('made to fail');",
    "bare.ts": `import "mean-teacher";`,
  };
  const encoder = new TextEncoder();
  const encoded = Object.fromEntries(
    Object.entries(files).map(([name, text]) => [name, encoder.encode(text)]),
  );
  await withFiles(encoded, async (directory) => {
    const refusals = {
      "nothing.ts": "it registers nothing. Call registerArchitecture",
      "broken.ts": "made to fail",
      "bare.ts": `it imports "mean-teacher", which is not known. Import file:`,
      "none.ts": "module not found",
    };
    for (const [name, reason] of Object.entries(refusals)) {
      const { code, stderr } = await call("train", "--plugin", join(directory, name), "--show");
      assertEquals(code, 1);
      assertStringIncludes(stderr, join(directory, name));
      assertStringIncludes(stderr, reason);
    }
  });
});

Deno.test("the plugin of arguments is that of the last flag before --", () => {
  assertEquals(
    lastValueIn(["--plugin", "a.ts", "x", "--plugin=b.ts", "--", "--plugin=c.ts"], "--plugin"),
    "b.ts",
  );
  assertEquals(lastValueIn(["--plugin"], "--plugin"), undefined);
  assertEquals(pluginFlags({ plugin: "/a.ts" }), ["--plugin", "/a.ts"]);
  assertEquals(pluginFlags({ plugin: null }), []);
});
