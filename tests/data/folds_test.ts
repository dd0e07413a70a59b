import { drawFolds, NO_LABEL } from "../../data/mod.ts";
import { assert, assertEquals, assertNotEquals, assertThrows } from "../assert.ts";

/** 7, 5 and 9 labels of three classes, mixed, and as many examples without. */
const LABELS = Int32Array.from({ length: 42 }, (_, i) => i % 2 ? NO_LABEL : i < 14 ? 0 : i < 24 ? 1 : 2)
  .map((_, i, all) => all[(i * 5) % 42]!);

Deno.test("folds: every label is in one, and classes are dealt out evenly", () => {
  for (const count of [2, 3, 5]) {
    const folds = drawFolds(LABELS, 3, count, 4);
    assertEquals(folds.length, count);
    assertEquals(
      folds.flatMap((fold) => [...fold]).sort((a, b) => a - b),
      [...LABELS.keys()].filter((i) => LABELS[i] !== NO_LABEL),
    );
    const sizes = folds.map((fold) => fold.length);
    assert(Math.max(...sizes) - Math.min(...sizes) <= 1, sizes.join());
    for (const label of [0, 1, 2]) {
      const counts = folds.map((fold) => fold.filter((index) => LABELS[index] === label).length);
      assert(Math.max(...counts) - Math.min(...counts) <= 1, counts.join());
    }
    for (const fold of folds) assertEquals(fold, fold.slice().sort());
  }
});

Deno.test("folds: the seed decides them, and shuffles", () => {
  assertEquals(drawFolds(LABELS, 3, 3, 1), drawFolds(LABELS, 3, 3, 1));
  assertNotEquals(drawFolds(LABELS, 3, 3, 1), drawFolds(LABELS, 3, 3, 2));
});

Deno.test("folds: more than a class has labels, or fewer than two, are refused", () => {
  assertThrows(
    () => drawFolds(LABELS, 3, 6, 1, ["a", "b", "c"]),
    RangeError,
    "Cannot draw 6 folds: each class needs at least 6 labels, but class b has 5",
  );
  assertThrows(() => drawFolds(LABELS, 4, 2, 1), RangeError, "class 3 has 0");
  assertThrows(() => drawFolds(LABELS, 3, 1, 1), RangeError, "at least 2, but it is 1");
});
