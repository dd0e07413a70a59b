/** Presets against the published runs, written down once more from the papers, and the schedules they lead to. */
import { findPreset, presets, trainingOf } from "../../cli/plan/presets/presets.ts";
import { defaultOptions, resolveOptions, scheduleOf, type TrainingOptions } from "../../semisup/mod.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";

const optionsOf = (name: string) => resolveOptions(trainingOf(findPreset(name)));

const names = [
  "cifar10-4000-resnet",
  "cifar10-1000-resnet",
  "imagenet-10pct-resnext152",
  "svhn-250-convnet",
  "svhn-500-convnet",
  "svhn-1000-convnet",
  "cifar10-1000-convnet",
  "cifar10-2000-convnet",
  "cifar10-4000-convnet",
  "svhn-500-convnet-quick",
  "cifar10-4000-convnet-quick",
  "mnist-100",
  "fashion-mnist-1000",
];

Deno.test("presets: all expected presets exist, each name once", () => {
  assertEquals(new Set(presets.map(({ name }) => name)).size, presets.length);
  for (const name of names) {
    findPreset(name);
    findPreset(`${name}-supervised`);
    if (!name.startsWith("imagenet")) findPreset(`${name}-pi`);
  }
  const error = assertThrows(() => findPreset("mnist"), RangeError, 'Unknown preset "mnist"');
  assert(error.message.includes("mnist-100") && !error.message.includes("\n"), error.message);
});

Deno.test("presets: every hyperparameter is chosen, with its source, and no default can change it", () => {
  const free = ["seed", "maxSteps", "recordSteps"];
  const wanted = Object.keys(defaultOptions).filter((option) => !free.includes(option)).sort();
  for (const preset of presets) {
    const { name, lines } = preset;
    assertEquals(Object.keys(lines).filter((option) => !free.includes(option)).sort(), wanted, name);
    for (const [option, [, source]] of Object.entries(lines)) assert(source.length > 5, `${name} ${option}`);
    resolveOptions(trainingOf(preset));
    assert((lines.steps![0] ?? 0) > 1000 || lines.epochs![0] > 50, name);
  }
});

const sgd = { optimizer: "sgd", momentum: 0.9, nesterov: true, initialLearningRate: 0 } as const;
const resnet = {
  ...sgd,
  logitDistanceCost: 0.01,
  logitDistanceReduction: "mean",
  consistencyRampup: 5,
  consistencyRampupPerEpoch: true,
  emaWarmup: true,
  sampling: "two-stream",
  steps: null,
  dropout: 0,
  inputNoise: 0,
  flip: true,
  normalize: "channel",
} as const;
const cifarResnet = {
  ...resnet,
  architecture: "cifar_shakeshake26",
  batchSize: 128,
  labeledBatchSize: 31,
  learningRate: 0.05,
  learningRateRampup: 0,
  weightDecay: 2e-4,
  consistency: 100,
  consistencyType: "mse",
  translate: 4,
  translateFill: "reflect",
  rotate: 0,
} as const;
const convnet = {
  architecture: "convnet13",
  optimizer: "adam",
  batchSize: 100,
  learningRate: 0.003,
  learningRateRampupShape: "sigmoid",
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  emaDecay: 0.999,
  emaWarmup: false,
  consistencyType: "mse",
  consistencyRampupShape: "sigmoid",
  consistencyRampupPerEpoch: false,
  logitDistanceCost: -1,
  dropout: 0.5,
  inputNoise: 0.15,
  translate: 2,
  rotate: 0,
} as const;
const long = {
  learningRateRampup: "40000steps",
  learningRateRampdown: "25000steps",
  learningRateRampdownShape: "sigmoid",
  consistencyRampup: "40000steps",
  beta1AfterRampdown: 0.5,
} as const;
const phases = { emaDecayDuringRampup: 0.99, beta2DuringRampup: 0.99 };
const svhn = {
  ...convnet,
  ...long,
  ...phases,
  steps: 180_000,
  sampling: "two-stream-all",
  labeledBatchSize: 1,
  consistency: 1,
  consistencyToLabeled: false,
  normalize: "per-image",
  flip: false,
} as const;
const cifar = {
  ...convnet,
  ...long,
  steps: 150_000,
  sampling: "vary",
  consistencyToLabeled: true,
  emaDecayDuringRampup: null,
  beta2DuringRampup: null,
  normalize: "gcn-zca",
  flip: true,
} as const;
const quick = {
  ...convnet,
  ...phases,
  steps: 40_000,
  sampling: "two-stream-all",
  labeledBatchSize: 50,
  learningRateRampup: "5000steps",
  learningRateRampdown: 0,
  consistencyRampup: "5000steps",
  consistency: 50,
  consistencyToLabeled: true,
} as const;

/** Dataset, labels of each class, published error, options. */
const published: Readonly<
  Record<string, readonly [string, number, readonly [number, number] | null, Partial<TrainingOptions>]>
> = {
  "cifar10-4000-resnet": ["cifar10", 400, [6.28, 0.15], {
    ...cifarResnet,
    epochs: 300,
    learningRateRampdown: 350,
    emaDecay: 0.99,
  }],
  "cifar10-1000-resnet": ["cifar10", 100, [10.08, 0.41], {
    ...cifarResnet,
    epochs: 180,
    learningRateRampdown: 210,
    emaDecay: 0.97,
  }],
  "imagenet-10pct-resnext152": ["folder", 128, [9.11, 0.12], {
    ...resnet,
    architecture: "resnext152",
    batchSize: 400,
    labeledBatchSize: 200,
    initialLearningRate: 0.1,
    learningRate: 0.25,
    learningRateRampup: 2,
    learningRateRampdown: 75,
    epochs: 60,
    weightDecay: 5e-5,
    emaDecay: 0.9997,
    consistency: 10,
    consistencyType: "kl",
    rotate: 10,
    randomResizedCrop: 224,
    colorJitter: [0.4, 0.4, 0.4, 0.1],
    translate: 0,
  }],
  "svhn-250-convnet": ["svhn", 25, [4.35, 0.5], svhn],
  "svhn-500-convnet": ["svhn", 50, [4.18, 0.27], svhn],
  "svhn-1000-convnet": ["svhn", 100, [3.95, 0.19], svhn],
  "cifar10-1000-convnet": ["cifar10", 100, [21.55, 1.48], { ...cifar, consistency: 2 }],
  "cifar10-2000-convnet": ["cifar10", 200, [15.73, 0.31], { ...cifar, consistency: 4 }],
  "cifar10-4000-convnet": ["cifar10", 400, [12.31, 0.28], { ...cifar, consistency: 8 }],
  "svhn-500-convnet-quick": ["svhn", 50, null, { ...quick, normalize: "per-image", flip: false }],
  "cifar10-4000-convnet-quick": ["cifar10", 400, null, { ...quick, normalize: "gcn-zca", flip: true }],
};
for (const [name, [dataset, labelsPerClass, error, options]] of Object.entries(published)) {
  Deno.test(`presets: ${name} is the published run`, () => {
    const preset = findPreset(name);
    assertEquals([preset.dataset, preset.labelsPerClass], [dataset, labelsPerClass]);
    const { mean, standardDeviation, measure } = preset.published ?? {};
    assertEquals([mean, standardDeviation], error ? [...error] : [undefined, undefined]);
    assertEquals(measure, error ? name.startsWith("imagenet") ? "top-5" : "top-1" : undefined);
    const resolved = optionsOf(name);
    for (const [option, value] of Object.entries(options)) {
      assertEquals(resolved[option as keyof TrainingOptions], value, option);
    }
    assertEquals([resolved.algorithm, resolved.excludeUnlabeled], ["mean-teacher", false]);
  });
}

Deno.test("presets: variants differ only in the method, and have their own published errors", () => {
  for (const name of names) {
    const base = optionsOf(name);
    assertEquals(
      optionsOf(`${name}-supervised`),
      { ...base, excludeUnlabeled: true, consistency: 0 },
      name,
    );
    if (name.startsWith("imagenet")) continue;
    assertEquals(optionsOf(`${name}-pi`), { ...base, algorithm: "pi" }, name);
  }
  const errorOf = (name: string) => findPreset(name).published?.mean;
  assertEquals(errorOf("svhn-500-convnet-supervised"), 16.88);
  assertEquals(errorOf("svhn-500-convnet-pi"), 6.83);
  assertEquals(errorOf("cifar10-4000-convnet-supervised"), 20.66);
  assertEquals(errorOf("cifar10-4000-convnet-pi"), 13.2);
  assertEquals(errorOf("cifar10-4000-resnet-supervised"), undefined);
  // Also with fewer labels than a batch has examples: epochs, and all that is counted in them, are the same then.
  assertEquals(optionsOf("mnist-20-supervised").batchSize, 100);
});

/** Steps with learning rate, consistency weight, EMA decay, β₁ and β₂, all worked out apart, in Python. */
type Row = readonly [step: number, lr: number, weight: number, ema: number, beta1: number, beta2: number];
const schedules: Readonly<Record<string, readonly [stepsPerEpoch: number, rows: readonly Row[]]>> = {
  "cifar10-4000-convnet": [500, [
    [0, 2.02138409972564e-05, 0.053903575992683736, 0.999, 0.9, 0.999],
    [1, 2.021889502605685e-05, 0.05391705340281827, 0.999, 0.9, 0.999],
    [10_000, 0.00018016400368592384, 0.48043734316246356, 0.999, 0.9, 0.999],
    [20_000, 0.0008595143905805703, 2.2920383748815207, 0.999, 0.9, 0.999],
    [39_999, 0.002999999990625, 7.999999975, 0.999, 0.9, 0.999],
    [40_000, 0.003, 8, 0.999, 0.9, 0.999],
    [125_000, 0.003, 8, 0.999, 0.9, 0.999],
    [137_500, 0.00013181080087022227, 8, 0.999, 0.517574773449363, 0.999],
    [149_999, 1.1191144843772916e-08, 8, 0.999, 0.5000014921526458, 0.999],
  ]],
  "svhn-500-convnet": [739, [
    [0, 2.02138409972564e-05, 0.006737946999085467, 0.99, 0.9, 0.99],
    [39_999, 0.002999999990625, 0.999999996875, 0.99, 0.9, 0.99],
    [40_000, 0.003, 1, 0.999, 0.9, 0.999],
    [155_000, 0.003, 1, 0.999, 0.9, 0.999],
    [167_500, 0.00013181080087022227, 1, 0.999, 0.517574773449363, 0.999],
    [179_999, 1.1191144843772916e-08, 1, 0.999, 0.5000014921526458, 0.999],
  ]],
  "cifar10-4000-convnet-quick": [1000, [
    [0, 2.02138409972564e-05, 0.33689734995427334, 0.99, 0.9, 0.99],
    [2_500, 0.0008595143905805703, 14.325239843009504, 0.99, 0.9, 0.99],
    [4_999, 0.00299999940000006, 49.999990000001, 0.99, 0.9, 0.99],
    [5_000, 0.003, 50, 0.999, 0.9, 0.999],
    [39_999, 0.003, 50, 0.999, 0.9, 0.999],
  ]],
  // 46 000 unlabelled images in chunks of 97.
  "cifar10-4000-resnet": [474, [
    [0, 0.05, 0.6737946999085467, 1 / 2, 0.9, 0.999],
    [1, 0.04999999999551753, 0.6737946999085467, 2 / 3, 0.9, 0.999],
    [473, 0.049998997149110026, 0.6737946999085467, 0.99, 0.9, 0.999],
    [474, 0.04999899290427178, 4.076220397836619, 0.99, 0.9, 0.999],
    [2_369, 0.04997484789881101, 81.87307530779819, 0.99, 0.9, 0.999],
    [2_370, 0.04997482666353287, 100, 0.99, 0.9, 0.999],
    [71_100, 0.03056302334890786, 100, 0.99, 0.9, 0.999],
    [142_199, 0.0024759837142489167, 100, 0.99, 0.9, 0.999],
  ]],
  "imagenet-10pct-resnext152": [5765, [
    [0, 0.1, 0.06737946999085467, 1 / 2, 0.9, 0.999],
    [1, 0.10001300953900959, 0.06737946999085467, 2 / 3, 0.9, 0.999],
    [5_765, 0.1749232476336501, 0.4076220397836619, 0.9997, 0.9, 0.999],
    [11_530, 0.24956160740618805, 1.6529888822158656, 0.9997, 0.9, 0.999],
    [172_950, 0.16362712429686843, 10, 0.9997, 0.9, 0.999],
    [345_899, 0.02387340955426312, 10, 0.9997, 0.9, 0.999],
  ]],
};
for (const [name, [stepsPerEpoch, rows]] of Object.entries(schedules)) {
  Deno.test(`presets: ${name} has the learning rates, weights and decays of the published run`, () => {
    for (const [step, ...want] of rows) {
      const { learningRate, consistencyWeight, emaDecay, beta1, beta2 } = scheduleOf(
        optionsOf(name),
        step,
        stepsPerEpoch,
      );
      const got = [learningRate, consistencyWeight, emaDecay, beta1, beta2];
      assertClose(got, want, { rtol: 1e-11, atol: 0, what: `step ${step}` });
    }
  });
}
