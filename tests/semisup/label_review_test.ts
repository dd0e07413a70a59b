/** Probable label errors and near-duplicates: ranking of made-up features, definitions, invalid inputs. */
import { findNearDuplicates, probeProbabilities, rankLabelErrors } from "../../semisup/mod.ts";
import { assert, assertEquals, assertThrows } from "../assert.ts";
import { randomWords } from "../kernels/reference.ts";

/** Returns 300 examples of ten overlapping classes, the first ten with wrong labels. */
function drawExamples(seed: number) {
  const next = randomWords(seed), classCount = 10, size = 16;
  const uniform = () => next() / 2 ** 32;
  const normal = () => uniform() + uniform() + uniform() + uniform() - 2;
  const centres = Array.from({ length: classCount }, () => Array.from({ length: size }, normal));
  const classes = Array.from({ length: 300 }, (_, i) => i % classCount);
  const features = classes.map((c) => centres[c]!.map((value) => value + 0.7 * normal()));
  const labels = classes.map((c, i) => i < 10 ? (c + 1 + next() % 9) % classCount : c);
  return { features, labels, classCount };
}

Deno.test("ten wrong labels among 300 are at least eight of the first 20, for every seed", () => {
  for (const seed of [1, 2, 3]) {
    const examples = drawExamples(seed);
    const probabilities = probeProbabilities(examples);
    for (const row of probabilities) {
      assert(row.every((p) => p >= 0) && Math.abs(row.reduce((a, b) => a + b) - 1) < 1e-9);
    }
    const ranked = rankLabelErrors({ probabilities, labels: examples.labels });
    const found = ranked.slice(0, 20).filter(({ place }) => place < 10);
    assert(found.length >= 8, `seed ${seed}: ${found.length}`);
    const right = found.filter(({ place, suggested }) => suggested === place % 10);
    assert(right.length >= 7, `seed ${seed}: ${right.length} with the right class`);
  }
});

Deno.test("with more examples than the penalty is selected on, or more features than examples, the probe holds", () => {
  const few = drawExamples(4), wide = { ...few, features: few.features.map((row) => [...row, ...row]) };
  const many = {
    features: [few, drawExamples(4)].flatMap(({ features }) =>
      features.map((row) => row.map((x) => x + 1e-3))
    ),
    labels: [...few.labels, ...few.labels],
    classCount: 10,
  };
  for (
    const examples of [many, {
      ...wide,
      features: wide.features.slice(0, 25),
      labels: wide.labels.slice(0, 25),
    }]
  ) {
    const rows = probeProbabilities(examples);
    assertEquals(rows.length, examples.labels.length);
    assert(rows.flatMap((row) => [...row]).every(Number.isFinite));
  }
});

Deno.test("a contradiction is confident if the most probable class that reaches its threshold is another one", () => {
  // Thresholds: (0.9 + 0.6 + 0.45) / 3 = 0.65 and (0.7 + 0.5) / 2 = 0.6.
  const probabilities = [[0.9, 0.1], [0.6, 0.4], [0.45, 0.55], [0.3, 0.7], [0.5, 0.5]];
  const labels = [0, 0, 0, 1, 1];
  const [only, ...others] = rankLabelErrors({ probabilities, labels });
  assertEquals(others, []);
  assertEquals([only?.place, only?.suggested, only?.isConfident], [2, 1, false]);
  const surer = rankLabelErrors({ probabilities: [...probabilities, [0.1, 0.9]], labels: [...labels, 0] });
  assertEquals(surer.map(({ place, isConfident }) => [place, isConfident]), [[5, true], [2, false]]);
  // A class without labels has no threshold to reach; an empty set has no errors.
  const [unseen] = rankLabelErrors({ probabilities: [[0.2, 0.1, 0.7], [0.4, 0.6, 0]], labels: [0, 1] });
  assertEquals([unseen?.suggested, unseen?.isConfident], [2, false]);
  assertEquals(rankLabelErrors({ probabilities: [], labels: [] }), []);
});

Deno.test("label errors: lists of different lengths, and labels that are no class, are refused", () => {
  assertThrows(() => rankLabelErrors({ probabilities: [[1]], labels: [] }), RangeError, "there are 1 and 0");
  for (const label of [2, -1, 0.5]) {
    assertThrows(
      () => rankLabelErrors({ probabilities: [[1, 0]], labels: [label] }),
      RangeError,
      `labels must be 0 to 1, but the label of example 0 is ${label}`,
    );
  }
});

Deno.test("near-duplicates are pairs much closer than other neighbours, each pair once, equal ones first", () => {
  const { features } = drawExamples(5);
  const almost = (row: readonly number[] = []) => row.map((value, d) => value + 0.01 * Math.sin(d));
  const copies = [
    ...features,
    almost(features[7]),
    [...features[3] ?? []],
    features[9]?.map((x) => 3 * x) ?? [],
  ];
  const pairs = findNearDuplicates(copies, 0.4);
  assertEquals(new Set(pairs.map(({ places }) => places.join())), new Set(["3,301", "9,302", "7,300"]));
  assertEquals(pairs.at(-1)?.places, [7, 300]);
  assert(pairs.every(({ relativeDistance }) => relativeDistance < 0.2));
  assertEquals(findNearDuplicates([], 1), []);
  assertEquals(findNearDuplicates([[1, 2]], 1), []);
  const alike = findNearDuplicates([[0, 0], [0, 0], [0, 0]], 0.4);
  assertEquals(alike.map(({ places }) => places), [[0, 1], [0, 2], [1, 2]]);
});
