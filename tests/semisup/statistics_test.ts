/** Intervals of errors against published figures, and the probe against explicit leave-one-out fits. */
import { errorInterval, isWithinChance, probeError } from "../../semisup/mod.ts";
import { assert, assertEquals, assertGreater, assertLess, assertThrows } from "../assert.ts";
import { assertClose } from "../kernels/close.ts";
import { randomWords } from "../kernels/reference.ts";

// Newcombe 1998 (Two-sided confidence intervals for the single proportion), table I, method 3.
for (
  const [wrong, examples, low, high] of [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ] as const
) {
  Deno.test(`the interval of ${wrong} errors in ${examples} matches the published one`, () => {
    const interval = errorInterval(wrong / examples, examples);
    assertClose(interval, [low, high], { rtol: 0, atol: 5e-5 });
    // Counting correct examples instead of errors mirrors the interval.
    const [otherLow, otherHigh] = errorInterval(1 - wrong / examples, examples);
    assertClose([1 - otherHigh, 1 - otherLow], interval, { rtol: 0, atol: 1e-12 });
  });
}

Deno.test("the error is 1.96 standard errors from each end of its interval, by the end's own standard error", () => {
  for (const [error, examples] of [[0.225, 40], [0.5, 3], [0.013, 1999], [1, 1]] as const) {
    for (const end of errorInterval(error, examples)) {
      if (end === 1) continue;
      const standardError = Math.sqrt(end * (1 - end) / examples);
      assertClose([Math.abs(error - end)], [1.959963984540054 * standardError], { rtol: 1e-9, atol: 1e-12 });
    }
  }
});

Deno.test("the interval contains the true error in about 95 of 100 measurements", () => {
  // Exactly, by the binomial distribution: with 40 examples of a true error of 0.25.
  const examples = 40, truth = 0.25;
  let held = 0, chance = (1 - truth) ** examples;
  for (let wrong = 0; wrong <= examples; wrong++) {
    const [low, high] = errorInterval(wrong / examples, examples);
    if (low <= truth && truth <= high) held += chance;
    chance *= (examples - wrong) / (wrong + 1) * truth / (1 - truth);
  }
  assertGreater(held, 0.93);
  assertLess(held, 0.97);
});

Deno.test("invalid errors and numbers of examples are refused", () => {
  assertThrows(() => errorInterval(1.1, 10), RangeError, "must be from 0 to 1, but is 1.1");
  assertThrows(() => errorInterval(NaN, 10), RangeError, "must be from 0 to 1, but is NaN");
  assertThrows(
    () => errorInterval(0.1, 0),
    RangeError,
    "the number of examples must be at least 1, but is 0",
  );
  assertThrows(
    () => errorInterval(0.1, 2.5),
    RangeError,
    "the number of examples must be at least 1, but is 2.5",
  );
});

Deno.test("a difference is within chance on few examples, and not on many", () => {
  assert(isWithinChance(0.3, 0.2, 40));
  assert(!isWithinChance(0.3, 0.2, 1000));
});

interface Examples {
  readonly features: number[][];
  readonly labels: number[];
  readonly classCount: number;
}

/** Draws features, some of which depend on the class and some of which are noise. */
function drawExamples(count: number, size: number, classCount: number, seed: number): Examples {
  const next = randomWords(seed), uniform = () => next() / 2 ** 32 - 0.5;
  const labels = Array.from({ length: count }, (_, i) => i % classCount);
  const features = labels.map((label) =>
    Array.from({ length: size }, (_, d) => 3 + uniform() * 2 + (d === label ? 0.7 : 0))
  );
  return { features, labels, classCount };
}

/** Solves a square system by elimination with pivoting. */
function solve(matrix: number[][], right: number[][]): number[][] {
  const rows = matrix.map((row, i) => [...row, ...right[i]!]), size = rows.length;
  for (let k = 0; k < size; k++) {
    const best = rows.map((row, i) => i < k ? -1 : Math.abs(row[k]!));
    const p = best.indexOf(Math.max(...best));
    [rows[k], rows[p]] = [rows[p]!, rows[k]!];
    rows[k] = rows[k]!.map((value) => value / rows[k]![k]!);
    for (let i = 0; i < size; i++) {
      if (i !== k) rows[i] = rows[i]!.map((value, j) => value - rows[i]![k]! * rows[k]![j]!);
    }
  }
  return rows.map((row) => row.slice(size));
}

/** Computes the outputs for each example by explicit ridge regression on all others. */
function outputsWithout({ features, labels, classCount }: Examples, penalty: number): number[][] {
  return features.map((own, left) => {
    const rows = features.filter((_, n) => n !== left).map((row) => [...row, 1]);
    const targets = labels.filter((_, n) => n !== left).map((label) =>
      Array.from({ length: classCount }, (_, c) => c === label ? 1 : 0)
    );
    const inputs = own.length + 1;
    const gram = Array.from(
      { length: inputs },
      (_, a) =>
        Array.from(
          { length: inputs },
          (_, b) =>
            rows.reduce((sum, row) => sum + row[a]! * row[b]!, a === b && a < own.length ? penalty : 0),
        ),
    );
    const right = Array.from(
      { length: inputs },
      (_, a) =>
        Array.from(
          { length: classCount },
          (_, c) => rows.reduce((sum, row, n) => sum + row[a]! * targets[n]![c]!, 0),
        ),
    );
    const weights = solve(gram, right);
    return Array.from(
      { length: classCount },
      (_, c) => [...own, 1].reduce((sum, value, a) => sum + value * weights[a]![c]!, 0),
    );
  });
}

function judge({ labels, classCount }: Examples, outputs: readonly number[][]) {
  const wrong = outputs.filter((row, n) => {
    const others = labels.filter((_, i) => i !== n);
    const above = row.map((output, c) => {
      const share = others.filter((label) => label === c).length / others.length;
      return (output - share) / share;
    });
    return above.indexOf(Math.max(...above)) !== labels[n];
  }).length;
  const squares = outputs.reduce(
    (sum, row, n) =>
      sum + Array.from({ length: classCount }, (_, c) => (row[c]! - (c === labels[n] ? 1 : 0)) ** 2)
        .reduce((a, b) => a + b),
    0,
  );
  return { error: wrong / labels.length, squares };
}

for (
  const [count, size, classCount] of [[12, 3, 2], [20, 40, 3], [30, 8, 5], [5, 100, 2], [40, 1, 2]] as const
) {
  Deno.test(`${count} examples of ${size} features: error and penalty match explicit fits to all others`, () => {
    const examples = drawExamples(count, size, classCount, 3 + count);
    const { error, penalty, ...rest } = probeError(examples);
    const here = judge(examples, outputsWithout(examples, penalty));
    assertEquals([error, rest.examples], [here.error, count]);
    // No neighbouring penalty is better, except at the ends of the grid.
    for (const factor of [Math.sqrt(10), 1 / Math.sqrt(10)]) {
      const there = judge(examples, outputsWithout(examples, penalty * factor));
      const means = Array.from(
        { length: size },
        (_, d) => examples.features.reduce((sum, row) => sum + row[d]!, 0) / count,
      );
      const scale = examples.features.reduce((sum, row) =>
        sum + row.reduce((all, value, d) =>
          all + (value - means[d]!) ** 2, 0), 0) / count;
      const relative = penalty * factor / scale;
      if (relative > 0.9e-6 && relative < 1.1e2) {
        assert(here.squares <= there.squares * (1 + 1e-9));
      }
    }
  });
}

Deno.test("separate classes have no error; random features have about the error of chance, and not less", () => {
  const { labels } = drawExamples(60, 4, 3, 1);
  const apart = labels.map((label, n) => [100 * label + n % 5, 50 * (label % 2), n % 7]);
  assertEquals(probeError({ features: apart, labels, classCount: 3 }).error, 0);
  const next = randomWords(9);
  const noise = labels.map(() => Array.from({ length: 200 }, () => next() / 2 ** 32));
  assertGreater(probeError({ features: noise, labels, classCount: 3 }).error, 0.5);
});

Deno.test("a wrong label counts as an error, and so does the only example of a class", () => {
  const features = [[0, 0], [0, 1], [1, 0], [9, 9], [9, 8], [8, 9], [9, 9.5]];
  assertEquals(probeError({ features, labels: [0, 0, 0, 1, 1, 1, 0], classCount: 2 }).error, 1 / 7);
  const apart = [...features.slice(0, 6), [-9, 12]];
  assertEquals(probeError({ features: apart, labels: [0, 0, 0, 1, 1, 1, 2], classCount: 3 }).error, 1 / 7);
});

Deno.test("with constant features, or none, the classes of the other examples decide", () => {
  for (const features of [Array.from({ length: 4 }, () => [2, 2]), Array.from({ length: 4 }, () => [])]) {
    assertEquals(probeError({ features, labels: [0, 0, 0, 1], classCount: 2 }).error, 1 / 4);
  }
});

Deno.test("invalid features and labels are refused", () => {
  const features = [[1, 2], [3, 4]];
  const refused: readonly (readonly [Examples, string])[] = [
    [{ features: [[1]], labels: [0], classCount: 2 }, "at least two examples are needed, but there are 1"],
    [{ features, labels: [0, 1, 1], classCount: 2 }, "2 have features and 3 have a label"],
    [{ features: [[1, 2], [3]], labels: [0, 1], classCount: 2 }, "example 0 has 2 and example 1 has 1"],
    [{ features: [[1, 2], [3, NaN]], labels: [0, 1], classCount: 2 }, "a feature of example 1 is NaN"],
    [{ features, labels: [0, 2], classCount: 2 }, "labels must be 0 to 1, but the label of example 1 is 2"],
    [{ features, labels: [0, -1], classCount: 2 }, "the label of example 1 is -1"],
  ];
  for (const [examples, message] of refused) assertThrows(() => probeError(examples), RangeError, message);
});
