/**
 * What a few labels tell of a network's error where none can be spared for a test.
 * @module
 */

/** Labelled examples as a network sees them. */
export interface ProbeExamples {
  /** Features of each example `[N][D]`. */
  readonly features: readonly ArrayLike<number>[];
  /** Class index of each `[N]`. */
  readonly labels: readonly number[];
  /** How many classes there are. */
  readonly classCount: number;
}

/** What a probe came to. */
export interface ProbeResult {
  /** Share of the examples that the probe classifies wrongly when it has not seen them. */
  readonly error: number;
  /** Number of examples. */
  readonly examples: number;
  /** The penalty λ that was chosen. */
  readonly penalty: number;
}

/** Penalties that are tried, against the mean squared length of centred features: from next to none to next to nothing learnt. */
const relativePenalties = Array.from({ length: 17 }, (_, i) => 10 ** (i / 2 - 6));

/**
 * The leave-one-out error of a linear probe: ridge regression from features to one-hot labels, with an intercept that is not
 * penalised, fitted N times to all examples but one, which it then classifies.
 *
 * Nothing is fitted N times. With features centred over the examples `X [N, D]`, their products `K = XXᵀ` and
 * `G = (K + λI)⁻¹`, residuals are `R = (λG − 11ᵀ/N)·Y`, and that of an example without itself is
 * `Rᵢ / (λGᵢᵢ − 1/N)`, exactly. Of the penalties λ the one with the least squared error of this kind is taken. In float64,
 * `O(N³)` for each of 17 penalties: meant for a few hundred examples.
 *
 * Classes count alike: before the largest output for an example is looked for, the shares of the classes among the others are
 * taken away from the outputs, which are divided by them. Of few labels a class that lacks one would otherwise lose to all
 * others for this reason alone.
 *
 * Features that were trained with the same labels make the error of the probe look smaller than that of the network is.
 *
 * Allen 1974 (The Relationship Between Variable Selection and Data Augmentation and a Method for Prediction); Alain & Bengio
 * 2016 (Understanding Intermediate Layers Using Linear Classifier Probes).
 *
 * @throws {RangeError} if there are fewer than two examples, a label is no class, or a feature is not finite.
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

/** Outputs that differ by less are equal: the first class goes first. */
const rounding = 1e-9;

/** Squared error and number of wrong classes of all examples, each left out in its turn. */
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
    const own = weights[i] ?? NaN;
    const residuals = new Array<number>(classCount).fill(0);
    for (const [j, label] of labels.entries()) {
      residuals[label] = (residuals[label] ?? NaN) + (weights[j] ?? NaN) / own;
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

/** Products of features `[N, N]` after their mean over the examples is taken from them. */
function centredProducts(features: readonly ArrayLike<number>[]): Float64Array[] {
  const rows = features.map((row) => Float64Array.from(row));
  const [first = new Float64Array()] = rows;
  const means = first.map((_, d) => rows.reduce((sum, row) => sum + (row[d] ?? NaN), 0) / rows.length);
  const centred = rows.map((row) => row.map((value, d) => value - (means[d] ?? NaN)));
  return centred.map((row) =>
    Float64Array.from(centred, (other) => row.reduce((sum, value, d) => sum + value * (other[d] ?? NaN), 0))
  );
}

/** `(K + λI)⁻¹` by Gauss and Jordan's elimination, which needs no pivoting as the matrix is positive definite. */
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
  const fault = (rule: string, state: string) =>
    new RangeError(`Cannot estimate an error from features as ${rule}: ${state}`);
  if (labels.length < 2) throw fault("there must be two examples or more", `there are ${labels.length}`);
  if (features.length !== labels.length) {
    throw fault(
      "each example must have a label",
      `${features.length} have features, ${labels.length} a label`,
    );
  }
  const size = features[0]?.length;
  for (const [n, row] of features.entries()) {
    if (row.length !== size) {
      throw fault(
        "examples must have equally many features",
        `example 0 has ${size}, example ${n} has ${row.length}`,
      );
    }
    const endless = Array.from(row).find((value) => !Number.isFinite(value));
    if (endless !== undefined) throw fault("features must be finite", `one of example ${n} is ${endless}`);
    const label = labels[n] ?? NaN;
    if (!Number.isInteger(label) || label < 0 || label >= classCount) {
      throw fault(`labels must be 0 to ${classCount - 1}`, `that of example ${n} is ${label}`);
    }
  }
}
