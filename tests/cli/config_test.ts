/** `--config`: options from files, under those of the command line. */
import { join } from "node:path";
import { Ajv } from "npm:ajv@8.20.0";
import { configSchema } from "../../cli/config/schema.ts";
import { describeDifferences } from "../../cli/config/differences.ts";
import { readConfigFile } from "../../cli/config/config_file.ts";
import { checkConfig } from "../../cli/config/config_options.ts";
import { mergeOptions } from "../../cli/config/merge.ts";
import { withConfig } from "../../cli/train.ts";
import { planRun } from "../../cli/plan/run_plan.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "../assert.ts";
import { withFiles } from "../data/fixtures.ts";
import { gpuTest } from "../kernels/device.ts";
import { assertEnded, checkpointIn, jsonIn, linesIn, tinyDataset, writeFolder } from "./command.ts";
import { callOn } from "./in_process.ts";
import { listedPictures } from "./tiny_files.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** The checked options of a file of this text. */
async function optionsIn(name: string, text: string) {
  let result: Readonly<Record<string, unknown>> = {};
  await withFiles({ [name]: encode(text) }, async (directory) => {
    const { chosen } = checkConfig(await readConfigFile(join(directory, name)));
    result = JSON.parse(JSON.stringify(chosen).replaceAll(directory, "HERE"));
  });
  return result;
}

Deno.test("config: JSON with comments and YAML say the same, and paths start at their folder", async () => {
  const expected = {
    dataDir: "HERE/data",
    labels: ["HERE/a, b.csv", "/c.csv"],
    missing: ["?", "none"],
    fileColumn: "2",
    holdOut: false,
    clipNorm: null,
    seed: 7,
    consistencyRampup: "40steps",
    colorJitter: [0.4, 0.4, 0.4, 0.1],
    "fixmatch.threshold": 0.9,
  };
  const json = `\uFEFF{ // a comment
    "$schema": "anything", "dataDir": "data", "labels": ["a, b.csv", "/c.csv"], "missing": "?, none",
    "fileColumn": 2, "holdOut": false, "labelsPerClass": null, /* another */ "clipNorm": null, "seed": 7,
    "consistencyRampup": "40steps", "colorJitter": [0.4, 0.4, 0.4, 0.1], "fixmatch.threshold": 0.9,
    "about": { "classes": ["a"] },
  }`;
  const yaml = `# a comment
dataDir: ./data
labels: ["a, b.csv", /c.csv]
missing: ["?", none]
fileColumn: 2
holdOut: false
labelsPerClass:
clipNorm: null
seed: 7
consistencyRampup: 40steps
colorJitter: [0.4, 0.4, 0.4, 0.1]
fixmatch.threshold: 0.9
`;
  for (const name of ["a.json", "a.jsonc"]) assertEquals(await optionsIn(name, json), expected);
  for (const name of ["a.yaml", "a.YML"]) assertEquals(await optionsIn(name, yaml), expected);
});

Deno.test("config: faults name file, line and option", async () => {
  const refusals: [name: string, text: string, kind: new () => Error, message: string][] = [
    ["a.yaml", "seed: 1\nlerningRate: 1", RangeError, 'a.yaml (line 2): unknown option "lerningRate"; did'],
    ["a.yaml", "lr: 1", RangeError, 'did you mean "learningRate"?'],
    ["a.json", '{\n\n"seed": "1"}', TypeError, "a.json (line 3): seed must be a whole number from 0"],
    ["a.json", '{"emaDecay": 2}', RangeError, "emaDecay must be a number from 0 to 1, but is 2"],
    ["a.yaml", "flip: yes", TypeError, 'flip must be true or false, but is "yes"'],
    ["a.yaml", "algorithm: vt", RangeError, 'but is "vt"; did you mean "vat"?'],
    ["a.yaml", "architecture: null", TypeError, "architecture must be one of"],
    ["a.yaml", "labels: [1]", RangeError, "labels must be a path, but is 1"],
    ["a.yaml", "resume: x", RangeError, "--resume works on the command line only"],
    ["a.yaml", "seed: 1\nseed: 2", SyntaxError, "(line 2): the file is not valid YAML: Map keys must be"],
    ["a.json", '{"seed": 1,\n"seed": 2}', SyntaxError, '(line 2): "seed" is there twice'],
    ["a.json", '{"seed": 1 "flip": true}', SyntaxError, "not valid JSON: comma expected"],
    ["a.json", "[1]", SyntaxError, "the file must hold options"],
    ["a.yaml", "", SyntaxError, "the file must hold options"],
    ["a.txt", "seed: 1", RangeError, "the name must end with .json, .jsonc, .yaml, .yml"],
    ["a.json", '{"about": {"resume": "/x"}}', RangeError, "its run was resumed from /x. Use --resume /x"],
  ];
  for (const [name, text, kind, message] of refusals) {
    const error = await assertRejects(() => optionsIn(name, text), kind, message);
    assert(/^Cannot [^\n]*$/.test(error.message), error.message);
  }
  await assertRejects(() => readConfigFile("none.json"), RangeError, "none.json: no such file or folder");
});

Deno.test("config: the command line replaces options, and those that it contradicts or determines", () => {
  const merge = mergeOptions;
  assertEquals(merge({ dataset: "mnist", preset: "mnist-20", seed: 1 }, { data: "photos", seed: 2 }), {
    run: { data: "photos" },
    training: { seed: 2 },
  });
  assertEquals(merge({ epochs: 2, steps: 9 }, {}).training, { epochs: 2, steps: 9 });
  assertEquals(merge({ epochs: 2 }, {}).training, { epochs: 2, steps: null });
  assertEquals(merge({ epochs: 2, steps: 9 }, { epochs: 3 }).training, { epochs: 3, steps: null });
  assertEquals(merge({ epochs: 2, steps: 9 }, { steps: 5 }).training, { epochs: 2, steps: 5 });
  assertEquals(merge({ flip: true, rotate: 3, seed: 1 }, { augment: ["flip"] }), {
    run: { augment: ["flip"] },
    training: { seed: 1 },
  });
  assertEquals(merge({ labels: ["a"], missing: ["?"] }, { labelsPerClass: 3 }).run, { labelsPerClass: 3 });
  assertEquals(merge({ baseline: true }, { folds: 3 }).run, { folds: 3 });
  const { training } = merge({ consistency: 100, learningRate: 1, inputNoise: 1 }, { algorithm: "fixmatch" });
  assertEquals(training["algorithm"], "fixmatch");
  assertEquals(training.consistency, undefined);
  const other = merge({ algorithm: "vat", "vat.epsilon": 3, "ict.alpha": 1 }, { algorithm: "ict" });
  assertEquals(other.training, { algorithm: "ict", "ict.alpha": 1 });
  const preset = merge({ data: "photos", learningRate: 1, recordSteps: 7 }, { preset: "mnist-100" });
  assertEquals(preset, { run: { preset: "mnist-100" }, training: { recordSteps: 7 } });
});

Deno.test("config: kernels that a run measured are used again, unless --tune is set", async () => {
  const text = '{"seed": 4, "about": {"kernels": {"matmul 3": "tiles"}, "classes": []}}';
  await withFiles({ "config.json": encode(text) }, async (config) => {
    const { kernels, training } = await withConfig({ config });
    assertEquals([kernels, training], [{ "matmul 3": "tiles" }, { seed: 4 }]);
    assertEquals((await withConfig({ config, tune: "fast" })).kernels, undefined);
    const plan = await planRun({ run: {}, training: {}, kernels: { "matmul 3": "tiles" } }, new Date(0));
    assertEquals(plan.kernels, { "matmul 3": "tiles" });
  });
  const wrong = '{"about": {"kernels": {"matmul 3": 1}}}';
  await assertRejects(() => optionsIn("a.json", wrong), TypeError, "kernels must be names by op and shape");
});

Deno.test("config: options other than the defaults are shown as flags", async () => {
  const now = new Date(0);
  assertEquals(
    describeDifferences(await planRun({ run: {}, training: {} }, now)),
    "All options have their default values.",
  );
  const plan = await planRun({
    run: { labelsPerClass: 3, labels: null, dataDir: "my data" },
    training: { flip: true, emaWarmup: false, steps: 9, algorithm: "ict", "ict.alpha": 0.5 },
  }, now);
  assertEquals(describeDifferences(plan).split("\n").map((line) => line.trim()), [
    "Options other than the defaults:",
    "--data-dir 'my data' --labels-per-class 3 --algorithm ict --no-ema-warmup --flip --steps 9",
    "--ict-alpha 0.5",
  ]);
});

/** A method and a network of the user. */
const plugin = `
import {
  Classifier, Conv2d, findMethod, GlobalAvgPool2d, Initializer, Linear, registerArchitecture, registerMethod, Sequential,
} from "${new URL("../../mod.ts", import.meta.url)}";
registerMethod({ ...findMethod("fixmatch"), name: "plugin-match" });
registerArchitecture({ name: "config_net", summary: "one convolution", build({ imageShape: [channels], classCount, seed }) {
  const init = new Initializer(seed);
  return new Classifier(
    new Sequential([new Conv2d(channels, 4, 3, init), new GlobalAvgPool2d()]), [new Linear(4, classCount, init)],
  );
} });
`;

gpuTest("config: the file that a run wrote repeats it bit by bit, and fits the schema", async (device) => {
  const call = callOn(device);
  const pictures = listedPictures({ each: 6, unlabeled: 20 });
  await withFiles({ "own.ts": encode(plugin) }, async (directory) => {
    const at = (...names: string[]) => join(directory, ...names);
    await writeFolder(at("data"), tinyDataset(60, 20));
    await writeFolder(at("unlabeled"), {});
    await writeFolder(at("photos"), {});
    await Deno.mkdir(at("photos", "unlabeled"));
    for (const [name, bytes] of Object.entries(pictures)) await Deno.writeFile(at("photos", name), bytes);
    await Deno.rename(at("photos", "labels.csv"), at("list.csv"));
    const brief = ["--steps=1", "--print-freq=1", "--tune=off"];
    const own = [`--plugin=${at("own.ts")}`, "--arch=config_net"];
    const runs: Record<string, string[]> = {
      preset: [
        ...own,
        "--preset=mnist-20-fixmatch",
        "--fixmatch-threshold=0.5",
        "--labels-per-class=2",
        "--batch-size=20",
        "--labeled-batch-size=10",
        `--data-dir=${at("data")}`,
      ],
      plugin: [...own, "--algorithm=plugin-match", "--plugin-match-threshold=0.4", "--labels-per-class=2"]
        .concat("--batch-size=20", "--labeled-batch-size=10", `--data-dir=${at("data")}`),
      folder: [at("photos"), ...own, `--labels=${at("list.csv")}`, "--no-hold-out", "--augment=flip"],
    };
    for (const [name, args] of Object.entries(runs)) {
      const first = await call("train", ...args, ...brief, `--output=${at(name)}`);
      assertEnded(first, 0);
      assertStringIncludes(first.stdout, "Options other than the defaults:\n  --");
      const config: Record<string, unknown> = await jsonIn(at(name, "config.json"));
      // Not before, as the plugin's method is among the choices.
      const validate = new Ajv({ allowUnionTypes: true }).compile(configSchema());
      assert(validate(config), JSON.stringify(validate.errors));
      assertEquals(config["$schema"], undefined, "a plugin's names are not in the schema");
      const again = at(`${name} again`);
      assertEnded(await call("train", "--config", at(name), `--output=${again}`), 0);
      // All options of the file are given, not only those that were set at first.
      const withoutGiven = ({ about, ...options }: Record<string, unknown>) => {
        const { given: _, ...facts } = about as Record<string, unknown>;
        return { ...options, about: facts };
      };
      assertEquals(withoutGiven(await jsonIn(again, "config.json")), withoutGiven(config));
      const [one, other] = await Promise.all([at(name), again].map(async (folder) => {
        const { student, teacher, optimizer, labels } = await checkpointIn(folder, "final.safetensors");
        const costs = (await linesIn(folder, "log.jsonl")).map((line) => JSON.parse(line).costs);
        return { student, teacher, optimizer, labels, costs };
      }));
      assertEquals(other, one);
    }
    const changed = await call("train", "--config", at("preset"), "--seed=9", "--show");
    const { about: _, ...shown } = JSON.parse(changed.stdout);
    const { about: __, ...config } = await jsonIn(at("preset", "config.json"));
    assertEquals(shown, { ...config, seed: 9 });
    const both = await call("train", "--config", at("preset"), "--resume=x");
    assertStringIncludes(both.stderr, "Cannot use --config with --resume");
  });
});
