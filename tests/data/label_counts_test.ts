/** Distribution of a total number of labels over the classes. */
import { balancedCounts, balancedSplit, classSplit, NO_LABEL, proportionalCounts } from "../../data/mod.ts";
import { assert, assertEquals, assertLess, assertNotEquals, assertThrows } from "../assert.ts";

const sumOf = (counts: readonly number[]) => counts.reduce((sum, count) => sum + count, 0);

Deno.test("balanced counts: as equal as can be, and with a larger total never smaller", () => {
  let former = balancedCounts(7, 7, 3);
  assertEquals(former, [1, 1, 1, 1, 1, 1, 1]);
  for (let total = 8; total < 40; total++) {
    const counts = balancedCounts(total, 7, 3);
    assertEquals(sumOf(counts), total);
    assert(Math.max(...counts) - Math.min(...counts) <= 1, `${counts}`);
    assert(counts.every((count, label) => count >= former[label]!), `${former} then ${counts}`);
    former = counts;
  }
});

Deno.test("balanced counts: the seed decides which classes get one more, all of them about as often", () => {
  assertEquals(balancedCounts(13, 10, 1), balancedCounts(13, 10, 1));
  assertNotEquals(balancedCounts(13, 10, 1), balancedCounts(13, 10, 2));
  const more = new Array<number>(10).fill(0);
  for (let seed = 0; seed < 1000; seed++) {
    for (const [label, count] of balancedCounts(13, 10, seed).entries()) more[label]! += count - 1;
  }
  // 300 are expected, with a standard deviation of √(1000 · 0.3 · 0.7) = 14.5.
  for (const count of more) assertLess(Math.abs(count - 300), 60);
});

Deno.test("proportional counts: shares rounded down, then the largest fractions, worked out by hand", () => {
  assertEquals(proportionalCounts(10, [600, 300, 60]), [6, 3, 1]); // 6.25, 3.125, 0.625
  assertEquals(proportionalCounts(8, [500, 300, 200]), [4, 2, 2]); // 4, 2.4, 1.6
  assertEquals(proportionalCounts(4, [2, 2, 2]), [2, 1, 1]); // of equal fractions the first
  assertEquals(proportionalCounts(6, [3, 2, 1]), [3, 2, 1]);
  for (const total of [10, 100, 999, 1000]) {
    assertEquals(sumOf(proportionalCounts(total, [731, 200, 69])), total);
  }
});

Deno.test("counts: too few labels or examples are refused, by class", () => {
  assertThrows(
    () => balancedCounts(9, 10, 1),
    RangeError,
    "at least one per class, and there are 10 classes",
  );
  for (const total of [0, 2.5, NaN]) {
    assertThrows(() => balancedCounts(total, 1, 1), RangeError, "Cannot draw");
  }
  assertThrows(() => balancedCounts(10, 10, -1), RangeError, "seed");
  assertThrows(
    () => proportionalCounts(4, [97, 2, 1], ["cat", "dog", "eel"]),
    RangeError,
    "class dog (2 of 100 examples) would get none",
  );
  assertThrows(() => proportionalCounts(101, [60, 40]), RangeError, "there are only 100");
});

Deno.test("class split: each class has its own number, and what a balanced split draws of it", () => {
  const labels = Int32Array.from({ length: 300 }, (_, i) => i % 7 === 6 ? NO_LABEL : i % 3);
  const drawn = classSplit(labels, [5, 0, 9], 4);
  const ofClass = (indices: Int32Array, label: number) => [...indices].filter((i) => labels[i] === label);
  assertEquals([0, 1, 2].map((label) => ofClass(drawn, label).length), [5, 0, 9]);
  assertEquals(ofClass(drawn, 0), ofClass(balancedSplit(labels, 3, 5, 4), 0));
  assertEquals(ofClass(drawn, 2), ofClass(balancedSplit(labels, 3, 9, 4), 2));
  assertThrows(() => classSplit(labels, [1, -1, 1], 4), RangeError, "every count must be an integer");
  assertThrows(
    () => balancedSplit(labels, 3, 87, 4, ["cat", "dog", "eel"]),
    RangeError,
    "Cannot draw 87 labels of class cat: it has 86 labelled examples",
  );
});
