/** Augmentations of a run: by option, by function, by kind of view. */
import {
  type Augmentation,
  composeAugmentations,
  constant,
  type Device,
  flipRandomly,
  mul,
  packPixels,
  variable,
} from "../../kernels/mod.ts";
import { trainingContext } from "../../nn/mod.ts";
import { createViewMakers, viewsOf } from "../../semisup/augmentations/views.ts";
import {
  augmentationNames,
  findAugmentation,
  registerAugmentation,
  resolveOptions,
  Trainer,
  type TrainerSettings,
  type TrainingOptions,
  writeCheckpoint,
} from "../../semisup/mod.ts";
import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import { gpuTest } from "../kernels/device.ts";
import { evaluate } from "../kernels/reference.ts";
import { madeUpData } from "./made_up_data.ts";

const small: Partial<TrainingOptions> = {
  batchSize: 20,
  labeledBatchSize: 10,
  steps: 12,
  evaluationEpochs: 0,
  checkpointEpochs: 0,
};
const imageShape = [1, 8, 8] as const;
const plain = { translate: 0, rotate: 0, flip: false };
const darken: Augmentation = (images) => mul(images, 0.5);

/** Views of two images of bytes, weak and strong, as host values before normalisation. */
function viewsWith(options: Partial<TrainingOptions>, custom: Parameters<typeof createViewMakers>[2] = {}) {
  const bytes = Uint8Array.from({ length: 128 }, (_, i) => 2 * i);
  const batch = {
    pixels: [variable([32], packPixels(bytes), { dtype: "uint32" })],
    indices: variable([2], [0, 1], { dtype: "int32" }),
  };
  const zero = variable([], [5], { dtype: "uint32" });
  const makers = createViewMakers(resolveOptions({ ...plain, ...options }), { imageShape }, custom);
  const viewOf = (kind: "weak" | "strong") =>
    evaluate(makers[kind](batch, trainingContext({ seed: zero, step: zero })));
  const original = Float64Array.from(bytes, (byte) => byte / 255);
  return { original, weak: viewOf("weak"), strong: viewOf("strong") };
}

Deno.test("weak views are the options' alone, strong ones have RandAugment and cutout unless another is chosen", () => {
  const { original, weak, strong } = viewsWith({});
  assertClose(weak, original, { rtol: 1e-6, atol: 1e-6 });
  assertNotEquals(strong, weak);
  const none = viewsWith({ strongAugment: "none" });
  assertEquals(none.strong, none.weak);
});

Deno.test("cutout replaces a square of strong views by the mean", () => {
  const { original, strong } = viewsWith({ strongAugment: "cutout", cutout: 1 });
  const changed = [...strong.keys()].filter((i) => Math.abs(strong[i]! - original[i]!) > 1e-6);
  assertEquals(changed.map((i) => Math.floor(i / 64)), [0, 1]);
  assertEquals(changed.map((i) => strong[i]), [0.5, 0.5]);
  assertClose(viewsWith({ strongAugment: "cutout", cutout: 0 }).strong, original, { rtol: 1e-6, atol: 1e-6 });
});

Deno.test("functions augment the views that they are for", () => {
  const halved = { weak: darken };
  const { original, weak } = viewsWith({}, halved);
  assertClose(weak, original.map((value) => value / 2), { rtol: 1e-6, atol: 1e-6 });
  const both = viewsWith({}, { strong: composeAugmentations(darken, darken) });
  assertClose(both.weak, original, { rtol: 1e-6, atol: 1e-6 });
  assertClose(both.strong, original.map((value) => value / 4), { rtol: 1e-6, atol: 1e-6 });
});

Deno.test("the student gets a strong view if the method wants it or a strong augmentation is chosen", () => {
  assertEquals(viewsOf(resolveOptions({}), {}, undefined), ["weak", "weak"]);
  assertEquals(viewsOf(resolveOptions({ strongAugment: "randaugment" }), {}, undefined), ["strong", "weak"]);
  assertEquals(viewsOf(resolveOptions({}), { strong: darken }, undefined), ["strong", "weak"]);
  assertEquals(viewsOf(resolveOptions({}), {}, ["weak", "strong"]), ["weak", "strong"]);
});

Deno.test("augmentations have names, and more can be registered", () => {
  assertEquals(augmentationNames.slice(0, 3), ["none", "randaugment", "cutout"]);
  registerAugmentation({ name: "darken", title: "half the brightness", create: () => darken });
  const { original, weak } = viewsWith({ weakAugment: "darken" });
  assertClose(weak, original.map((value) => value / 2), { rtol: 1e-6, atol: 1e-6 });
  assertEquals(findAugmentation("darken")?.title, "half the brightness");
  assertEquals(findAugmentation("none"), undefined);
  assertThrows(() => findAugmentation("cutut"), RangeError, 'Unknown augmentation "cutut"');
  for (const name of ["darken", "none"]) {
    assertThrows(
      () => registerAugmentation({ name, title: "", create: () => darken }),
      RangeError,
      "is taken",
    );
  }
  assertThrows(
    () => registerAugmentation({ name: "My own", title: "", create: () => darken }),
    RangeError,
    "lower-case letters",
  );
});

Deno.test("RandAugment refuses pixels that are preprocessed", () => {
  assertThrows(
    () => viewsWith({ normalize: "gcn-zca", weakAugment: "randaugment" }),
    RangeError,
    "Cannot apply RandAugment and cutout: pixels must be in [0, 1], but they are preprocessed",
  );
});

/** Trains to the end, or up to a step, and returns the final checkpoint's bytes. */
async function train(device: Device, options: Partial<TrainingOptions>, settings: TrainerSettings = {}) {
  const data = { ...madeUpData(), test: { ...madeUpData().train, labels: new Int32Array(0) } };
  using trainer = await Trainer.create(device, data, { ...small, ...options }, settings);
  for await (const record of trainer.run()) {
    if (record.kind === "checkpoint") return record.checkpoint;
  }
  throw new TypeError("The run had no checkpoint");
}

gpuTest("a run with custom augmentations resumes with the same bits", async (device) => {
  const augmentation = { weak: flipRandomly(), strong: composeAugmentations(flipRandomly(), darken) };
  const whole = await train(device, {}, { augmentation });
  const half = await train(device, { maxSteps: 5 }, { augmentation });
  const resumed = await train(device, {}, { augmentation, checkpoint: half });
  assertEquals(half.step, 5);
  assertEquals(writeCheckpoint(resumed), writeCheckpoint(whole));
  const other = await train(device, {}, { augmentation: flipRandomly() });
  assertNotEquals(other.student.get("heads.0.weight"), whole.student.get("heads.0.weight"));
});

gpuTest(
  "with a custom augmentation of weak views, only random changes that are set remain",
  async (device) => {
    const data = madeUpData();
    using own = await Trainer.create(device, data, { ...small, rotate: 3 }, { augmentation: darken });
    assertEquals([own.options.translate, own.options.rotate], [0, 3]);
    using strong = await Trainer.create(device, data, small, { augmentation: { strong: darken } });
    assertEquals([strong.options.translate, strong.options.rotate], [2, 10]);
  },
);

gpuTest("an augmentation of another shape is refused before training", async (device) => {
  const augmentation: Augmentation = () => constant(0);
  await assertRejects(
    () => Trainer.create(device, madeUpData(), small, { augmentation }),
    RangeError,
    "must return images of shape [20, 1, 8, 8], but their shape is []",
  );
});

gpuTest("every method trains with RandAugment in the student's view", async (device) => {
  for (const options of [{}, { algorithm: "pi" }, { excludeUnlabeled: true }] as const) {
    const usual = await train(device, { steps: 4, ...options });
    const strong = await train(device, { steps: 4, strongAugment: "randaugment", cutout: 3, ...options });
    assert(strong.step === 4);
    assertNotEquals(strong.student.get("heads.0.weight"), usual.student.get("heads.0.weight"));
  }
});
