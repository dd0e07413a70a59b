/** Dropout and Gaussian noise: modes, random streams and statistics. */
import type { RandomKey, Tensor } from "../../kernels/mod.ts";
import { variable } from "../../kernels/mod.ts";
import { Dropout, evaluationContext, GaussianNoise, stateOf, trainingContext } from "../../nn/mod.ts";
import { assert, assertEquals, assertLess, assertNotEquals, assertThrows } from "../assert.ts";
import { evaluate } from "../kernels/reference.ts";
import { assertGradients, randomTensor } from "./gradients.ts";
import { randomKey } from "./keys.ts";

const layers = { Dropout: new Dropout(0.3), GaussianNoise: new GaussianNoise(0.5) };
const x = randomTensor(1, [6, 2, 3, 3], [1, 2]);

for (const [name, layer] of Object.entries(layers)) {
  const drawn = (key: RandomKey): Float64Array => evaluate(layer.forward(x, trainingContext(key)));

  Deno.test(`${name} has no variables and does nothing in evaluation`, () => {
    assertEquals(stateOf(layer), {});
    assertEquals(layer.forward(x, evaluationContext()), x as Tensor);
  });

  Deno.test(`${name} draws the same for the same seed and step, other numbers for any other`, () => {
    const draw = drawn(randomKey(7, 8));
    assertEquals(drawn(randomKey(7, 8)), draw);
    assertNotEquals(draw, evaluate(x));
    assertNotEquals(drawn(randomKey(7, 9)), draw);
    assertNotEquals(drawn(randomKey(9, 8)), draw);
  });

  Deno.test(`${name} draws anew in every pass of one context`, () => {
    const context = trainingContext(randomKey(7, 8));
    const passes = [1, 2, 3].map(() => evaluate(layer.forward(x, context)));
    passes.forEach((pass, i) => passes.slice(0, i).forEach((former) => assertNotEquals(pass, former)));
  });

  Deno.test(`${name} passes gradients through the same draw`, () => {
    assertGradients(layer.forward(x, trainingContext(randomKey(7, 8))), { x });
  });

  Deno.test(`${name} needs a random key in training, unless its strength is 0`, () => {
    const error = "Cannot run a random layer: it needs a random key, but none was passed";
    assertThrows(() => layer.forward(x, trainingContext()), TypeError, error);
    const off = name === "Dropout" ? new Dropout(0) : new GaussianNoise(0);
    assertEquals(off.forward(x, trainingContext()), x as Tensor);
  });
}

Deno.test("different random layers of one context do not share their numbers", () => {
  const context = trainingContext(randomKey(1, 1));
  const streams = Array.from({ length: 4 }, () => context.nextStream());
  assertEquals(new Set(streams).size, 4);
  const ones = variable([40_000], new Float32Array(40_000).fill(1));
  const [first, second] = [0.5, 0.5].map((probability) =>
    evaluate(new Dropout(probability).forward(ones, context))
  );
  const both = first!.filter((value, i) => value === 0 && second![i] === 0).length;
  // A quarter, within 5 standard deviations.
  assertLess(Math.abs(both / 40_000 - 0.25), 5 * Math.sqrt(0.25 * 0.75 / 40_000));
});

for (const probability of [0.1, 0.5, 0.8]) {
  Deno.test(`Dropout zeroes ${probability} of all elements and keeps their mean (seed 5)`, () => {
    const count = 40_000;
    const ones = variable([count], new Float32Array(count).fill(1));
    const y = evaluate(new Dropout(probability).forward(ones, trainingContext(randomKey(5, 0))));
    const kept = y.filter((value) => value !== 0);
    const deviation = Math.sqrt(probability * (1 - probability) / count);
    assertLess(Math.abs(1 - kept.length / count - probability), 5 * deviation);
    assert(kept.every((value) => Math.abs(value - 1 / (1 - probability)) < 1e-6));
    const mean = y.reduce((sum, value) => sum + value, 0) / count;
    assertLess(Math.abs(mean - 1), 5 * deviation / (1 - probability));
  });
}

Deno.test("GaussianNoise adds numbers of mean 0 and its standard deviation (seed 5)", () => {
  const count = 40_000;
  const twos = variable([count], new Float32Array(count).fill(2));
  const y = evaluate(new GaussianNoise(0.15).forward(twos, trainingContext(randomKey(5, 0))));
  const noise = y.map((value) => value - 2);
  const mean = noise.reduce((sum, value) => sum + value, 0) / count;
  const variance = noise.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
  assertLess(Math.abs(mean), 5 * 0.15 / Math.sqrt(count));
  assertLess(Math.abs(Math.sqrt(variance) / 0.15 - 1), 5 / Math.sqrt(2 * count));
  const within = noise.filter((value) => Math.abs(value) < 0.15).length / count;
  assertLess(Math.abs(within - 0.6827), 5 * Math.sqrt(0.6827 * 0.3173 / count));
});

Deno.test("impossible strengths are refused", () => {
  const context = () => trainingContext(randomKey(1, 1));
  for (const probability of [-0.1, 1, NaN]) {
    assertThrows(() => new Dropout(probability).forward(x, context()), RangeError, `but is ${probability}`);
  }
  for (const strength of [-0.1, Infinity, NaN]) {
    assertThrows(() => new GaussianNoise(strength).forward(x, context()), RangeError, `but is ${strength}`);
  }
});
