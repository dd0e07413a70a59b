import { balancedSplit, hideLabels, NO_LABEL, splitByLabel } from "../../data/mod.ts";
import { Pcg32 } from "../../data/pcg32.ts";
import { assert, assertEquals, assertLess, assertNotEquals, assertThrows } from "../assert.ts";

const LABELS = Int32Array.from({ length: 1000 }, (_, i) => (i * 7) % 10);

Deno.test("random numbers: the published first numbers of PCG32 come out", () => {
  const rng = new Pcg32(42, 54);
  const numbers = Array.from({ length: 6 }, () => rng.next());
  assertEquals(numbers, [0xa15c02b7, 0x7b47f409, 0xba1d3330, 0x83d2f293, 0xbfa4784b, 0xcbed606e]);
});

Deno.test("random numbers: bounded ones are in range and all about as frequent", () => {
  const rng = new Pcg32(1, 0);
  const counts = new Array<number>(7).fill(0);
  for (let i = 0; i < 7000; i++) counts[rng.below(7)]!++;
  for (const count of counts) assertLess(Math.abs(count - 1000), 150);
  assertEquals(rng.below(1), 0);
});

Deno.test("balanced split: as many of each class, sorted, none twice", () => {
  const split = balancedSplit(LABELS, 10, 12, 3);
  assertEquals(split.length, 120);
  assertEquals(split, split.slice().sort());
  assertEquals(new Set(split).size, 120);
  const counts = new Array<number>(10).fill(0);
  for (const index of split) counts[LABELS[index]!]!++;
  assertEquals(counts, new Array(10).fill(12));
});

Deno.test("balanced split: the seed decides it, here and on every platform", () => {
  assertEquals(balancedSplit(LABELS, 10, 10, 1), balancedSplit(LABELS, 10, 10, 1));
  assertNotEquals(balancedSplit(LABELS, 10, 10, 1), balancedSplit(LABELS, 10, 10, 2));
  assertEquals([...balancedSplit(LABELS, 10, 1, 1)], PINNED);
});

/** Must never change: it would change the splits of all runs. */
const PINNED = [34, 125, 176, 367, 370, 493, 499, 502, 518, 521];

Deno.test("balanced split: a larger one contains every smaller one of its seed", () => {
  const large = new Set(balancedSplit(LABELS, 10, 25, 5));
  assert([...balancedSplit(LABELS, 10, 10, 5)].every((index) => large.has(index)));
});

Deno.test("balanced split: all of a class can be drawn, and examples without a label never are", () => {
  const labels = Int32Array.of(0, NO_LABEL, 1, 0, NO_LABEL, 1);
  assertEquals([...balancedSplit(labels, 2, 2, 1)], [0, 2, 3, 5]);
});

Deno.test("balanced split: too few examples and impossible numbers are refused", () => {
  assertThrows(() => balancedSplit(LABELS, 10, 101, 1), RangeError, "class 0: it has 100");
  assertThrows(() => balancedSplit(LABELS, 11, 1, 1), RangeError, "class 10: it has 0");
  assertThrows(() => balancedSplit(LABELS, 9, 1, 1), RangeError, "labels must be 0 to 8");
  for (const count of [0, -1, 1.5, NaN]) {
    assertThrows(() => balancedSplit(LABELS, 10, count, 1), RangeError, "labelsPerClass must be an integer");
  }
  assertThrows(() => balancedSplit(LABELS, 10, 1, -1), RangeError, "seed");
  assertThrows(() => balancedSplit(LABELS, 10, 1, 2 ** 53), RangeError, "seed");
});

Deno.test("hidden labels: only those of the given indices stay", () => {
  const labels = Int32Array.of(4, 5, 6);
  assertEquals(hideLabels(labels, Int32Array.of(2, 0)), Int32Array.of(4, NO_LABEL, 6));
  assertEquals(hideLabels(labels, new Int32Array()), Int32Array.of(NO_LABEL, NO_LABEL, NO_LABEL));
  assertEquals(labels, Int32Array.of(4, 5, 6));
  assertThrows(() => hideLabels(labels, Int32Array.of(3)), RangeError, "example 3: indices must be 0 to 2");
  assertThrows(() => hideLabels(labels, Int32Array.of(-1)), RangeError);
});

Deno.test("labelled and unlabelled examples are listed separately", () => {
  const { labeled, unlabeled } = splitByLabel(Int32Array.of(NO_LABEL, 0, 3, NO_LABEL));
  assertEquals([...labeled], [1, 2]);
  assertEquals([...unlabeled], [0, 3]);
});
