/** The paper's 13-layer network: names, shapes and counts derived from the paper's table. */
import {
  type ClassifierNetwork,
  convNet13,
  convNet13BatchNorm,
  evaluationContext,
  parameterCount,
  trainingContext,
} from "../../nn/mod.ts";
import { assertEquals, assertThrows } from "../assert.ts";
import { randomTensor, shapesOf } from "./gradients.ts";
import { randomKey } from "./keys.ts";

type Options = Parameters<typeof convNet13>[0];
const cifar: Options = {
  imageShape: [3, 32, 32],
  classCount: 10,
  headCount: 2,
  dropout: 0.5,
  inputNoise: 0.15,
  seed: null,
};

/** Position among the features, inputs, outputs and kernel of each convolution. */
const convolutions = [
  [1, 3, 128, 3],
  [4, 128, 128, 3],
  [7, 128, 128, 3],
  [12, 128, 256, 3],
  [15, 256, 256, 3],
  [18, 256, 256, 3],
  [23, 256, 512, 3],
  [26, 512, 256, 1],
  [29, 256, 128, 1],
] as const;
const heads = [0, 1];

const shapesOfEach = (shapes: (layer: typeof convolutions[number]) => Record<string, readonly number[]>) =>
  Object.assign({}, ...convolutions.map(shapes)) as Record<string, readonly number[]>;

Deno.test("convnet13 has weight-normalised convolutions and heads over mean-only batch normalisation", () => {
  const network = convNet13(cifar);
  assertEquals(shapesOf(network.parameters), {
    ...shapesOfEach(([at, inputs, outputs, kernel]) => ({
      [`features.${at}.weight_g`]: [outputs, 1, 1, 1],
      [`features.${at}.weight_v`]: [outputs, inputs, kernel, kernel],
      [`features.${at + 1}.bias`]: [outputs],
    })),
    ...Object.assign(
      {},
      ...heads.map((head) => ({
        [`heads.${head}.0.weight_g`]: [10, 1],
        [`heads.${head}.0.weight_v`]: [10, 128],
        [`heads.${head}.1.bias`]: [10],
      })),
    ),
  });
  assertEquals(shapesOf(network.buffers), {
    ...shapesOfEach(([at, , outputs]) => ({ [`features.${at + 1}.running_mean`]: [outputs] })),
    "heads.0.1.running_mean": [10],
    "heads.1.1.running_mean": [10],
  });
});

Deno.test("convnet13_bn has plain convolutions over batch normalisation, and plain heads", () => {
  const network = convNet13BatchNorm(cifar);
  assertEquals(shapesOf(network.parameters), {
    ...shapesOfEach(([at, inputs, outputs, kernel]) => ({
      [`features.${at}.weight`]: [outputs, inputs, kernel, kernel],
      [`features.${at + 1}.weight`]: [outputs],
      [`features.${at + 1}.bias`]: [outputs],
    })),
    "heads.0.weight": [10, 128],
    "heads.0.bias": [10],
    "heads.1.weight": [10, 128],
    "heads.1.bias": [10],
  });
  assertEquals(
    shapesOf(network.buffers),
    shapesOfEach(([at, , outputs]) => ({
      [`features.${at + 1}.running_mean`]: [outputs],
      [`features.${at + 1}.running_var`]: [outputs],
    })),
  );
});

Deno.test("both have 3.12 million parameters: weights, and two numbers for each channel", () => {
  const weights = 9 * (3 * 128 + 2 * 128 * 128 + 128 * 256 + 2 * 256 * 256 + 256 * 512) + 512 * 256 +
    256 * 128;
  const channels = 3 * 128 + 3 * 256 + 512 + 256 + 128;
  const one = { ...cifar, headCount: 1 as const };
  assertEquals(parameterCount(convNet13(one)), weights + 2 * channels + 10 * (128 + 2));
  assertEquals(parameterCount(convNet13BatchNorm(one)), weights + 2 * channels + 10 * (128 + 1));
  assertEquals(parameterCount(convNet13(one)), 3_121_812);
  assertEquals(parameterCount(convNet13BatchNorm(cifar)), 3_121_802 + 1290);
});

const builders: readonly (readonly [string, (options: Options) => ClassifierNetwork, number])[] = [
  ["convnet13", convNet13, 1],
  ["convnet13_bn", convNet13BatchNorm, 2],
];
for (const [name, build, statistics] of builders) {
  Deno.test(`${name} gives logits of one head or two, for any classes and images of at least 12×12`, () => {
    for (
      const [imageShape, classCount, headCount] of [
        [[3, 32, 32], 10, 2],
        [[1, 28, 28], 3, 1],
        [[2, 12, 17], 1, 2],
      ] as const
    ) {
      const network = build({ ...cifar, imageShape, classCount, headCount });
      const x = randomTensor(1, [4, ...imageShape]);
      for (const context of [evaluationContext(), trainingContext(randomKey(1, 0))]) {
        const logits = network.forward(x, context);
        assertEquals(logits.map((head) => head!.shape), Array(headCount).fill([4, classCount]));
        const normalisations = 9 * statistics + (name === "convnet13" ? headCount : 0);
        assertEquals(context.updates.length, context.training ? normalisations : 0);
      }
    }
  });

  Deno.test(`${name} draws for its noise and both dropouts`, () => {
    const draws = (dropout: number, inputNoise: number) => {
      const context = trainingContext(randomKey(1, 0));
      build({ ...cifar, dropout, inputNoise }).forward(randomTensor(1, [2, 3, 32, 32]), context);
      return context.nextStream();
    };
    assertEquals([draws(0, 0), draws(0, 0.15), draws(0.5, 0), draws(0.5, 0.15)], [0, 1, 2, 3]);
  });

  Deno.test(`${name} refuses images smaller than 12×12`, () => {
    for (const [height, width] of [[11, 12], [12, 11]] as const) {
      assertThrows(
        () => build({ ...cifar, imageShape: [3, height, width] }),
        RangeError,
        `Cannot build ${name}: images must be at least 12×12, but they are ${height}×${width}`,
      );
    }
  });
}
