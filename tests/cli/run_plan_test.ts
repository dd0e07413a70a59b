import { join, resolve } from "node:path";
import version from "../../deno.json" with { type: "json" };
import type { Arguments } from "../../cli/command/options.ts";
import { describePlan } from "../../cli/plan/describe_plan.ts";
import type { FreshPlan } from "../../cli/plan/plan.ts";
import { planRun } from "../../cli/plan/run_plan.ts";
import { findPreset, trainingOf } from "../../cli/plan/presets/presets.ts";
import { recipes } from "../../cli/plan/recipes.ts";
import { type Checkpoint, defaultOptions, writeCheckpoint } from "../../semisup/mod.ts";
import { writeSafetensors } from "../../nn/mod.ts";
import { assert, assertEquals, assertMatch, assertRejects } from "../assert.ts";
import { withFiles } from "../data/fixtures.ts";
import { namesIn, parseArguments } from "./command.ts";

const now = new Date("2026-01-02T03:04:05Z");

const plan = (run: Arguments["run"], training: Arguments["training"] = {}) => planRun({ run, training }, now);

/** The plan of a run that begins on a known dataset. */
async function planFresh(run: Arguments["run"], training: Arguments["training"] = {}): Promise<FreshPlan> {
  const planned = await plan(run, training);
  assert(planned.kind === "fresh");
  return planned;
}

/** A checkpoint with some parts replaced, and without networks. */
function checkpointBytes(parts: Partial<Checkpoint> = {}): Uint8Array {
  return writeCheckpoint({
    step: 3,
    options: { ...defaultOptions, learningRate: 0.5, maxSteps: 3 },
    classes: ["a", "b"],
    imageShape: [1, 28, 28],
    canvas: [28, 28],
    channelStatistics: { mean: [0], standardDeviation: [1] },
    labels: Int32Array.of(0, 1, -1),
    about: { dataset: "mnist", dataDir: "/digits", preset: "mnist-50" },
    custom: [],
    loaded: [],
    kernels: {},
    student: new Map(),
    teacher: new Map(),
    optimizer: new Map(),
    ...parts,
  });
}

Deno.test("plan: without arguments it is the demo, in a folder named by the time", async () => {
  const { run, training, labelsPerClass, folder, from } = await planFresh({});
  assertEquals([run.dataset, labelsPerClass, folder], ["mnist", 10, join("runs", "2026-01-02_03-04-05")]);
  assertEquals(training, { ...defaultOptions, ...recipes["mnist"]!.training });
  assertEquals(from, null);
});

Deno.test("plan: a dataset's recipe applies, except for options that are set", async () => {
  const recipe = recipes["cifar10"]!;
  const followed = await planFresh({ dataset: "cifar10" });
  assertEquals(followed.training, { ...defaultOptions, ...recipe.training });
  assertEquals(followed.labelsPerClass, recipe.labelsPerClass);
  const { training, labelsPerClass } = await planFresh({ dataset: "cifar10", labelsPerClass: 3 }, {
    flip: false,
    epochs: 7,
  });
  assertEquals(training, { ...defaultOptions, ...recipe.training, flip: false, epochs: 7 });
  assertEquals(labelsPerClass, 3);
});

Deno.test("plan: a preset applies instead of the dataset's recipe, except for options that are set", async () => {
  const preset = findPreset("fashion-mnist-100-pi");
  const followed = await planFresh({ preset: preset.name });
  assertEquals([followed.run.dataset, followed.labelsPerClass], ["fashion-mnist", 10]);
  assertEquals(followed.training, { ...defaultOptions, ...trainingOf(preset) });
  const changed = await planFresh({ preset: preset.name, dataset: "mnist", labelsPerClass: 3 }, {
    learningRate: 1,
  });
  assertEquals([changed.run.dataset, changed.labelsPerClass], ["mnist", 3]);
  assertEquals(changed.training, { ...defaultOptions, ...trainingOf(preset), learningRate: 1 });
  await assertRejects(() => plan({ preset: "none" }), RangeError, 'Unknown preset "none"');
});

Deno.test("plan: a length set in epochs replaces the preset's length in steps", async () => {
  const lengthsOf = async (...args: string[]) => {
    const { run, training } = parseArguments(["--preset=mnist-100", ...args]);
    const planned = (await plan(run, training)).training;
    return [planned.steps, planned.learningRateRampdown, planned.consistencyRampup];
  };
  assertEquals(await lengthsOf(), [4000, "4000steps", "1200steps"]);
  assertEquals(await lengthsOf("--epochs=2", "--lr-rampdown=2"), [null, 2, "1200steps"]);
  assertEquals(await lengthsOf("--consistency-rampup=1"), [4000, "4000steps", 1]);
  assertEquals(await lengthsOf("--steps=100", "--lr-rampdown=0"), [100, 0, "1200steps"]);
  assertEquals(await lengthsOf("--consistency-rampup=7steps"), [4000, "4000steps", "7steps"]);
  await assertRejects(
    () => lengthsOf("--epochs=2", "--steps=3"),
    RangeError,
    "Cannot combine --epochs and --steps: both set the length of the run",
  );
});

Deno.test("plan: all options are shown by name, and the source of labels", async () => {
  const shown = describePlan(await plan({ preset: "svhn-250-convnet", show: true }, { seed: 5 }));
  const { $schema, preset, dataset, labelsPerClass, about, ...training } = shown;
  assertEquals(about, { version: version.version, given: { preset: "svhn-250-convnet", seed: 5 } });
  assertMatch(`${$schema}`, /config\.schema\.json$/);
  assertEquals([preset, dataset, labelsPerClass], ["svhn-250-convnet", "svhn", 25]);
  assertEquals(training, { ...defaultOptions, ...trainingOf(findPreset("svhn-250-convnet")), seed: 5 });
  const listed = describePlan(await plan({ labels: ["list.txt"] }));
  assertEquals([listed["labels"], listed["labelsPerClass"], listed["preset"]], [
    [resolve("list.txt")],
    undefined,
    undefined,
  ]);
});

Deno.test("plan: options that exclude each other are refused by the names that were used", async () => {
  const refusals: [Arguments["run"], Arguments["training"], string][] = [
    [{ labels: ["list"], labelsPerClass: 3 }, {}, "Cannot use --labels together with --labels-per-class"],
    [{ evaluate: true }, {}, "--evaluate without --resume"],
    [{ evaluate: true, resume: "none", output: "out" }, {}, "Cannot use --output with --evaluate"],
    [
      {},
      { labeledBatchSize: 100 },
      "--labeled-batch-size must be below --batch-size, but they are 100 and 100",
    ],
    [{}, { learningRateRampdown: 0.5 }, "--lr-rampdown must be 0 or at least --epochs"],
  ];
  for (const [run, training, message] of refusals) {
    await assertRejects(() => plan(run, training), RangeError, message);
  }
});

Deno.test("plan: an output folder that is not empty is refused", async () => {
  await withFiles({ "notes.txt": new Uint8Array(1) }, async (output) => {
    await assertRejects(() => plan({ output }), RangeError, "must be new or empty, but holds notes.txt");
    assertEquals(namesIn(output), ["notes.txt"]);
  });
});

Deno.test("plan: a checkpoint determines everything except the length and the folder", async () => {
  await withFiles({ "checkpoint-000003.safetensors": checkpointBytes() }, async (directory) => {
    const resume = join(directory, "checkpoint-000003.safetensors");
    const { run, training, folder, from } = await plan({ resume }, { epochs: 9 });
    assertEquals([run.dataset, run.dataDir, folder, from?.checkpoint.step], [
      "mnist",
      "/digits",
      directory,
      3,
    ]);
    assertEquals(run.preset, "mnist-50");
    assertEquals(training, { ...defaultOptions, learningRate: 0.5, maxSteps: null, epochs: 9 });
    const moved = await plan({ resume, dataDir: "elsewhere", output: join(directory, "other") }, {
      maxSteps: 5,
    });
    assertEquals([moved.run.dataDir, moved.folder], ["elsewhere", join(directory, "other")]);
    assertEquals(moved.training.maxSteps, 5);
  });
});

Deno.test("plan: options that a checkpoint determines are refused, all of them by name", async () => {
  await assertRejects(
    () =>
      plan({ resume: "none", labels: ["list"], dataset: "mnist" }, { learningRate: 1, seed: 2, epochs: 3 }),
    RangeError,
    "Cannot use --labels, --dataset, --lr, --seed with --resume: the checkpoint determines them",
  );
});

Deno.test("plan: a finished run is not resumed in its folder, but can be evaluated, or resumed elsewhere", async () => {
  await withFiles({ "final.safetensors": checkpointBytes() }, async (directory) => {
    const resume = join(directory, "final.safetensors");
    await assertRejects(
      () => plan({ resume }),
      RangeError,
      "the run there is finished (it has final.safetensors)",
    );
    await assertRejects(() => plan({ resume, output: directory }), RangeError, "must be new or empty");
    assertEquals((await plan({ resume, output: join(directory, "more") })).folder, join(directory, "more"));
    assert((await plan({ resume, evaluate: true })).run.evaluate);
  });
});

Deno.test("plan: a file that is not a complete checkpoint is refused, with the reason", async () => {
  const whole = checkpointBytes();
  const files = {
    text: new TextEncoder().encode("no checkpoint"),
    empty: new Uint8Array(),
    truncated: whole.subarray(0, whole.length - 1),
    header: whole.subarray(0, 100),
    other: writeSafetensors([], { format: "pt" }),
    unknown: checkpointBytes({ about: { dataset: "etchings" } }),
  };
  const messages: Record<string, string> = {
    text: "it is not a complete checkpoint (",
    empty: "it is not a complete checkpoint (",
    truncated: "it is not a complete checkpoint (",
    header: "it is not a complete checkpoint (",
    other: 'it is not a complete checkpoint (its format is "pt"',
    unknown: 'unknown dataset "etchings"',
    none: "no such file or folder",
    "": "the folder has no checkpoint",
  };
  await withFiles(files, async (directory) => {
    for (const [name, message] of Object.entries(messages)) {
      const error = await assertRejects(() => plan({ resume: join(directory, name) }), Error, message);
      assert(/^Cannot [^\n]*$/.test(error.message), error.message);
      assertEquals(error.message.split(directory).length, 2, error.message);
    }
    assertEquals(namesIn(directory), Object.keys(files).sort());
  });
});
