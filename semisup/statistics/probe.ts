/**
 * Estimate of a network's error from few labels, if none can be set aside for a test.
 * @module
 */
import { spread } from "../../data/internal.ts";
import { leaveOneOutResiduals, type PreparedFeatures, prepareFeatures } from "./ridge.ts";

/** Labelled examples, described by a network's features. */
export interface ProbeExamples {
  /** Features of each example `[N, D]`. */
  readonly features: readonly ArrayLike<number>[];
  /** Class index of each example `[N]`. */
  readonly labels: readonly number[];
  /** Number of classes. */
  readonly classCount: number;
}

/** Result of a probe. */
export interface ProbeResult {
  /** Share of the examples that the probe classifies wrongly when fitted without them. */
  readonly error: number;
  /** Number of examples. */
  readonly examples: number;
  /** The selected penalty λ. */
  readonly penalty: number;
}

/** Candidate penalties, relative to the mean squared length of centred features. */
const relativePenalties = Array.from({ length: 17 }, (_, i) => 10 ** (i / 2 - 6));

/**
 * Computes the leave-one-out error of a linear probe: ridge regression from features to one-hot labels, with
 * an unpenalised intercept, is fitted N times, each time without one example, which it then classifies.
 *
 * All N fits have a closed form. The penalty λ with the least sum of squared residuals is selected. All is in
 * float64 and takes `O(M³ + N M²)` for each of 17 penalties, where M is the smaller of the numbers of examples
 * and features: meant for a few hundred examples.
 *
 * Classes have equal weight: the share of each class among the other examples is subtracted from its output,
 * which is then divided by that share. Otherwise, with few labels, a class that lacks one example would lose
 * to all other classes for this reason alone.
 *
 * If the features were trained with the same labels, the probe's error underestimates the network's.
 *
 * Allen 1974 (The Relationship Between Variable Selection and Data Augmentation and a Method for Prediction);
 * Alain & Bengio 2016 (Understanding Intermediate Layers Using Linear Classifier Probes).
 *
 * @throws {RangeError} if there are fewer than two examples, a label is not a class index, or a feature is
 * not finite.
 *
 * @example
 * ```ts
 * import { probeError } from "../mod.ts";
 *
 * const features = [[0, 1], [0, 2], [5, 1], [5, 2]];
 * console.assert(probeError({ features, labels: [0, 0, 1, 1], classCount: 2 }).error === 0);
 * ```
 */
export function probeError(examples: ProbeExamples): ProbeResult {
  checkExamples(examples);
  const { labels, classCount } = examples;
  const { residuals, penalty } = bestFit(prepareFeatures(examples.features), labels, classCount);
  return {
    error: countWrong(residuals, labels, classCount) / labels.length,
    examples: labels.length,
    penalty,
  };
}

/** Number of examples that the penalty of {@linkcode probeProbabilities} is selected on. */
const selectionExamples = 300;

/**
 * Returns probabilities of classes for each example `[N][C]`, by the linear probe that was fitted without the
 * example: its outputs of classes, which sum to 1, with negative ones set to 0. Unlike a network's, the
 * probabilities are not drawn to the example's own label. With more than 300 examples, the penalty is selected
 * on some that are spread evenly.
 * @throws as {@linkcode probeError}
 */
export function probeProbabilities(examples: ProbeExamples): Float64Array[] {
  checkExamples(examples);
  const { features, labels, classCount } = examples;
  const prepared = prepareFeatures(features), isSmall = labels.length <= selectionExamples;
  const selected = isSmall ? prepared : prepareFeatures(spread(features, selectionExamples));
  const fit = bestFit(selected, spread(labels, selectionExamples), classCount);
  const residuals = isSmall ? fit.residuals : leaveOneOutResiduals(prepared, fit.penalty, labels, classCount);
  return residuals.map((row, i) => {
    const outputs = row.map((residual, c) => Math.max(0, (labels[i] === c ? 1 : 0) - residual));
    const total = outputs.reduce((sum, output) => sum + output, 0);
    return outputs.map((output) => output / total);
  });
}

/** Fits every candidate penalty, and returns the fit with the least sum of squared residuals. */
function bestFit(
  prepared: PreparedFeatures,
  labels: readonly number[],
  classCount: number,
): { readonly residuals: readonly Float64Array[]; readonly penalty: number } {
  const fits = relativePenalties.map((relative) => {
    const penalty = relative * prepared.scale;
    const residuals = leaveOneOutResiduals(prepared, penalty, labels, classCount);
    const squares = residuals.reduce((sum, row) => row.reduce((sum, each) => sum + each ** 2, sum), 0);
    return { residuals, penalty, squares };
  });
  return fits.reduce((best, fit) => fit.squares < best.squares ? fit : best);
}

/** Outputs that differ by less are equal; of equal outputs the first class wins. */
const rounding = 1e-9;

/** Counts the examples that the fits without them classify wrongly. */
function countWrong(
  residuals: readonly Float64Array[],
  labels: readonly number[],
  classCount: number,
): number {
  const counts = Array.from({ length: classCount }, (_, c) => labels.filter((label) => label === c).length);
  const isWrong = (row: Float64Array, i: number) => {
    const outputs = Array.from(row, (residual, c) => {
      const isOwn = c === labels[i] ? 1 : 0, others = (counts[c] ?? 0) - isOwn;
      return others === 0 ? -Infinity : (isOwn - residual) / others - 1 / (labels.length - 1);
    });
    const largest = Math.max(...outputs);
    return outputs.findIndex((output) => output > largest - rounding) !== labels[i];
  };
  return residuals.filter(isWrong).length;
}

function checkExamples({ features, labels, classCount }: ProbeExamples): void {
  const fault = (reason: string) => new RangeError(`Cannot estimate an error from features: ${reason}`);
  if (labels.length < 2) throw fault(`at least two examples are needed, but there are ${labels.length}`);
  if (features.length !== labels.length) {
    throw fault(
      `each example must have a label, but ${features.length} have features and ${labels.length} have a label`,
    );
  }
  const size = features[0]?.length;
  for (const [n, row] of features.entries()) {
    if (row.length !== size) {
      throw fault(
        `examples must have equally many features, but example 0 has ${size} and example ${n} has ${row.length}`,
      );
    }
    const nonFinite = Array.from(row).find((value) => !Number.isFinite(value));
    if (nonFinite !== undefined) {
      throw fault(`features must be finite, but a feature of example ${n} is ${nonFinite}`);
    }
    const label = labels[n] ?? NaN;
    if (!Number.isInteger(label) || label < 0 || label >= classCount) {
      throw fault(`labels must be 0 to ${classCount - 1}, but the label of example ${n} is ${label}`);
    }
  }
}
