/**
 * Estimate of a network's error from few labels, if none can be set aside for a test.
 * @module
 */

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
 * The N fits have a closed form. With features centred over the examples `X [N, D]`, their products `K = XXᵀ`
 * and `G = (K + λI)⁻¹`, residuals are `R = (λG − 11ᵀ/N)·Y`, and the residual of an example left out is
 * exactly `Rᵢ / (λGᵢᵢ − 1/N)`. The penalty λ with the least sum of squares of these is selected. All is in
 * float64 and takes `O(N³)` for each of 17 penalties: meant for a few hundred examples.
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
  const { labels, classCount } = examples, count = labels.length;
  const products = centredProducts(examples.features);
  const scale = products.reduce((sum, row, i) => sum + (row[i] ?? 0), 0) / count || 1;
  const fits = relativePenalties.map((relative) => {
    const penalty = relative * scale;
    return { penalty, ...leaveOneOut(inverseOf(products, penalty), penalty, labels, classCount) };
  });
  const { penalty, wrong } = fits.reduce((best, fit) => fit.squares < best.squares ? fit : best);
  return { error: wrong / count, examples: count, penalty };
}

/** Outputs that differ by less are equal; of equal outputs the first class wins. */
const rounding = 1e-9;

/** Computes the squared error and the number of wrong classes, each example left out in turn. */
function leaveOneOut(
  inverse: readonly Float64Array[],
  penalty: number,
  labels: readonly number[],
  classCount: number,
): { readonly squares: number; readonly wrong: number } {
  const counts = Array.from({ length: classCount }, (_, c) => labels.filter((label) => label === c).length);
  let squares = 0, wrong = 0;
  for (const [i, row] of inverse.entries()) {
    const weights = row.map((value) => penalty * value - 1 / labels.length);
    const ownWeight = weights[i] ?? NaN;
    const residuals = new Array<number>(classCount).fill(0);
    for (const [j, label] of labels.entries()) {
      residuals[label] = (residuals[label] ?? NaN) + (weights[j] ?? NaN) / ownWeight;
    }
    squares += residuals.reduce((sum, residual) => sum + residual ** 2, 0);
    const outputs = residuals.map((residual, c) => {
      const isOwn = c === labels[i] ? 1 : 0, others = (counts[c] ?? 0) - isOwn;
      return others === 0 ? -Infinity : (isOwn - residual) / others - 1 / (labels.length - 1);
    });
    const largest = Math.max(...outputs);
    if (outputs.findIndex((output) => output > largest - rounding) !== labels[i]) wrong++;
  }
  return { squares, wrong };
}

/** Computes the products `[N, N]` of features after subtracting their mean over the examples. */
function centredProducts(features: readonly ArrayLike<number>[]): Float64Array[] {
  const rows = features.map((row) => Float64Array.from(row));
  const [first = new Float64Array()] = rows;
  const means = first.map((_, d) => rows.reduce((sum, row) => sum + (row[d] ?? NaN), 0) / rows.length);
  const centred = rows.map((row) => row.map((value, d) => value - (means[d] ?? NaN)));
  return centred.map((row) =>
    Float64Array.from(centred, (other) => row.reduce((sum, value, d) => sum + value * (other[d] ?? NaN), 0))
  );
}

/** Computes `(K + λI)⁻¹` by Gauss–Jordan elimination, without pivoting as the matrix is positive definite. */
function inverseOf(products: readonly Float64Array[], penalty: number): Float64Array[] {
  const rows = products.map((row, i) => row.map((value, j) => i === j ? value + penalty : value));
  for (const [k, pivotRow] of rows.entries()) {
    const pivot = pivotRow[k] ?? NaN;
    pivotRow[k] = 1;
    for (let j = 0; j < pivotRow.length; j++) pivotRow[j] = (pivotRow[j] ?? NaN) / pivot;
    for (const row of rows) {
      if (row === pivotRow) continue;
      const factor = row[k] ?? NaN;
      row[k] = 0;
      for (let j = 0; j < row.length; j++) row[j] = (row[j] ?? NaN) - factor * (pivotRow[j] ?? NaN);
    }
  }
  return rows;
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
