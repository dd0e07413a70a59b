/** Selection of examples to label, against explicit gradients and draws. */
import { hostUniform } from "../../kernels/mod.ts";
import { type Candidate, Suggestions } from "../../semisup/mod.ts";
import { assert, assertEquals, assertGreater, assertLess, assertThrows } from "../assert.ts";
import { randomWords } from "../kernels/reference.ts";

/** Draws candidates of three classes and four features. */
function candidatesOf(count: number, seed: number): Candidate[] {
  const next = randomWords(seed);
  const number = () => next() / 2 ** 32;
  return Array.from({ length: count }, (_, index) => {
    const weights = [0, 1, 2].map(() => Math.exp(6 * number()));
    const sum = weights.reduce((a, b) => a + b);
    return {
      index: 10 * index,
      features: Array.from({ length: 4 }, number),
      probabilities: weights.map((weight) => weight / sum),
    };
  });
}

/** Computes the gradient with respect to the last layer's weights explicitly. */
function gradientOf({ features, probabilities }: Candidate): number[] {
  const p = Array.from(probabilities), likeliest = p.indexOf(Math.max(...p));
  return p.flatMap((each, c) => Array.from(features).map((h) => (each - (c === likeliest ? 1 : 0)) * h));
}

const chosenOf = (candidates: readonly Candidate[], count: number, seed: number) => {
  const suggestions = new Suggestions();
  candidates.forEach((candidate) => suggestions.add(candidate));
  return suggestions.choose({ count, seed });
};

Deno.test("examples are drawn as by k-means++ on the last layer's gradients, starting from 0", () => {
  for (const seed of [1, 2, 3]) {
    const candidates = candidatesOf(40, seed);
    const gradients = candidates.map(gradientOf);
    const distance = (x: readonly number[], y: readonly number[]) =>
      x.reduce((sum, value, i) => sum + (value - y[i]!) ** 2, 0);
    const centers = [new Array(12).fill(0)];
    const want: number[] = [];
    for (const draw of hostUniform([seed, 0], 0x5e1ec7, 8)) {
      const weights = gradients.map((g) => Math.min(...centers.map((center) => distance(g, center))));
      const sums = weights.map((_, i) => weights.slice(0, i + 1).reduce((a, b) => a + b));
      const at = sums.findIndex((sum) => draw * sums.at(-1)! < sum);
      centers.push(gradients[at]!);
      want.push(candidates[at]!.index);
    }
    assertEquals(chosenOf(candidates, 8, seed), want);
  }
});

Deno.test("no example is chosen twice, and well-learnt examples are never chosen", () => {
  const sure = [0, 1, 2].map((index) => ({ index, features: [1, 1], probabilities: [1, 0] }));
  const unsure = [3, 4].map((index) => ({ index, features: [1, index], probabilities: [0.5, 0.5] }));
  assertEquals(chosenOf([...sure, ...unsure], 5, 1).sort(), [3, 4]);
  assertEquals(chosenOf(sure, 2, 1), []);
  assertEquals(new Suggestions().choose({ count: 2, seed: 1 }), []);
  const all = chosenOf(candidatesOf(30, 4), 30, 1);
  assertEquals(new Set(all).size, 30);
});

Deno.test("the choice depends on the seed alone", () => {
  const candidates = candidatesOf(200, 5);
  assertEquals(chosenOf(candidates, 10, 1), chosenOf(candidates, 10, 1));
  assert(`${chosenOf(candidates, 10, 1)}` !== `${chosenOf(candidates, 10, 2)}`);
});

Deno.test("of two clusters of doubtful examples, some of each are chosen", () => {
  const next = randomWords(6);
  // 300 similar examples and 20 others, all doubtful, and 1000 that the classifier is sure about.
  const at = (index: number, features: number[], p: number) => ({
    index,
    features: features.map((h) => h + next() / 2 ** 36),
    probabilities: [p, 1 - p],
  });
  const candidates = Array.from(
    { length: 1320 },
    (_, i) => i < 300 ? at(i, [1, 0, 0], 0.55) : i < 320 ? at(i, [0, 1, 0], 0.45) : at(i, [0, 0, 1], 0.999),
  );
  const chosen = chosenOf(candidates, 4, 1);
  assertGreater(chosen.filter((index) => index < 300).length, 0);
  assertGreater(chosen.filter((index) => index >= 300 && index < 320).length, 0);
  assertLess(chosen.filter((index) => index >= 320).length, 2);
});

Deno.test("memory is bounded: the shortest gradients are dropped", () => {
  const suggestions = new Suggestions(4 * 7 * 100);
  const candidates = candidatesOf(1000, 7);
  for (const candidate of candidates) {
    suggestions.add(candidate);
    assert(suggestions.size <= 100, `${suggestions.size}`);
  }
  const squareOf = (candidate: Candidate) => gradientOf(candidate).reduce((sum, g) => sum + g * g, 0);
  const longest = candidates.toSorted((a, b) => squareOf(b) - squareOf(a)).slice(0, 50);
  const remembered = suggestions.choose({ count: 1000, seed: 1 });
  assertEquals(remembered.length, suggestions.size);
  assert(longest.every(({ index }) => remembered.includes(index)));
});

Deno.test("candidates of other sizes, and invalid values, are refused", () => {
  const suggestions = new Suggestions();
  suggestions.add({ index: 0, features: [1, 2], probabilities: [0.5, 0.5] });
  const add = (features: number[], probabilities: number[]) => () =>
    suggestions.add({ index: 7, features, probabilities });
  assertThrows(add([1], [0.5, 0.5]), RangeError, "it has 1 and 2, others have 2 and 2");
  assertThrows(
    add([1, NaN], [0.5, 0.5]),
    RangeError,
    "Cannot add example 7: its features and probabilities must be finite",
  );
  assertThrows(
    () => suggestions.choose({ count: 0, seed: 1 }),
    RangeError,
    "must be a whole number above 0, but is 0",
  );
});
