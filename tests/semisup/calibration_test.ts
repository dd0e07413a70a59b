/** Temperature scaling, against minima computed by hand and by a derivative-free search. */
import { calibrateTemperature } from "../../semisup/mod.ts";
import { assert, assertEquals, assertLess, assertThrows } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import { randomWords } from "../kernels/reference.ts";

/** Computes the mean of −log softmax(z / T)[label] directly. */
function costOf(logits: readonly number[], labels: readonly number[], classes: number, temperature: number) {
  const costs = labels.map((label, n) => {
    const weights = logits.slice(n * classes, (n + 1) * classes).map((logit) =>
      Math.exp(logit / temperature)
    );
    return -Math.log(weights[label]! / weights.reduce((sum, weight) => sum + weight, 0));
  });
  return costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
}

/** Finds the temperature by golden-section search in its logarithm. */
function searchTemperature(cost: (temperature: number) => number): number {
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [Math.log(1 / 50), Math.log(50)];
  while (high - low > 1e-9) {
    const [a, b] = [high - ratio * (high - low), low + ratio * (high - low)];
    if (cost(Math.exp(a)) < cost(Math.exp(b))) high = b;
    else low = a;
  }
  return Math.exp((low + high) / 2);
}

/** Draws logits of three classes; the label's logit is larger by `gap` on average. */
function drawExamples(count: number, scale: number, gap: number, seed: number) {
  const next = randomWords(seed);
  const labels = Array.from({ length: count }, () => next() % 3);
  const logits = labels.flatMap((label) =>
    [0, 1, 2].map((c) => scale * ((c === label ? gap : 0) + (next() / 2 ** 32) * 4 - 2))
  );
  return { logits, labels };
}

Deno.test("two classes: calibrated probabilities have the observed odds of being correct", () => {
  // exp(6 / T) = 9, as nine of ten are correct.
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
  Deno.test(`logits times ${scale}, ${gap} apart: the temperature is the one that a search finds`, () => {
    const { logits, labels } = drawExamples(200, scale, gap, 5);
    const cost = (temperature: number) => costOf(logits, labels, 3, temperature);
    const got = calibrateTemperature(logits, labels, 3);
    assertClose([got.temperature], [searchTemperature(cost)], { rtol: 1e-6, atol: 0 });
    assertClose([got.costBefore, got.costAfter], [cost(1), cost(got.temperature)], { rtol: 1e-12, atol: 0 });
    assert(got.costAfter <= got.costBefore);
  });
}

Deno.test("scaled logits scale the temperature, and shifted logits leave it unchanged", () => {
  const { logits, labels } = drawExamples(100, 1, 1.5, 7);
  const { temperature } = calibrateTemperature(logits, labels, 3);
  const scaled = calibrateTemperature(logits.map((logit) => 8 * logit), labels, 3);
  assertClose([scaled.temperature], [8 * temperature], { rtol: 1e-10, atol: 0 });
  const shifted = calibrateTemperature(logits.map((logit) => logit + 1000), labels, 3);
  assertClose([shifted.temperature], [temperature], { rtol: 1e-8, atol: 0 });
});

Deno.test("if all examples are classified correctly there is no minimum, and the temperature stays 1", () => {
  for (const size of [1e-3, 1, 1e4]) {
    const { temperature, limit, costBefore, costAfter } = calibrateTemperature(
      [size, 0, 0, 2 * size],
      [0, 1],
      2,
    );
    assertEquals([temperature, limit, costAfter], [1, "separable", costBefore]);
  }
});

Deno.test("logits that predict by chance, or the opposite of the labels, are almost flattened", () => {
  const chance = calibrateTemperature([3, 0, 3, 0], [0, 1], 2);
  assertEquals([chance.temperature, chance.limit], [50, "chance"]);
  const opposite = calibrateTemperature([3, 0, 0, 3], [1, 0], 2);
  assertEquals([opposite.temperature, opposite.limit], [50, "chance"]);
  assertLess(opposite.costAfter, opposite.costBefore);
});

Deno.test("invalid logits and labels are refused", () => {
  const refuse = (logits: number[], labels: number[], message: string) =>
    assertThrows(() => calibrateTemperature(logits, labels, 2), RangeError, message);
  refuse([], [], "Cannot calibrate the classifier: there are no examples");
  refuse([1, 2, 3], [0, 1], "each example must have 2 logits, but there are 3 logits for 2 examples");
  refuse([1, 2], [2], "labels must be 0 to 1, but the label of example 0 is 2");
  refuse([1, 2, NaN, 2], [0, 1], "logits must be finite, but a logit of example 1 is NaN");
});
