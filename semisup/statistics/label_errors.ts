/**
 * Probable label errors by confident learning.
 * @module
 */

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
  /** The class that fits best. */
  readonly suggested: number;
  /** Normalised margin: above the label's class by this much, after subtraction of each class's threshold. */
  readonly margin: number;
  /** True if the probability of the suggested class reaches the class's threshold. */
  readonly isConfident: boolean;
}

/**
 * Ranks labels that probabilities contradict, the surest contradiction first: confident learning (Northcutt et
 * al. 2021, Confident Learning: Estimating Uncertainty in Dataset Labels).
 *
 * The threshold of a class is the mean probability of the class over the examples that are labelled so: some
 * classes are harder than others. An example whose probability of another class reaches its threshold is a
 * confident contradiction (equation 1 of the paper). Contradictions are ranked by the normalised margin of
 * probabilities from which the thresholds are subtracted, `max_{j ≠ y} (p_j − t_j) − (p_y − t_y)`; labels with a
 * margin of 0 or less are left out.
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
    const label = labels[place] ?? NaN;
    const adjusted = Array.from(row, (probability, c) => probability - (thresholds[c] ?? Infinity));
    const own = adjusted[label] ?? NaN;
    const others = adjusted.map((value, c) => c === label ? -Infinity : value);
    const largest = Math.max(...others), suggested = others.indexOf(largest);
    return largest > own ? [{ place, suggested, margin: largest - own, isConfident: largest >= 0 }] : [];
  });
  return errors.sort((one, other) => other.margin - one.margin || one.place - other.place);
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
