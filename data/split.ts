/** Splits of labelled and unlabelled examples: drawing labels, hiding the rest, and listing both parts. */

import { NO_LABEL } from "./dataset.ts";
import { Pcg32 } from "./pcg32.ts";
import { counted } from "./text.ts";

/** Indices of the labelled and of the unlabelled examples. */
export interface LabelSplit {
  /** Ascending indices of the labelled examples. */
  labeled: Int32Array;
  /** Ascending indices of the unlabelled examples. */
  unlabeled: Int32Array;
}

/**
 * Draws the same number of examples of each class.
 *
 * Each class has its own random stream, so with the same seed a larger split contains every smaller one.
 *
 * @param labels Class index per example `[N]`; examples of {@linkcode NO_LABEL} are never drawn.
 * @param classCount The number of classes.
 * @param labelsPerClass Number of examples to draw of each class.
 * @param seed An integer, 0 to 2⁵³ − 1.
 * @param classes Class names, for errors.
 * @returns The ascending indices `[classCount · labelsPerClass]`.
 * @throws {RangeError} when a class has too few examples, a label is not a class index, or a number is out of
 * range.
 *
 * @example
 * ```ts
 * import { balancedSplit } from "./mod.ts";
 * import { assertEquals } from "../tests/assert.ts";
 *
 * const labels = Int32Array.of(0, 1, 0, 1, 0, 1);
 * const drawn = balancedSplit(labels, 2, 1, 1);
 * assertEquals([...drawn].map((index) => labels[index]).sort(), [0, 1]);
 * ```
 */
export function balancedSplit(
  labels: Int32Array,
  classCount: number,
  labelsPerClass: number,
  seed: number,
  classes?: readonly string[],
): Int32Array {
  checkCount("classCount", classCount, 1);
  checkCount("labelsPerClass", labelsPerClass, 1);
  return classSplit(labels, new Array<number>(classCount).fill(labelsPerClass), seed, classes);
}

/**
 * Draws a given number of examples of each class. Equal counts give the same result as
 * {@linkcode balancedSplit}.
 *
 * @param labels Class index per example `[N]`; examples of {@linkcode NO_LABEL} are never drawn.
 * @param counts Number of examples to draw of each class `[C]`.
 * @param seed An integer, 0 to 2⁵³ − 1.
 * @param classes Class names, for errors.
 * @returns The ascending indices.
 * @throws {RangeError} when a class has too few examples, a label is not a class index, or a number is out of
 * range.
 *
 * @example
 * ```ts
 * import { classSplit } from "./mod.ts";
 * import { assertEquals } from "../tests/assert.ts";
 *
 * const labels = Int32Array.of(0, 1, 0, 1, 0, 1);
 * const drawn = classSplit(labels, [2, 1], 1);
 * assertEquals([...drawn].map((index) => labels[index]).sort(), [0, 0, 1]);
 * ```
 */
export function classSplit(
  labels: Int32Array,
  counts: readonly number[],
  seed: number,
  classes?: readonly string[],
): Int32Array {
  for (const count of counts) checkCount("every count", count, 0);
  checkCount("seed", seed, 0);
  const members = indicesPerClass(labels, counts.length);
  const drawn = members.flatMap((indices, label) => {
    const count = counts[label] ?? 0;
    if (indices.length < count) {
      throw new RangeError(
        `Cannot draw ${count} labels of class ${classes?.[label] ?? label}: ` +
          `it has ${counted(indices.length, "labelled example")}`,
      );
    }
    return draw(indices, count, new Pcg32(seed, label));
  });
  return Int32Array.from(drawn).sort();
}

/** Checks a number. @throws {RangeError} when it is not an integer of at least `least`. */
export function checkCount(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(
      `Cannot draw labels: ${name} must be an integer of at least ${least}, but it is ${value}`,
    );
  }
}

/**
 * Returns the ascending indices of the examples of each class.
 *
 * @throws {RangeError} when a label is not a class index.
 */
export function indicesPerClass(labels: Int32Array, classCount: number): number[][] {
  const members: number[][] = Array.from({ length: classCount }, () => []);
  for (const [index, label] of labels.entries()) {
    if (label === NO_LABEL) continue;
    const list = members[label];
    if (!list) {
      throw new RangeError(
        `Cannot draw labels: labels must be 0 to ${classCount - 1} or ${NO_LABEL}, ` +
          `but label ${index} is ${label}`,
      );
    }
    list.push(index);
  }
  return members;
}

/** Draws `count` members without replacement (Fisher–Yates, stopped early); reorders `members`. */
export function draw(members: number[], count: number, rng: Pcg32): number[] {
  for (let i = 0; i < count; i++) {
    const j = i + rng.below(members.length - i);
    // deno-lint-ignore no-non-null-assertion -- in range by construction
    [members[i], members[j]] = [members[j]!, members[i]!];
  }
  return members.slice(0, count);
}

/**
 * Returns a copy of the labels `[N]` in which all labels except those at the given indices are
 * {@linkcode NO_LABEL}.
 *
 * @throws {RangeError} when an index is out of range.
 *
 * @example
 * ```ts
 * import { hideLabels } from "./mod.ts";
 * import { assertEquals } from "../tests/assert.ts";
 *
 * assertEquals(hideLabels(Int32Array.of(5, 6, 7), Int32Array.of(1)), Int32Array.of(-1, 6, -1));
 * ```
 */
export function hideLabels(labels: Int32Array, labeledIndices: Int32Array): Int32Array {
  const hidden = new Int32Array(labels.length).fill(NO_LABEL);
  for (const index of labeledIndices) {
    const label = labels[index];
    if (label === undefined) {
      throw new RangeError(
        `Cannot keep the label of example ${index}: indices must be 0 to ${labels.length - 1}`,
      );
    }
    hidden[index] = label;
  }
  return hidden;
}

/**
 * Returns the indices of the labelled and of the unlabelled examples, given all labels `[N]`.
 *
 * @example
 * ```ts
 * import { splitByLabel } from "./mod.ts";
 * import { assertEquals } from "../tests/assert.ts";
 *
 * const { labeled, unlabeled } = splitByLabel(Int32Array.of(-1, 6, -1));
 * assertEquals([...labeled], [1]);
 * assertEquals([...unlabeled], [0, 2]);
 * ```
 */
export function splitByLabel(labels: Int32Array): LabelSplit {
  const labeled: number[] = [];
  const unlabeled: number[] = [];
  for (const [index, label] of labels.entries()) (label === NO_LABEL ? unlabeled : labeled).push(index);
  return { labeled: Int32Array.from(labeled), unlabeled: Int32Array.from(unlabeled) };
}
