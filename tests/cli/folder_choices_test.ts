/** Settings chosen for a user's folder, from its contents and the device; and `--augment`. */
import { flagOf } from "../../cli/command/options.ts";
import { augmentationOf } from "../../cli/plan/augment_option.ts";
import { planRun } from "../../cli/plan/run_plan.ts";
import type { Size } from "../../data/files/mod.ts";
import {
  chooseCanvas,
  chooseSettings,
  type ImageFacts,
  resolveOptions,
  type TrainingOptions,
} from "../../semisup/mod.ts";
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "../assert.ts";
import { parseArguments } from "./command.ts";

const surveyOf = (smallest: Size, largest: Size, aspect = largest[1] / largest[0]) => ({
  count: 100,
  smallest,
  largest,
  aspect,
  isGrey: false,
});

const facts: ImageFacts = {
  classes: ["cat", "dog"],
  labelCounts: [100, 100],
  unlabeled: 5000,
  channels: 3,
  survey: surveyOf([32, 32], [32, 32]),
  areArrays: false,
  isCpu: true,
};
const chosen = (different: Partial<ImageFacts> = {}, said: Partial<TrainingOptions> = {}) =>
  chooseSettings({ ...facts, ...different }, null, said, flagOf);

Deno.test("choices: tiny images keep their size, photographs keep their aspect ratio", () => {
  const canvas = (
    smallest: Size,
    largest: Size,
    isCpu = true,
    size: number | null = null,
    aspect?: number,
  ) => {
    const { canvas, reason } = chooseCanvas(
      { survey: surveyOf(smallest, largest, aspect), isCpu, areArrays: false },
      size,
      flagOf,
    );
    return [...canvas, reason];
  };
  assertEquals(canvas([28, 28], [28, 28]), [28, 28, "original size"]);
  assertEquals(canvas([20, 30], [64, 40]), [64, 40, "the size of the largest image"]);
  assertEquals(canvas([6, 12], [6, 12]), [8, 12, "networks need at least 8 pixels"]);
  assertEquals(canvas([300, 400], [300, 400]), [
    40,
    48,
    "so that training takes minutes on a processor; change with --image-size",
  ]);
  assertEquals(canvas([400, 300], [400, 300], false), [
    96,
    72,
    "so that training takes minutes on this GPU; change with --image-size",
  ]);
  assertEquals(canvas([70, 70], [70, 70], false), [
    64,
    64,
    "so that training takes minutes on this GPU; change with --image-size",
  ]);
  assertEquals(canvas([50, 50], [3000, 4000], true, null, 1), [
    48,
    48,
    "so that training takes minutes on a processor; change with --image-size",
  ]);
  assertEquals(canvas([300, 400], [300, 400], true, 100), [75, 100, "set by --image-size"]);
  assertEquals(canvas([70, 70], [70, 70], true, 70), [70, 70, "original size"]);
  const arrays = { survey: surveyOf([96, 96], [96, 96]), isCpu: true, areArrays: true };
  assertEquals(chooseCanvas(arrays, null).canvas, [96, 96]);
  assertThrows(() => chooseCanvas(arrays, 32), RangeError, "with arrays: their images are never resampled");
});

Deno.test("choices: the network follows from the images and the device", () => {
  const network = (different: Partial<ImageFacts>) => chosen(different).training.architecture;
  const photos = { survey: surveyOf([300, 400], [300, 400]) };
  assertEquals(["convnet_medium", "convnet_medium"], [network({}), network(photos)]);
  assertEquals(network({ isCpu: false }), "convnet13");
  assertEquals(network({ channels: 1 }), "convnet_small");
  assertEquals(network({ isCpu: false, channels: 1 }), "convnet_small");
  assertEquals(network({ isCpu: false, survey: surveyOf([16, 16], [16, 16]) }), "convnet_small");
  assertEquals(network({ isCpu: false, ...photos }), "resnet18");
  for (const isCpu of [true, false]) resolveOptions(chosen({ isCpu }).training);
});

Deno.test("choices: images that may be digits or letters are not mirrored", () => {
  const flips = (different: Partial<ImageFacts>) => chosen(different).training.flip;
  assertEquals([flips({}), flips({ channels: 1 })], [true, false]);
  assertEquals([flips({ classes: ["0", "10"] }), flips({ classes: ["a", "ß"] })], [false, false]);
  assertEquals(flips({ classes: ["a", "bee"] }), true);
  assertStringIncludes(chosen({ classes: ["b", "d"] }).reasons.augmentation, "like digits or letters");
});

Deno.test("choices: few labels or images make batches smaller, with a note", () => {
  const batches = (different: Partial<ImageFacts>) => {
    const { training: { batchSize, labeledBatchSize, sampling }, reasons } = chosen(different);
    return [batchSize, labeledBatchSize, sampling, reasons.batches];
  };
  assertEquals(batches({}), [100, 50, undefined, ""]);
  assertEquals(batches({ labelCounts: [4, 3] }), [
    57,
    7,
    undefined,
    "default is 50 labelled and 50 others, but there are only 7 labels",
  ]);
  assertEquals(batches({ labelCounts: [10, 10], unlabeled: 30 }).slice(0, 3), [50, 20, undefined]);
  const [size, labeled, sampling, reason] = batches({ unlabeled: 0 });
  assertEquals([size, labeled, sampling], [100, 50, "two-stream-all"]);
  assertStringIncludes(`${reason}`, "because no image is unlabelled");
});

Deno.test("choices: consistency weighs three times as much as there are classes", () => {
  assertEquals(chosen().training.consistency, 6);
  const many = Array.from({ length: 100 }, (_, i) => `class ${i}`);
  assertEquals(chosen({ classes: many, labelCounts: many.map(() => 5) }).training.consistency, 300);
});

Deno.test("choices: the length and ramps grow with the number of images, within the device's limit", () => {
  const steps = (different: Partial<ImageFacts>, said = {}) => chosen(different, said).training.steps;
  assertEquals([steps({ unlabeled: 100 }), steps({}), steps({ unlabeled: 50_000 })], [600, 1900, 1900]);
  assertEquals(steps({ unlabeled: 2500 }), 1500);
  assertEquals(steps({ unlabeled: 50_000, survey: surveyOf([28, 28], [28, 28]) }), 2500);
  assertEquals(steps({ unlabeled: 50_000, survey: surveyOf([300, 400], [300, 400]) }), 1000);
  assertEquals(steps({ isCpu: false, unlabeled: 50_000 }), 20_000);
  const said = chosen({}, { steps: 300 }).training;
  assertEquals([said.steps, said.consistencyRampup, said.learningRateRampup], [300, "150steps", "30steps"]);
  const inEpochs = chosen({}, { epochs: 2 }).training;
  assertEquals([inEpochs.steps, inEpochs.consistencyRampup], [undefined, "100steps"]);
});

Deno.test("--augment names each transform; others are off", () => {
  const recipe = { translate: 4, flip: true, rotate: 0 };
  assertEquals(augmentationOf(["none"], recipe, [32, 32]), {
    flip: false,
    translate: 0,
    rotate: 0,
    randomResizedCrop: null,
    colorJitter: null,
  });
  assertEquals(augmentationOf(["translate", "rotate", "crop", "color"], recipe, [32, 24]), {
    flip: false,
    translate: 4,
    rotate: 10,
    randomResizedCrop: 24,
    colorJitter: [0.4, 0.4, 0.4, 0.1],
  });
  assertEquals(augmentationOf(["flip", "translate"], {}, [32, 32]).translate, 4);
  assertThrows(() => augmentationOf(["none", "flip"], {}, [8, 8]), RangeError, '"none" cannot be combined');
});

Deno.test("--augment is for every dataset, and single options override it", async () => {
  const planned = async (...args: string[]) =>
    (await planRun(parseArguments(["--show", ...args]), new Date(0))).training;
  const { flip, translate, rotate } = await planned("--augment", "flip,translate");
  assertEquals([flip, translate, rotate], [true, 4, 0]);
  assertEquals((await planned("--augment=none", "--rotate=3")).rotate, 3);
  assertEquals((await planned("--dataset=cifar10", "--augment=crop")).randomResizedCrop, 32);
  assertThrows(
    () => parseArguments(["--augment=flop"]),
    RangeError,
    "--augment must be one of none, flip, translate, rotate, crop, color",
  );
});

Deno.test("--data is refused together with other choices of training data", async () => {
  const planned = (...args: string[]) =>
    planRun(parseArguments(["--show", "--data=x", ...args]), new Date(0));
  await assertRejects(() => planned("--dataset=mnist"), RangeError, "Cannot use --dataset with --data");
  await assertRejects(() => planned("--preset=mnist-50"), RangeError, "Cannot use --preset with --data");
  await assertRejects(() => planned("--evaluate"), RangeError, "--evaluate without --resume");
  const error = await assertRejects(() => planned(), Deno.errors.NotFound);
  assert(error.message.includes("x: the folder does not exist"));
});
