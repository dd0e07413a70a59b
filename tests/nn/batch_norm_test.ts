/** Batch normalisation by the formulas of the paper and of PyTorch, in float64 on the host. */
import { sizeOf, type Tensor } from "../../kernels/mod.ts";
import {
  BatchNorm2d,
  type BatchNormOptions,
  evaluationContext,
  Initializer,
  type NamedVariables,
  stateOf,
  trainingContext,
} from "../../nn/mod.ts";
import { assertEquals, assertThrows } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import { evaluate, randomValues } from "../kernels/reference.ts";
import { assertGradients, randomTensor, type Values } from "./gradients.ts";

/** Constants of a graph, such as epsilon, are float32. */
const exact = { rtol: 1e-7, atol: 1e-7 };

/** Returns the positions of a channel's elements in `x [N, C, …]`. */
function positionsOf({ shape }: Tensor, channel: number): number[] {
  const [, channels = 1, ...rest] = shape;
  return Array.from({ length: sizeOf(shape) }, (_, i) => i).filter((i) =>
    Math.floor(i / sizeOf(rest)) % channels === channel
  );
}

/** Returns a layer of three channels, with random values for its variables. */
function layerWith(options: BatchNormOptions = {}) {
  const layer = new BatchNorm2d(3, new Initializer(1), options);
  const range = { weight: [0.5, 2], bias: [-1, 1], running_mean: [-1, 1], running_var: [0.2, 3] } as const;
  const at: Values = new Map(
    Object.entries(range).map(([name, limits], i) => [
      stateOf(layer)[name]!,
      Float64Array.from(randomValues(10 + i, 3, limits, "float32")),
    ]),
  );
  const valueOf = (name: keyof typeof range, channel: number) => at.get(stateOf(layer)[name]!)![channel]!;
  return { layer, at, valueOf };
}

const shapes = [[4, 3, 2, 5], [6, 3]];

Deno.test("BatchNorm2d starts as PyTorch's: weight 1, bias 0, running mean 0, running variance 1", () => {
  const layer = new BatchNorm2d(3, new Initializer(1));
  const initials = (variables: NamedVariables) =>
    Object.entries(variables).map(([name, { shape, initial }]) => [name, shape, [...initial]]);
  assertEquals(initials(layer.parameters), [["weight", [3], [1, 1, 1]], ["bias", [3], [0, 0, 0]]]);
  assertEquals(initials(layer.buffers), [["running_mean", [3], [0, 0, 0]], ["running_var", [3], [1, 1, 1]]]);
});

for (const shape of shapes) {
  for (const options of [{}, { epsilon: 0.1, momentum: 0.3 }]) {
    const { epsilon = 1e-5, momentum = 0.1 } = options;

    Deno.test(`BatchNorm2d trains on [${shape}] with the batch's statistics and updates the running ones, ${JSON.stringify(options)}`, () => {
      const { layer, at, valueOf } = layerWith(options);
      const x = randomTensor(1, shape, [-1, 3]);
      const context = trainingContext();
      const y = layer.forward(x, context);
      assertEquals(y.shape, shape);
      assertEquals(context.updates.map(([variable]) => variable), Object.values(layer.buffers));
      const got = evaluate(y, at);
      const [means, variances] = context.updates.map(([, value]) => evaluate(value, at));
      const input = evaluate(x);
      for (let channel = 0; channel < 3; channel++) {
        const positions = positionsOf(x, channel);
        const values = positions.map((i) => input[i]!);
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
        const scale = valueOf("weight", channel) / Math.sqrt(squares / values.length + epsilon);
        const want = values.map((value) => (value - mean) * scale + valueOf("bias", channel));
        assertClose(positions.map((i) => got[i]!), want, exact);
        // The running variance is the unbiased one.
        const moved = [[valueOf("running_mean", channel), mean], [
          valueOf("running_var", channel),
          squares / (values.length - 1),
        ]].map(([former, current]) => (1 - momentum) * former! + momentum * current!);
        assertClose([means![channel]!, variances![channel]!], moved, exact);
      }
    });

    Deno.test(`BatchNorm2d evaluates [${shape}] with the running statistics without changing them, ${JSON.stringify(options)}`, () => {
      const { layer, at, valueOf } = layerWith(options);
      const x = randomTensor(1, shape, [-1, 3]);
      const context = evaluationContext();
      const got = evaluate(layer.forward(x, context), at);
      assertEquals(context.updates, []);
      const input = evaluate(x);
      for (let channel = 0; channel < 3; channel++) {
        const positions = positionsOf(x, channel);
        const scale = valueOf("weight", channel) / Math.sqrt(valueOf("running_var", channel) + epsilon);
        const want = positions.map((i) =>
          (input[i]! - valueOf("running_mean", channel)) * scale + valueOf("bias", channel)
        );
        assertClose(positions.map((i) => got[i]!), want, exact);
      }
    });
  }

  Deno.test(`BatchNorm2d has the gradients that finite differences find, on [${shape}]`, () => {
    for (const context of [trainingContext(), evaluationContext()]) {
      const { layer, at } = layerWith();
      const x = randomTensor(1, shape, [-1, 3]);
      assertGradients(layer.forward(x, context), { x, ...layer.parameters }, { at });
    }
  });
}

Deno.test("BatchNorm2d refuses to train on one element per channel, and evaluates it", () => {
  const layer = new BatchNorm2d(3, new Initializer(1));
  for (const shape of [[1, 3, 1, 1], [1, 3]]) {
    const x = randomTensor(1, shape);
    const context = trainingContext();
    assertThrows(
      () => layer.forward(x, context),
      RangeError,
      `Cannot normalise batch: each channel must have more than one element, but the shape is [${
        shape.join(", ")
      }]`,
    );
    assertEquals(context.updates, []);
    assertEquals(layer.forward(x, evaluationContext()).shape, shape);
  }
});

Deno.test("BatchNorm2d refuses a batch of other channels", () => {
  const layer = new BatchNorm2d(3, new Initializer(1));
  for (const context of [trainingContext(), evaluationContext()]) {
    assertThrows(() => layer.forward(randomTensor(1, [4, 2, 2, 2]), context), RangeError, "Cannot");
  }
});
