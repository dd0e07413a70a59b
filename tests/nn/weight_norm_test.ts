/**
 * Weight normalisation and mean-only batch normalisation by the formulas of the paper, in float64 on the
 * host.
 */
import { sizeOf, type Tensor } from "../../kernels/mod.ts";
import {
  evaluationContext,
  Initializer,
  MeanOnlyBatchNorm,
  type Module,
  Sequential,
  stateOf,
  trainingContext,
  WeightNormConv2d,
  WeightNormLinear,
} from "../../nn/mod.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import { evaluate, randomValues } from "../kernels/reference.ts";
import { assertGradients, randomTensor, shapesOf, type Values } from "./gradients.ts";

/** Constants of a graph and initial values are float32. */
const exact = { rtol: 1e-6, atol: 1e-6 };

/** Returns random values for all variables of a layer. */
function valuesOf(layer: Module): Values {
  return new Map(
    Object.values(stateOf(layer)).map((variable, i) => [
      variable,
      Float64Array.from(
        randomValues(10 + i, sizeOf(variable.shape), [0.3, 1.5], "float32"),
        (value, k) => k % 3 === 0 ? -value : value,
      ),
    ]),
  );
}

/** Layers with and without bias, and shapes of matching inputs. */
const layers: readonly (readonly [string, Module, readonly number[]])[] = [true, false].flatMap((bias) => [
  [
    `WeightNormConv2d, bias ${bias}`,
    new WeightNormConv2d(4, 6, 3, new Initializer(1), { stride: 2, padding: 1, groups: 2, bias }),
    [2, 4, 5, 7],
  ],
  [`WeightNormLinear, bias ${bias}`, new WeightNormLinear(5, 3, new Initializer(1), { bias }), [4, 5]],
]);

Deno.test("layers with weight normalisation have the names and shapes of torch.nn.utils.weight_norm", () => {
  assertEquals(layers.map(([, { parameters }]) => shapesOf(parameters)), [
    { weight_g: [6, 1, 1, 1], weight_v: [6, 2, 3, 3], bias: [6] },
    { weight_g: [3, 1], weight_v: [3, 5], bias: [3] },
    { weight_g: [6, 1, 1, 1], weight_v: [6, 2, 3, 3] },
    { weight_g: [3, 1], weight_v: [3, 5] },
  ]);
  for (const [, { buffers }] of layers) assertEquals(buffers, {});
});

Deno.test("a weight-normalised layer starts with v of N(0, .05²), g as its norm and bias 0", () => {
  const { weight_g: g, weight_v: v, bias } = new WeightNormConv2d(30, 40, 3, new Initializer(1)).parameters;
  const directions = Float64Array.from(v!.initial);
  const meanSquare = directions.reduce((sum, value) => sum + value ** 2, 0) /
    directions.length;
  assertClose([Math.sqrt(meanSquare)], [0.05], { rtol: 0.02, atol: 0 });
  const norms = Array.from(
    { length: 40 },
    (_, o) =>
      Math.sqrt(directions.subarray(o * 270, (o + 1) * 270).reduce((sum, value) => sum + value ** 2, 0)),
  );
  assertClose(g!.initial, norms, exact);
  assertEquals(bias!.initial, new Float32Array(40));
});

for (const [name, layer, shape] of layers) {
  const x = randomTensor(1, shape);

  Deno.test(`${name}: an output scales with g and does not depend on the length of v`, () => {
    const at = valuesOf(layer);
    const { weight_g: g, weight_v: v, bias } = layer.parameters;
    const outputsAt = (values: Values) => evaluate(layer.forward(x, trainingContext()), values);
    const without = bias ? new Map([...at, [bias, new Float64Array(sizeOf(bias.shape))]]) : at;
    const y = outputsAt(without);
    const scaled = (tensor: Tensor, by: number) =>
      outputsAt(new Map([...without, [tensor, at.get(tensor)!.map((value) => value * by)]]));
    assertClose(scaled(g!, 3), y.map((value) => 3 * value), exact);
    assertClose(scaled(v!, 5), y, exact);
    // Evaluation computes the same.
    assertClose(evaluate(layer.forward(x, evaluationContext()), at), outputsAt(at), exact);
  });

  Deno.test(`${name} has the gradients that finite differences find`, () => {
    assertGradients(layer.forward(x, trainingContext()), { x, ...layer.parameters }, { at: valuesOf(layer) });
  });
}

Deno.test("WeightNormLinear computes x · (g · v / ‖v‖)ᵀ + bias", () => {
  const [, layer, shape] = layers[1]!;
  const at = valuesOf(layer);
  const x = randomTensor(1, shape);
  const [inputs, g, v, bias] = [
    evaluate(x),
    ...["weight_g", "weight_v", "bias"].map((name) => at.get(layer.parameters[name]!)!),
  ] as [Float64Array, Float64Array, Float64Array, Float64Array];
  const want = Array.from({ length: 12 }, (_, at) => {
    const [row, o] = [Math.floor(at / 3), at % 3];
    const direction = v.subarray(o * 5, o * 5 + 5);
    const product = direction.reduce((sum, value, i) => sum + value * inputs[row * 5 + i]!, 0);
    return g[o]! * product / Math.hypot(...direction) + bias[o]!;
  });
  assertClose(evaluate(layer.forward(x, trainingContext()), at), want, exact);
});

/** Returns the positions of a channel's elements in `x [N, 3, …]`. */
function positionsOf({ shape }: Tensor, channel: number): number[] {
  const area = sizeOf(shape.slice(2));
  return Array.from({ length: sizeOf(shape) }, (_, i) => i).filter((i) =>
    Math.floor(i / area) % 3 === channel
  );
}

for (const shape of [[4, 3, 2, 5], [6, 3]]) {
  for (const options of [{}, { momentum: 0.25 }]) {
    Deno.test(`MeanOnlyBatchNorm on [${shape}] subtracts the batch's mean in training, ${JSON.stringify(options)}`, () => {
      const layer = new MeanOnlyBatchNorm(3, new Initializer(1), options);
      assertEquals(shapesOf(layer.parameters), { bias: [3] });
      assertEquals(shapesOf(layer.buffers), { running_mean: [3] });
      for (const { initial } of Object.values(stateOf(layer))) assertEquals(initial, new Float32Array(3));
      const at = valuesOf(layer);
      const [bias, running] = Object.values(stateOf(layer)).map((variable) => at.get(variable)!);
      const x = randomTensor(1, shape, [-1, 3]);
      const context = trainingContext();
      const got = evaluate(layer.forward(x, context), at);
      const input = evaluate(x);
      assertEquals(context.updates.map(([variable]) => variable), [layer.buffers["running_mean"]]);
      const moved = evaluate(context.updates[0]![1], at);
      // The default is an average with decay .999.
      const decay = options.momentum ? 1 - options.momentum : 0.999;
      for (let channel = 0; channel < 3; channel++) {
        const positions = positionsOf(x, channel);
        const mean = positions.reduce((sum, i) => sum + input[i]!, 0) / positions.length;
        assertClose(
          positions.map((i) => got[i]!),
          positions.map((i) => input[i]! - mean + bias![channel]!),
          exact,
        );
        assertClose([moved[channel]!], [decay * running![channel]! + (1 - decay) * mean], exact);
      }
    });
  }

  Deno.test(`MeanOnlyBatchNorm on [${shape}] subtracts the running mean in evaluation, without changing it`, () => {
    const layer = new MeanOnlyBatchNorm(3, new Initializer(1));
    const at = valuesOf(layer);
    const [bias, running] = Object.values(stateOf(layer)).map((variable) => at.get(variable)!);
    const x = randomTensor(1, shape);
    const context = evaluationContext();
    const got = evaluate(layer.forward(x, context), at);
    assertEquals(context.updates, []);
    const input = evaluate(x);
    for (let channel = 0; channel < 3; channel++) {
      const positions = positionsOf(x, channel);
      const want = positions.map((i) => input[i]! - running![channel]! + bias![channel]!);
      assertClose(positions.map((i) => got[i]!), want, exact);
    }
  });

  Deno.test(`MeanOnlyBatchNorm on [${shape}] has the gradients that finite differences find`, () => {
    for (const context of [trainingContext(), evaluationContext()]) {
      const layer = new MeanOnlyBatchNorm(3, new Initializer(1));
      const x = randomTensor(1, shape);
      assertGradients(layer.forward(x, context), { x, ...layer.parameters }, { at: valuesOf(layer) });
    }
  });
}

Deno.test("weight normalisation under mean-only batch normalisation has the gradients that finite differences find", () => {
  const initializer = new Initializer(1);
  const layer = new Sequential([
    new WeightNormConv2d(2, 3, 3, initializer, { padding: 1, bias: false }),
    new MeanOnlyBatchNorm(3, initializer),
  ]);
  assertEquals(Object.keys(stateOf(layer)), ["0.weight_g", "0.weight_v", "1.bias", "1.running_mean"]);
  const x = randomTensor(1, [3, 2, 4, 5]);
  assertGradients(layer.forward(x, trainingContext()), { x, ...layer.parameters }, { at: valuesOf(layer) });
});

Deno.test("MeanOnlyBatchNorm refuses to train on one element per channel, and evaluates it", () => {
  const layer = new MeanOnlyBatchNorm(3, new Initializer(1));
  const x = randomTensor(1, [1, 3]);
  const context = trainingContext();
  assertThrows(
    () => layer.forward(x, context),
    RangeError,
    "Cannot normalise batch: each channel must have more than one element, but the shape is [1, 3]",
  );
  assertEquals(context.updates, []);
  assert(evaluate(layer.forward(x, evaluationContext())).every(Number.isFinite));
});
