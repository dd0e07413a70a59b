/** Deterministic layers, and networks composed of layers. */
import { compile, type Tensor, vjp } from "../../kernels/mod.ts";
import {
  AvgPool2d,
  BatchNorm2d,
  Classifier,
  Conv2d,
  Dropout,
  evaluationContext,
  Flatten,
  GlobalAvgPool2d,
  GlobalMaxPool2d,
  Initializer,
  LeakyReLU,
  Linear,
  MaxPool2d,
  type Module,
  ReLU,
  Sequential,
  stateOf,
  trainingContext,
} from "../../nn/mod.ts";
import { assertEquals, assertThrows } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import { gpuTest } from "../kernels/device.ts";
import { evaluate } from "../kernels/reference.ts";
import { assertGradients, randomTensor, shapesOf } from "./gradients.ts";
import { randomKey } from "./keys.ts";

const exact = { rtol: 1e-12, atol: 1e-12 };

Deno.test("Linear computes x · weightᵀ + bias", () => {
  const layer = new Linear(4, 3, new Initializer(3));
  assertEquals(shapesOf(layer.parameters), { weight: [3, 4], bias: [3] });
  assertEquals(layer.buffers, {});
  const x = randomTensor(1, [5, 4]);
  const y = layer.forward(x);
  assertEquals(y.shape, [5, 3]);
  const [inputs, weight, bias] = [x, layer.parameters["weight"]!, layer.parameters["bias"]!].map((tensor) =>
    evaluate(tensor)
  );
  const want = Array.from({ length: 15 }, (_, at) =>
    [0, 1, 2, 3].reduce(
      (sum, i) => sum + inputs![Math.floor(at / 3) * 4 + i]! * weight![at % 3 * 4 + i]!,
      bias![at % 3]!,
    ));
  assertClose(evaluate(y), want, exact);
  assertGradients(y, { x, ...layer.parameters });
  assertThrows(() => layer.forward(randomTensor(1, [5, 3])), RangeError, "Cannot");
});

/** An image with rows 1 2 3 4, 5 6 7 8, …, for results that are easy to check by hand. */
const counting = Array.from({ length: 16 }, (_, i) => i + 1);

const stateless: readonly (readonly [string, Module, readonly number[], readonly number[]])[] = [
  ["MaxPool2d 2", new MaxPool2d({ kernel: 2 }), [1, 1, 2, 2], [6, 8, 14, 16]],
  ["MaxPool2d 3, stride 2, padding 1", new MaxPool2d({ kernel: 3, stride: 2, padding: 1 }), [1, 1, 2, 2], [
    6,
    8,
    14,
    16,
  ]],
  ["AvgPool2d 2", new AvgPool2d({ kernel: 2 }), [1, 1, 2, 2], [3.5, 5.5, 11.5, 13.5]],
  ["AvgPool2d 2, stride 3, padding 1", new AvgPool2d({ kernel: 2, stride: 3, padding: 1 }), [1, 1, 2, 2], [
    0.25,
    1.75,
    5.5,
    13.5,
  ]],
  ["GlobalAvgPool2d", new GlobalAvgPool2d(), [1, 1], [8.5]],
  ["GlobalMaxPool2d", new GlobalMaxPool2d(), [1, 1], [16]],
  ["Flatten", new Flatten(), [1, 16], counting],
];

for (const [name, layer, shape, want] of stateless) {
  Deno.test(`${name} has no variables, computes what its name says, and has its gradient`, () => {
    assertEquals(stateOf(layer), {});
    const image = randomTensor(1, [1, 1, 4, 4]);
    const y = layer.forward(image, trainingContext());
    assertEquals(y.shape, shape);
    assertClose(evaluate(y, new Map([[image, Float64Array.from(counting)]])), want, exact);
    const x = randomTensor(2, [2, 3, 4, 5]);
    assertGradients(layer.forward(x, trainingContext()), { x });
  });
}

Deno.test("ReLU and LeakyReLU bend at zero, by default with PyTorch's slope", () => {
  const x = randomTensor(1, [4]);
  const at = new Map([[x, Float64Array.of(-2, -0.5, 0, 3)]]);
  assertClose(evaluate(new ReLU().forward(x), at), [0, 0, 0, 3], exact);
  assertClose(evaluate(new LeakyReLU().forward(x), at), [-0.02, -0.005, 0, 3], exact);
  assertClose(evaluate(new LeakyReLU(0.1).forward(x), at), [-0.2, -0.05, 0, 3], exact);
  for (const layer of [new ReLU(), new LeakyReLU(0.1)]) {
    assertEquals(stateOf(layer), {});
    const images = randomTensor(2, [2, 3, 4, 5]);
    assertGradients(layer.forward(images), { images });
  }
});

Deno.test("Sequential applies layers in order and names variables by position", () => {
  const initializer = new Initializer(3);
  const layers = [
    new Conv2d(1, 2, 3, initializer),
    new BatchNorm2d(2, initializer),
    new ReLU(),
    new Sequential([new Flatten(), new Linear(8, 3, initializer)]),
  ];
  const network = new Sequential(layers);
  assertEquals(Object.keys(network.parameters), [
    "0.weight",
    "0.bias",
    "1.weight",
    "1.bias",
    "3.1.weight",
    "3.1.bias",
  ]);
  assertEquals(Object.keys(network.buffers), ["1.running_mean", "1.running_var"]);
  assertEquals(network.parameters["1.bias"], layers[1]!.parameters["bias"]);
  const x = randomTensor(1, [2, 1, 4, 4]);
  const one = network.forward(x, trainingContext());
  const other = layers.reduce((y, layer) => layer.forward(y, trainingContext()), x as Tensor);
  assertEquals(one.shape, [2, 3]);
  assertEquals(evaluate(one), evaluate(other));
});

Deno.test("Classifier has one or two heads on the same features, named as PyTorch would", () => {
  const initializer = new Initializer(3);
  const features = new Sequential([new BatchNorm2d(1, initializer), new Flatten()]);
  const heads = [new Linear(4, 3, initializer), new Linear(4, 3, initializer)] as const;
  const single = new Classifier(features, [heads[0]]), double = new Classifier(features, heads);
  const names = ["features.0.weight", "features.0.bias", "heads.0.weight", "heads.0.bias"];
  assertEquals(Object.keys(single.parameters), names);
  assertEquals(Object.keys(double.parameters), [...names, "heads.1.weight", "heads.1.bias"]);
  for (const network of [single, double]) {
    assertEquals(Object.keys(network.buffers), ["features.0.running_mean", "features.0.running_var"]);
  }
  assertEquals(double.parameters["heads.1.bias"], heads[1].parameters["bias"]);
  const x = randomTensor(1, [5, 1, 2, 2]);
  const context = trainingContext();
  const logits = double.forward(x, context);
  assertEquals(logits.map((head) => head!.shape), [[5, 3], [5, 3]]);
  // The features are computed once: their running statistics have one new value.
  assertEquals(context.updates.length, 2);
  heads.forEach((head, i) => {
    const want = head.forward(features.forward(x, trainingContext()));
    assertEquals(evaluate(logits[i]!), evaluate(want));
  });
  assertEquals(single.forward(x, evaluationContext()).length, 1);
});

gpuTest(
  "the device computes a network, its gradients and statistics as the reference does",
  async (device) => {
    const initializer = new Initializer(3);
    const network = new Sequential([
      new Conv2d(2, 4, 3, initializer, { padding: 1, bias: false }),
      new BatchNorm2d(4, initializer),
      new LeakyReLU(0.1),
      new MaxPool2d({ kernel: 2 }),
      new Dropout(0.3),
      new Conv2d(4, 6, 3, initializer, { groups: 2, padding: 1 }),
      new ReLU(),
      new AvgPool2d({ kernel: 2 }),
      new Flatten(),
      new Linear(24, 3, initializer),
    ]);
    const x = randomTensor(1, [5, 2, 8, 8]);
    const context = trainingContext(randomKey(1, 2));
    const y = network.forward(x, context);
    const inputs = { x, ...network.parameters };
    const gradients = vjp(y, randomTensor(2, y.shape), Object.values(inputs));
    const outputs: Record<string, Tensor> = {
      y,
      ...Object.fromEntries(Object.keys(inputs).map((name, i) => [`gradient of ${name}`, gradients[i]!])),
      ...Object.fromEntries(context.updates.map(([{ name }, value]) => [name, value])),
      evaluated: network.forward(x, evaluationContext()),
    };
    const program = await compile(device, {}, () => ({ outputs }));
    const values = await program.runAndRead({});
    program[Symbol.dispose]();
    for (const [name, value] of Object.entries(values)) {
      const want = evaluate(outputs[name]!);
      const largest = want.reduce((most, element) => Math.max(most, Math.abs(element)), 0);
      assertClose(value, want, { rtol: 1e-4, atol: 1e-5 * largest, what: name });
    }
  },
);
