/** Temperature scaling, against minima worked out by hand and by a search that knows no derivative. */
import { calibrateTemperature } from "../../semisup/mod.ts";
import { assert, assertEquals, assertLess, assertThrows } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import { randomWords } from "../kernels/reference.ts";

/** Mean of −log softmax(z / T)[label], written down directly. */
function costOf(logits: readonly number[], labels: readonly number[], classes: number, temperature: number) {
  const costs = labels.map((label, n) => {
    const weights = logits.slice(n * classes, (n + 1) * classes).map((logit) =>
      Math.exp(logit / temperature)
    );
    return -Math.log(weights[label]! / weights.reduce((sum, weight) => sum + weight, 0));
  });
  return costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
}

/** Golden-section search of the temperature in its logarithm. */
function searched(cost: (temperature: number) => number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [Math.log(1 / 50), Math.log(50)];
  while (high - low > 1e-9) {
    const [a, b] = [high - ratio * (high - low), low + ratio * (high - low)];
    if (cost(Math.exp(a)) < cost(Math.exp(b))) high = b;
    else low = a;
  }
  return Math.exp((low + high) / 2);
}

/** Logits of three classes, of which those of the label are larger by `gap` on average. */
function drawn(count: number, scale: number, gap: number, seed: number) {
  const next = randomWords(seed);
  const labels = Array.from({ length: count }, () => next() % 3);
  const logits = labels.flatMap((label) =>
    [0, 1, 2].map((c) => scale * ((c === label ? gap : 0) + (next() / 2 ** 32) * 4 - 2))
  );
  return { logits, labels };
}

Deno.test("two classes: the odds of being right are those that the logits then say", () => {
  // exp(6 / T) = 9, as nine of ten are right.
  const labels = Array.from({ length: 10 }, (_, i) => i === 3 ? 1 : 0);
  const { temperature, examples, costAfter, limit } = calibrateTemperature(
    labels.flatMap(() => [6, 0]),
    labels,
    2,
  );
  assertClose([temperature], [6 / Math.log(9)], { rtol: 1e-12, atol: 0 });
  assertClose([costAfter], [-(0.9 * Math.log(0.9) + 0.1 * Math.log(0.1))], { rtol: 1e-12, atol: 0 });
  assertEquals([examples, limit], [10, undefined]);
});

for (const [scale, gap] of [[0.1, 1], [1, 1], [1, 2.5], [12, 1.5], [0.3, 3]] as const) {
  Deno.test(`logits times ${scale}, ${gap} apart: the temperature is where a search finds the least cost`, () => {
    const { logits, labels } = drawn(200, scale, gap, 5);
    const cost = (temperature: number) => costOf(logits, labels, 3, temperature);
    const got = calibrateTemperature(logits, labels, 3);
    assertClose([got.temperature], [searched(cost)], { rtol: 1e-6, atol: 0 });
    assertClose([got.costBefore, got.costAfter], [cost(1), cost(got.temperature)], { rtol: 1e-12, atol: 0 });
    assert(got.costAfter <= got.costBefore);
  });
}

Deno.test("logits times a factor have the temperature times the factor, and shifted ones the same", () => {
  const { logits, labels } = drawn(100, 1, 1.5, 7);
  const { temperature } = calibrateTemperature(logits, labels, 3);
  const scaled = calibrateTemperature(logits.map((logit) => 8 * logit), labels, 3);
  assertClose([scaled.temperature], [8 * temperature], { rtol: 1e-10, atol: 0 });
  const shifted = calibrateTemperature(logits.map((logit) => logit + 1000), labels, 3);
  assertClose([shifted.temperature], [temperature], { rtol: 1e-8, atol: 0 });
});

Deno.test("where all examples are right there is no minimum, and the temperature stays 1", () => {
  for (const size of [1e-3, 1, 1e4]) {
    const { temperature, limit, costBefore, costAfter } = calibrateTemperature(
      [size, 0, 0, 2 * size],
      [0, 1],
      2,
    );
    assertEquals([temperature, limit, costAfter], [1, "separable", costBefore]);
  }
});

Deno.test("where logits say no more than chance, or the opposite, little is left of them", () => {
  const chance = calibrateTemperature([3, 0, 3, 0], [0, 1], 2);
  assertEquals([chance.temperature, chance.limit], [50, "chance"]);
  const opposite = calibrateTemperature([3, 0, 0, 3], [1, 0], 2);
  assertEquals([opposite.temperature, opposite.limit], [50, "chance"]);
  assertLess(opposite.costAfter, opposite.costBefore);
});

Deno.test("what cannot be calibrated is refused", () => {
  const refuse = (logits: number[], labels: number[], message: string) =>
    assertThrows(() => calibrateTemperature(logits, labels, 2), RangeError, message);
  refuse([], [], "Cannot calibrate the classifier: there are no examples");
  refuse([1, 2, 3], [0, 1], "each example must have 2 logits, but there are 3 logits for 2 examples");
  refuse([1, 2], [2], "labels must be 0 to 1, but the label of example 0 is 2");
  refuse([1, 2, NaN, 2], [0, 1], "logits must be finite, but a logit of example 1 is NaN");
});
