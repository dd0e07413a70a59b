/**
 * Residual networks: names and counts. tests/vectors_test.ts compares the logits of cifar_shakeshake26 and
 * resnext152 with PyTorch's.
 */
import { add, conv2d, mul, relu, type Tensor } from "../../kernels/mod.ts";
import {
  type Architecture,
  evaluationContext,
  findArchitecture,
  parameterCount,
  resNet,
  type Sequential,
  stateOf,
  trainingContext,
} from "../../nn/mod.ts";
import { assert, assertEquals, assertNotEquals, assertThrows } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import { evaluate } from "../kernels/reference.ts";
import { assertGradients, randomTensor, shapesOf } from "./gradients.ts";
import { randomKey } from "./keys.ts";

type Options = Parameters<Architecture["build"]>[0];
const imageNet: Options = {
  imageShape: [3, 224, 224],
  classCount: 1000,
  headCount: 1,
  dropout: 0,
  inputNoise: 0,
  seed: null,
};
const cifar: Options = { ...imageNet, imageShape: [3, 32, 32], classCount: 10 };
const build = (name: string, options: Options) => findArchitecture(name).build(options);

/** Numbers of parameters according to torchvision's documentation. */
const torchvision = [
  ["resnet18", 11_689_512],
  ["resnet34", 21_797_672],
  ["resnet50", 25_557_032],
  ["resnext50", 25_028_904],
] as const;
for (const [name, count] of torchvision) {
  Deno.test(`${name} has the ${count} parameters of torchvision's, under its names`, () => {
    const network = build(name, imageNet);
    assertEquals(parameterCount(network), count);
    const state = shapesOf(stateOf(network));
    for (const known of ["conv1.weight", "bn1.running_var", "layer1.0.conv1.weight", "layer4.1.bn2.bias"]) {
      assert(known in state, known);
    }
    assertEquals(state["layer2.0.downsample.1.weight"], [name.endsWith("50") ? 512 : 128]);
    assertEquals(state["fc.weight"], [1000, name.endsWith("50") ? 2048 : 512]);
    // Bottleneck networks expand the channels in the first stage; the others need no projection there.
    assertEquals("layer1.0.downsample.0.weight" in state, name.endsWith("50"));
  });
}

Deno.test("the names of resnet18's first blocks are torchvision's, all of them", () => {
  const names = Object.keys(build("resnet18", imageNet).parameters);
  assertEquals(names.slice(0, 9), [
    "conv1.weight",
    "bn1.weight",
    "bn1.bias",
    "layer1.0.conv1.weight",
    "layer1.0.bn1.weight",
    "layer1.0.bn1.bias",
    "layer1.0.conv2.weight",
    "layer1.0.bn2.weight",
    "layer1.0.bn2.bias",
  ]);
  assertEquals(names.slice(-2), ["fc.weight", "fc.bias"]);
  assertEquals(names.length, 62);
});

Deno.test("residual networks give logits of one head or two, for any classes, in both modes", () => {
  for (
    const [name, imageShape] of [
      ["cifar_shakeshake26", [3, 32, 32]],
      ["cifar_shakeshake26", [1, 28, 28]],
      ["cifar_shakeshake26", [2, 4, 12]],
      ["resnet18", [3, 32, 47]],
      ["resnext50", [1, 64, 64]],
      ["resnext152", [3, 224, 224]],
    ] as const
  ) {
    for (const [classCount, headCount, heads] of [[2, 1, 1], [3, 2, 2]] as const) {
      const network = build(name, { ...imageNet, imageShape, classCount, headCount });
      const x = randomTensor(1, [2, ...imageShape]);
      for (const context of [evaluationContext(), trainingContext(randomKey(1, 0))]) {
        const logits = network.forward(x, context);
        assertEquals(logits.map((head) => head!.shape), Array(heads).fill([2, classCount]));
        const statistics = context.training ? Object.keys(network.buffers).length : 0;
        assertEquals(context.updates.length, statistics);
      }
    }
  }
});

Deno.test("heads are fc1 and fc2; a single head is fc1 in Mean Teacher's networks and fc in torchvision's", () => {
  const headsOf = (name: string, headCount: 1 | 2) =>
    Object.keys(build(name, { ...cifar, headCount }).parameters).filter((key) => /^fc.*weight$/.test(key));
  for (const name of ["cifar_shakeshake26", "resnext152", "resnet18"]) {
    assertEquals(headsOf(name, 2), ["fc1.weight", "fc2.weight"]);
    assertEquals(headsOf(name, 1), [name === "resnet18" ? "fc.weight" : "fc1.weight"]);
  }
});

Deno.test("cifar_shakeshake26 draws two shares for each of its 12 blocks", () => {
  const small = { ...cifar, imageShape: [1, 4, 4] as const };
  const context = trainingContext(randomKey(1, 0));
  build("cifar_shakeshake26", small).forward(randomTensor(1, [2, 1, 4, 4]), context);
  assertEquals(context.nextStream(), 2 * 12);
});

/** Plan of a network small enough for float64 on the host. */
const tiny = {
  name: "tiny",
  blocks: [1, 1, 1, 1],
  isBottleneck: false,
  width: 2,
  groups: 1,
  expansion: 1,
  names: "torchvision",
} as const;
const tinyOptions = { ...cifar, imageShape: [1, 32, 32], classCount: 3, seed: 1 } as const;

Deno.test("a basic block is two convolutions with batch normalisation, ReLU between and after the sum", () => {
  const { features } = resNet({ ...tiny, width: 64 }, {
    ...tinyOptions,
    imageShape: [3, 32, 32],
  });
  // Behind conv1, bn1, relu and maxpool: layer1.
  const block = (features as Sequential).layers[4]!;
  const x = randomTensor(1, [2, 64, 3, 3]);
  const { "0.conv1.weight": first, "0.conv2.weight": second } = block.parameters;
  const padded = { padding: 1 };
  const norm = (y: Tensor) => mul(y, Math.fround(1 / Math.sqrt(1 + 1e-5)));
  const inner = relu(norm(conv2d(x, first!, padded)));
  const want = relu(add(norm(conv2d(inner, second!, padded)), x));
  assertClose(evaluate(block.forward(x, evaluationContext())), evaluate(want), { rtol: 1e-6, atol: 1e-6 });
});

Deno.test("whole residual networks have the gradients that finite differences find", () => {
  for (
    const plan of [tiny, {
      ...tiny,
      isBottleneck: true,
      width: 4,
      groups: 2,
      expansion: 2,
      names: "mean_teacher",
    }] as const
  ) {
    const network = resNet(plan, tinyOptions);
    const x = randomTensor(1, [1, 1, 32, 32]);
    const mark = plan.isBottleneck ? "_a" : "";
    const some = ["conv1.weight", `layer2.0.conv${mark}2.weight`, "layer3.0.downsample.0.weight"];
    const parameters = Object.fromEntries(some.map((name) => [name, network.parameters[name]!]));
    assertGradients(network.forward(x, evaluationContext())[0], parameters);
  }
});

Deno.test("the same seed gives the same weights, another others", () => {
  const initials = (seed: number) =>
    resNet(tiny, { ...tinyOptions, seed }).parameters["conv1.weight"]!.initial;
  assertEquals(initials(1), initials(1));
  assertNotEquals(initials(1), initials(2));
});

Deno.test("residual networks refuse images of unsuitable sizes", () => {
  for (const [height, width] of [[31, 32], [32, 31]] as const) {
    assertThrows(
      () => build("resnet50", { ...imageNet, imageShape: [3, height, width] }),
      RangeError,
      `Cannot build resnet50: images must be at least 32×32, but they are ${height}×${width}`,
    );
  }
  for (const [height, width] of [[30, 32], [32, 33], [0, 4], [4, 0]] as const) {
    assertThrows(
      () => build("cifar_shakeshake26", { ...cifar, imageShape: [3, height, width] }),
      RangeError,
      `Cannot build cifar_shakeshake26: height and width of images must be multiples of 4, but images are ${height}×${width}`,
    );
  }
});
