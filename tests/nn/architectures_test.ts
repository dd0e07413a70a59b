/** The registry of networks, and convnet_small. */
import {
  architectures,
  type ClassifierNetwork,
  convNetMedium,
  convNetSmall,
  evaluationContext,
  findArchitecture,
  parameterCount,
  stateOf,
  trainingContext,
} from "../../nn/mod.ts";
import { assert, assertEquals, assertNotEquals, assertThrows } from "../assert.ts";
import { evaluate } from "../kernels/reference.ts";
import { randomTensor, shapesOf } from "./gradients.ts";
import { randomKey } from "./keys.ts";

type Options = Parameters<typeof convNetSmall>[0];
const mnist: Options = {
  imageShape: [1, 28, 28],
  classCount: 10,
  headCount: 1,
  dropout: 0.3,
  inputNoise: 0.15,
  seed: 1,
};
const cifar: Options = { ...mnist, imageShape: [3, 32, 32], headCount: 2 };
const initials = (network: ClassifierNetwork) =>
  Object.fromEntries(Object.entries(stateOf(network)).map(([name, { initial }]) => [name, initial]));

const blocks = (channels: number) => ({
  "features.1.weight": [16, channels, 3, 3],
  "features.2.weight": [16],
  "features.2.bias": [16],
  "features.6.weight": [32, 16, 3, 3],
  "features.7.weight": [32],
  "features.7.bias": [32],
  "features.11.weight": [64, 32, 3, 3],
  "features.12.weight": [64],
  "features.12.bias": [64],
});
const statistics = {
  "features.2.running_mean": [16],
  "features.2.running_var": [16],
  "features.7.running_mean": [32],
  "features.7.running_var": [32],
  "features.12.running_mean": [64],
  "features.12.running_var": [64],
};

Deno.test("convnet_small for 28×28×1 and one head: names, shapes, 29 178 parameters", () => {
  const network = convNetSmall(mnist);
  assertEquals(shapesOf(network.parameters), {
    ...blocks(1),
    "heads.0.weight": [10, 576],
    "heads.0.bias": [10],
  });
  assertEquals(shapesOf(network.buffers), statistics);
  // Three convolutions without bias, weight and bias of their normalisations, the head.
  assertEquals(
    parameterCount(network),
    9 * (1 * 16 + 16 * 32 + 32 * 64) + 2 * (16 + 32 + 64) + 10 * (9 * 64 + 1),
  );
  assertEquals(parameterCount(network), 29_178);
});

Deno.test("convnet_small for 32×32×3 and two heads: names, shapes, 44 196 parameters", () => {
  const network = convNetSmall(cifar);
  assertEquals(shapesOf(network.parameters), {
    ...blocks(3),
    "heads.0.weight": [10, 1024],
    "heads.0.bias": [10],
    "heads.1.weight": [10, 1024],
    "heads.1.bias": [10],
  });
  assertEquals(shapesOf(network.buffers), statistics);
  assertEquals(parameterCount(network), 44_196);
});

Deno.test("convnet_medium has convnet_small's layers with twice the channels: 113 962 parameters", () => {
  const [network, small] = [
    convNetMedium({ ...cifar, headCount: 1 }),
    convNetSmall({ ...cifar, headCount: 1 }),
  ];
  assertEquals(Object.keys(network.parameters), Object.keys(small.parameters));
  assertEquals(network.parameters["features.1.weight"]!.shape, [32, 3, 3, 3]);
  assertEquals(network.parameters["features.11.weight"]!.shape, [128, 64, 3, 3]);
  assertEquals(network.parameters["heads.0.weight"]!.shape, [10, 2048]);
  assertEquals(parameterCount(network), 113_962);
});

Deno.test("convnet_small: the same seed gives the same weights, another others, heads differ", () => {
  const network = convNetSmall(cifar);
  assertEquals(initials(convNetSmall(cifar)), initials(network));
  assertEquals(initials(convNetSmall({ ...cifar, dropout: 0, inputNoise: 0 })), initials(network));
  const other = initials(convNetSmall({ ...cifar, seed: 2 }));
  for (const [name, values] of Object.entries(initials(network))) {
    // Weights and biases of normalisation and running statistics are constants.
    const isDrawn = /heads|features\.(1|6|11)\./.test(name);
    assertEquals(other[name]!.join() === values.join(), !isDrawn, name);
  }
  assertNotEquals(initials(network)["heads.0.weight"], initials(network)["heads.1.weight"]);
});

Deno.test("convnet_small gives logits [N, C] of each head, and other ones in every noisy pass", () => {
  for (const options of [mnist, cifar, { ...mnist, imageShape: [2, 8, 13] as const, classCount: 3 }]) {
    const network = convNetSmall(options);
    const x = randomTensor(1, [4, ...options.imageShape]);
    for (const context of [evaluationContext(), trainingContext(randomKey(1, 0))]) {
      const logits = network.forward(x, context);
      assertEquals(logits.length, options.headCount);
      for (const head of logits) assertEquals(head!.shape, [4, options.classCount]);
      // Running statistics move in training alone: a mean and a variance for each block.
      assertEquals(context.updates.length, context.training ? 6 : 0);
    }
  }
});

Deno.test("convnet_small is noisy in training alone, by input noise and by dropout", () => {
  const x = randomTensor(1, [2, 1, 8, 8]);
  const small: Options = { ...mnist, imageShape: [1, 8, 8], dropout: 0, inputNoise: 0 };
  const passes = (options: Options) => {
    const network = convNetSmall(options);
    const context = trainingContext(randomKey(1, 0));
    return [1, 2].map(() => evaluate(network.forward(x, context)[0]));
  };
  const [first, second] = passes(small);
  assertEquals(first, second);
  for (const noisy of [{ ...small, dropout: 0.3 }, { ...small, inputNoise: 0.15 }]) {
    const [one, other] = passes(noisy);
    assertNotEquals(one, other);
  }
  const network = convNetSmall({ ...small, dropout: 0.3, inputNoise: 0.15 });
  const [one, other] = [1, 2].map(() => evaluate(network.forward(x, evaluationContext())[0]));
  assertEquals(one, other);
  assert(one!.every(Number.isFinite));
});

Deno.test("convnet_small refuses images smaller than 8×8", () => {
  for (const [height, width] of [[7, 7], [7, 28], [28, 7]] as const) {
    assertThrows(
      () => convNetSmall({ ...mnist, imageShape: [1, height, width] }),
      RangeError,
      `Cannot build convnet_small: images must be at least 8×8, but they are ${height}×${width}`,
    );
  }
});

Deno.test("findArchitecture finds every architecture by its name", () => {
  const names = architectures.map(({ name }) => name);
  assert(names.includes("convnet_small"));
  assertEquals(new Set(names).size, names.length);
  for (const architecture of architectures) {
    assertEquals(findArchitecture(architecture.name), architecture);
    assert(architecture.summary.length > 0 && !architecture.summary.includes("\n"));
  }
});

Deno.test("findArchitecture refuses an unknown name, listing the known ones", () => {
  for (const name of ["convnet", "", "ConvNet_Small"]) {
    const error = assertThrows(() => findArchitecture(name), RangeError, `Unknown architecture "${name}"`);
    for (const known of architectures) assert(error.message.includes(known.name), error.message);
  }
});

for (const { name, build } of architectures) {
  Deno.test(`${name} returns the features from which its heads compute logits`, () => {
    const network = build({ ...cifar, headCount: 2, seed: null });
    const images = randomTensor(1, [2, 3, 32, 32]);
    const context = evaluationContext();
    const features = network.forwardFeatures(images, context);
    const [batch, size] = features.shape;
    assertEquals([features.shape.length, batch], [2, 2]);
    const heads = Object.values(network.parameters).filter(({ shape }) =>
      shape.at(-1) === size && shape[0] === 10
    );
    assert(heads.length >= 2, `${size} features`);
    assertEquals(network.forwardHeads(features, context).map((logits) => logits?.shape), [[2, 10], [2, 10]]);
  });
}

Deno.test("forward equals the heads applied to the features", () => {
  const network = convNetSmall({ ...mnist, imageShape: [1, 8, 8], headCount: 2 });
  const images = randomTensor(1, [2, 1, 8, 8]);
  const context = evaluationContext();
  const [whole, inTwo] = [
    network.forward(images, context),
    network.forwardHeads(network.forwardFeatures(images, context), context),
  ];
  whole.forEach((logits, i) => assertEquals([...evaluate(logits!)], [...evaluate(inTwo[i]!)]));
});
