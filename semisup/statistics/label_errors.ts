/**
 * Probable label errors by confident learning.
 * @module
 */
import { largestOf } from "../../nn/mod.ts";

/** Labelled examples with probabilities of their classes. */
export interface LabelledProbabilities {
  /**
   * Probability of each class, `[N][C]`, by a classifier that was not trained with the example's own label, such
   * as `probeProbabilities`. A network's own probabilities of its training examples repeat their labels.
   */
  readonly probabilities: readonly ArrayLike<number>[];
  /** Class index of each example `[N]`. */
  readonly labels: readonly number[];
}

/** A label that is probably wrong. */
export interface LabelError {
  /** Place of the example in the lists. */
  readonly place: number;
  /** The most probable other class. */
  readonly suggested: number;
  /** Probability of the suggested class minus that of the label's class. */
  readonly margin: number;
  /** True if the most probable class of those that reach their thresholds is not the label's. */
  readonly isConfident: boolean;
}

/**
 * Ranks labels that probabilities contradict, the surest contradiction first: confident learning (Northcutt et
 * al. 2021, Confident Learning: Estimating Uncertainty in Dataset Labels).
 *
 * Contradictions are ranked by the normalised margin `max_{j ≠ y} p_j − p_y`; labels with a margin of 0 or less
 * are left out. The threshold of a class is the mean probability of the class over the examples that are labelled
 * so, because some classes are harder than others: it tells which contradictions are confident (equation 1 of the
 * paper), and has no influence on the ranks. With 10 wrong labels among 300 digits or clothes, the margin finds 9
 * or 10 of them among the first 20, the margin after subtraction of the thresholds 7 to 10.
 *
 * @throws {RangeError} if the lists differ in length, or a label is not a class index.
 *
 * @example
 * ```ts
 * import { rankLabelErrors } from "../mod.ts";
 *
 * const probabilities = [[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.2, 0.8]];
 * const [first] = rankLabelErrors({ probabilities, labels: [0, 0, 0, 1] });
 * console.assert(first?.place === 2 && first.suggested === 1);
 * ```
 */
export function rankLabelErrors({ probabilities, labels }: LabelledProbabilities): LabelError[] {
  checkLabels(probabilities, labels);
  const thresholds = thresholdsOf(probabilities, labels);
  const errors = probabilities.flatMap((row, place): LabelError[] => {
    const label = labels[place] ?? NaN, all = Array.from(row);
    const others = all.map((probability, c) => c === label ? -Infinity : probability);
    const suggested = indexOfLargest(others), margin = (others[suggested] ?? NaN) - (all[label] ?? NaN);
    const reached = all.map((probability, c) => probability >= (thresholds[c] ?? Infinity) ? probability : 0);
    const isConfident = reached.some((probability) => probability > 0) && indexOfLargest(reached) !== label;
    return margin > 0 ? [{ place, suggested, margin, isConfident }] : [];
  });
  return errors.sort((one, other) => other.margin - one.margin || one.place - other.place);
}

function indexOfLargest(values: readonly number[]): number {
  return values.indexOf(largestOf(values));
}

/** Returns the mean probability of each class over its labelled examples; Infinity for classes without any. */
function thresholdsOf(probabilities: readonly ArrayLike<number>[], labels: readonly number[]): number[] {
  return Array.from({ length: probabilities[0]?.length ?? 0 }, (_, c) => {
    const own = probabilities.flatMap((row, place) => labels[place] === c ? [row[c] ?? NaN] : []);
    return own.length === 0 ? Infinity : own.reduce((sum, each) => sum + each, 0) / own.length;
  });
}

function checkLabels(probabilities: readonly ArrayLike<number>[], labels: readonly number[]): void {
  const fault = (reason: string) => new RangeError(`Cannot rank label errors: ${reason}`);
  if (probabilities.length !== labels.length) {
    throw fault(
      `each example must have probabilities and a label, but there are ${probabilities.length} and ${labels.length}`,
    );
  }
  const classCount = probabilities[0]?.length ?? 0;
  for (const [place, label] of labels.entries()) {
    if (Number.isInteger(label) && label >= 0 && label < classCount) continue;
    throw fault(`labels must be 0 to ${classCount - 1}, but the label of example ${place} is ${label}`);
  }
}
