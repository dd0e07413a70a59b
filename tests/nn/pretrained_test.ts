/** Names and shapes of pretrained weights: what matches, and an error or a note for each mismatch. */
import { input, type Shape } from "../../kernels/mod.ts";
import {
  type ClassifierNetwork,
  evaluationContext,
  findArchitecture,
  freezeNetwork,
  type HostTensor,
  matchWeights,
  pretrainedOf,
  type PretrainedWeights,
  readPretrained,
  stateOf,
  trainingContext,
  writeModel,
  writeSafetensors,
} from "../../nn/mod.ts";
import { readPublished } from "../../nn/pretrained/pretrained_weights.ts";
import { assert, assertEquals, assertMatch, assertThrows } from "../assert.ts";

type Values = Map<string, HostTensor>;
type Shapes = Readonly<Record<string, Shape>>;

/** Returns a tensor of a shape without its data, which comparisons do not read. */
const bare = (shape: Shape, dtype: HostTensor["dtype"] = "float32"): HostTensor => ({
  shape,
  dtype,
  data: new Float32Array(),
});

function build(name: string, { classCount = 3, headCount = 1, channels = 3 } = {}): ClassifierNetwork {
  return findArchitecture(name).build({
    imageShape: [channels, 32, 32],
    classCount,
    headCount: headCount as 1 | 2,
    dropout: 0,
    inputNoise: 0,
    seed: null,
  });
}

/** Returns the values of a network as torchvision saves them, changed by `change`. */
function published(name: string, change: (values: Values) => void = () => {}): Values {
  const values: Values = new Map();
  for (const [key, { shape }] of Object.entries(stateOf(build(name, { classCount: 1000 })))) {
    values.set(key, bare(shape));
    if (key.endsWith("running_var")) {
      values.set(key.replace("running_var", "num_batches_tracked"), bare([], "int32"));
    }
  }
  change(values);
  return values;
}

function renamed(values: Values, rename: (name: string) => string): Values {
  return new Map([...values].map(([name, value]) => [rename(name), value]));
}

const classes = ["a", "b", "c"];
const match = (weights: PretrainedWeights, options: Parameters<typeof build>[1] = {}) =>
  matchWeights(build(weights.architecture ?? "", options), weights, {
    imageShape: [options.channels ?? 3, 32, 32],
    classes: Array.from({ length: options.classCount ?? 3 }, (_, i) => classes[i] ?? `class ${i}`),
  });

for (const name of ["resnet18", "resnet34", "resnet50", "resnext50"]) {
  Deno.test(`pretrained: ${name} is recognised, and its head of other classes is drawn anew`, () => {
    const init = readPublished(published(name), "a.safetensors", undefined);
    assertEquals([init.architecture, init.channels, init.imageSize], [name, 3, [224, 224]]);
    const { values, drawnHeads, unused, batchCounters, prefix } = match(init);
    assertEquals(values.size, Object.keys(stateOf(build(name))).length - 2);
    assertEquals(drawnHeads, [{ name: "fc", reason: "it has 1000 classes, this run 3" }]);
    assertEquals(unused, ["fc.weight", "fc.bias"]);
    assert(batchCounters >= 20);
    assertEquals(prefix, "");
  });
}

Deno.test("pretrained: a head of as many classes is loaded, also into the first of two heads", () => {
  const init = readPublished(published("resnet18"), "a", undefined);
  const one = match(init, { classCount: 1000 });
  assertEquals([one.drawnHeads, one.unused], [[], []]);
  const two = match(init, { classCount: 1000, headCount: 2 });
  assertEquals(two.drawnHeads, [{ name: "fc2", reason: "the file has no such head" }]);
  assert(two.values.has("fc1.weight") && two.values.has("fc1.bias"));
  assertEquals(two.unused, []);
});

const sequential: Readonly<Record<string, string>> = {
  conv1: "0",
  bn1: "1",
  layer1: "4",
  layer2: "5",
  layer3: "6",
  layer4: "7",
  fc: "9",
};
const wrappings: readonly (readonly [title: string, rename: (name: string) => string, prefix: string])[] = [
  ["DataParallel", (name) => `module.${name}`, "module."],
  ["a Lightning module of a wrapper", (name) => `model.backbone.${name}`, "model.backbone."],
  ["torch.compile", (name) => `_orig_mod.${name}`, "_orig_mod."],
  ["nn.Sequential of the children", (name) => name.replace(/^\w+/, (part) => sequential[part] ?? part), ""],
  [
    "a wrapped nn.Sequential of the children",
    (name) => `encoder.${name.replace(/^\w+/, (part) => sequential[part] ?? part)}`,
    "encoder.",
  ],
];
for (const [title, rename, prefix] of wrappings) {
  Deno.test(`pretrained: names of ${title} are understood`, () => {
    const init = readPublished(renamed(published("resnet18"), rename), "a", undefined);
    const result = match(init);
    assertEquals([init.architecture, result.prefix], ["resnet18", prefix]);
    assertEquals(result.values.size, 100);
    assertEquals(result.unused, ["fc.weight", "fc.bias"].map(rename));
  });
}

Deno.test("pretrained: of a student and a teacher in one file the teacher is loaded, the rest is listed", () => {
  const both = new Map([
    ...renamed(published("resnet18"), (name) => `student.${name}`),
    ...renamed(published("resnet18"), (name) => `teacher.${name}`),
    ["projector.0.weight", bare([128, 512])] as const,
  ]);
  const result = match(readPublished(both, "a", undefined));
  assertEquals(result.prefix, "teacher.");
  assertEquals(result.unused.length, 62 + 40 + 1 + 2);
  assert(result.unused.includes("projector.0.weight") && result.unused.includes("student.conv1.weight"));
});

Deno.test("pretrained: features without a head, as timm saves with num_classes=0, are enough", () => {
  const values = published("resnet18", (all) => {
    for (const name of ["fc.weight", "fc.bias"]) all.delete(name);
    for (const name of [...all.keys()]) if (name.endsWith("num_batches_tracked")) all.delete(name);
  });
  const { drawnHeads, unused, batchCounters } = match(readPublished(values, "a", undefined));
  assertEquals(drawnHeads, [{ name: "fc", reason: "the file has no such head" }]);
  assertEquals([unused, batchCounters], [[], 0]);
});

/** Faults of a file, the architecture that the user names, and the error. */
const faults: readonly (readonly [title: string, change: (values: Values) => void, message: RegExp])[] = [
  [
    "a shape differs",
    (values) => values.set("layer1.0.conv1.weight", bare([64, 64, 1, 1])),
    /shapes differ: layer1\.0\.conv1\.weight is \[64, 64, 1, 1\] in the file and \[64, 64, 3, 3\] in the network/,
  ],
  [
    "grey images",
    (values) => values.set("conv1.weight", bare([64, 1, 7, 7])),
    /conv1\.weight is \[64, 1, 7, 7\].*Use images of 1 channels; these have 3/,
  ],
  [
    "a value is missing",
    (values) => values.delete("layer2.1.bn1.bias"),
    /the file lacks layer2\.1\.bn1\.bias\. Set the architecture/,
  ],
  [
    "group normalisation has no running statistics",
    (values) => {
      for (const name of [...values.keys()]) if (name.includes("running")) values.delete(name);
    },
    /the file lacks bn1\.running_mean, .* and 35 more/,
  ],
  [
    "more blocks than the network has",
    (values) => values.set("layer3.2.conv1.weight", bare([256, 256, 3, 3])),
    /the network lacks layer3\.2\.conv1\.weight/,
  ],
  [
    "squeeze-and-excitation",
    (values) => values.set("layer1.0.se.fc1.weight", bare([4, 64, 1, 1])),
    /the network lacks layer1\.0\.se\.fc1\.weight.*squeeze-and-excitation blocks/,
  ],
  [
    "whole numbers",
    (values) => values.set("bn1.bias", bare([64], "int32")),
    /bn1\.bias is int32 \[64\]/,
  ],
];
for (const [title, change, message] of faults) {
  Deno.test(`pretrained: ${title}: an error names it`, () => {
    const init = readPublished(published("resnet18", change), "a.safetensors", "resnet18");
    const error = assertThrows(() => match(init), RangeError);
    assertMatch(
      error.message,
      /^Cannot start from a\.safetensors: its values must fit the network resnet18, but /,
    );
    assertMatch(error.message, message);
  });
}

Deno.test("pretrained: files of no known network are refused with the reason", () => {
  const refuse = (values: Values, message: RegExp) =>
    assertMatch(assertThrows(() => readPublished(values, "a", undefined), RangeError).message, message);
  const deepStem = published("resnet18", (values) => {
    values.delete("conv1.weight");
    values.set("conv1.0.weight", bare([32, 3, 3, 3]));
  });
  refuse(deepStem, /a deep stem of several convolutions \(ResNet-C, -D, -S, -T\)\. Set the architecture/);
  refuse(new Map([["blocks.0.attn.qkv.weight", bare([3, 3])]]), /blocks of a vision transformer/);
  refuse(new Map([["stages.0.blocks.0.conv_dw.weight", bare([3, 3])]]), /another family, such as ConvNeXt/);
  refuse(new Map(), /the file has no values/);
  refuse(
    new Map([["features.0.weight", bare([64, 3, 3, 3])]]),
    /names \(features\.0\.weight\) and shapes fit none/,
  );
  assertThrows(
    () => match(readPublished(new Map([["a", bare([1])]]), "a", "resnet18")),
    RangeError,
    "no name in the file is one of the network's",
  );
});

Deno.test("pretrained: a model starts a run of other or the same classes, with its own images", () => {
  const network = build("convnet_small", { classCount: 3 });
  const weights = new Map(
    Object.entries(stateOf(network)).map(([name, { shape, initial }]) =>
      [name, { shape, dtype: "float32", data: initial } as HostTensor] as const
    ),
  );
  const model = {
    architecture: "convnet_small",
    headCount: 1,
    classes,
    imageShape: [3, 32, 32],
    randomResizedCrop: null,
    normalize: "channel",
    channelStatistics: { mean: [0.1, 0.2, 0.3], standardDeviation: [1, 2, 3] },
    temperature: 1,
    about: {},
    weights,
  } as const;
  const init = readPretrained(writeModel(model));
  assertEquals(init, pretrainedOf(model, "the weights"));
  assertEquals([init.channels, init.imageSize, init.channelStatistics], [
    3,
    [32, 32],
    model.channelStatistics,
  ]);
  assertEquals(match(init).drawnHeads, []);
  assertEquals(match(init, { classCount: 2 }).drawnHeads, [{
    name: "heads.0",
    reason: "it has 3 classes, this run 2",
  }]);
  assertEquals(match({ ...init, classes: ["c", "b", "a"] }).drawnHeads, [{
    name: "heads.0",
    reason: "its classes have other names or another order",
  }]);
  // A head on flattened maps of another size has other weights.
  const larger = build("convnet_small");
  const [head] = matchWeights(larger, { ...init, weights: withHead(weights, [3, 576]) }, {
    imageShape: [3, 32, 32],
    classes,
  }).drawnHeads;
  assertEquals(head?.reason, "its heads.0.weight is [3, 576], not [3, 1024]");
});

function withHead(weights: ReadonlyMap<string, HostTensor>, shape: Shape): Values {
  return new Map([...weights, ["heads.0.weight", bare(shape)]]);
}

Deno.test("pretrained: a state dict of a named architecture starts a run, its images are unknown", () => {
  const network = build("convnet_small");
  const bytes = writeSafetensors(
    Object.entries(stateOf(network)).map(([name, { shape, initial }]) =>
      [`module.${name}`, { shape, dtype: "float32", data: initial as Float32Array<ArrayBuffer> }] as const
    ),
  );
  const init = readPretrained(bytes, { architecture: "convnet_small" });
  assertEquals([init.imageSize, init.channelStatistics, init.classes], [null, null, null]);
  assertEquals(match(init).values.size, Object.keys(stateOf(network)).length);
  assertThrows(
    () => readPretrained(bytes),
    RangeError,
    "weights must be of resnet18, resnet34, resnet50, resnext50_32x4d",
  );
});

/** Names of the trained parameters when some stages are frozen. */
const trained = (name: string, part: "features" | number) =>
  Object.keys(freezeNetwork(build(name), part, [3, 32, 32]).parameters);

Deno.test("pretrained: frozen features leave the head, frozen stages leave the rest", () => {
  assertEquals(trained("resnet18", "features"), ["fc.weight", "fc.bias"]);
  assertEquals(trained("resnet18", 5), ["fc.weight", "fc.bias"]);
  const last = trained("resnet18", 4);
  assert(last.every((name) => name.startsWith("layer4.") || name.startsWith("fc.")) && last.length === 17);
  assert(
    !trained("resnet18", 1).includes("bn1.weight") &&
      trained("resnet18", 1).includes("layer1.0.conv1.weight"),
  );
  assertEquals(trained("convnet_small", 3), ["heads.0.weight", "heads.0.bias"]);
  assertEquals(trained("convnet13", 3).map((name) => name.slice(0, 7)), new Array(3).fill("heads.0"));
  assertEquals(trained("cifar_shakeshake26", 4), ["fc1.weight", "fc1.bias"]);
  for (const part of [0, 6, 1.5]) {
    assertThrows(() => trained("resnet18", part), RangeError, "the number must be from 1 to 5");
  }
  const { forward, forwardFeatures, forwardHeads, parameters, buffers } = build("convnet_small");
  const custom = { forward, forwardFeatures, forwardHeads, parameters, buffers };
  assertThrows(() => freezeNetwork(custom, 1, [3, 32, 32]), RangeError, "does not tell its stages");
});

Deno.test("pretrained: frozen layers use and keep their running statistics in training", () => {
  const network = build("resnet18"), frozen = freezeNetwork(network, 2, [3, 32, 32]);
  assertEquals(Object.keys(stateOf(frozen)).sort(), Object.keys(stateOf(network)).sort());
  const context = trainingContext(), x = input("images", [4, 3, 32, 32]);
  frozen.forward(x, context);
  const updated = new Set(context.updates.map(([variable]) => variable));
  const names = Object.entries(network.buffers).filter(([, variable]) => updated.has(variable)).map((
    [name],
  ) => name);
  assert(names.length > 0 && names.every((name) => /^layer[234]\./.test(name)), names.join());
  const evaluated = evaluationContext();
  frozen.forward(x, evaluated);
  assertEquals(evaluated.updates, []);
});
