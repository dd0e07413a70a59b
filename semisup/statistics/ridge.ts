// deno-lint-ignore-file no-non-null-assertion -- numeric loops; indices are in range by construction
/**
 * Leave-one-out ridge regression from features to one-hot labels.
 * @module
 */

/** Features prepared for any number of fits. */
export interface PreparedFeatures {
  /** Features minus their mean over the examples `[N][D]`. */
  readonly rows: readonly Float64Array[];
  /** `XᵀX [D, D]` if there are more examples than features, otherwise `XXᵀ [N, N]`. */
  readonly products: readonly Float64Array[];
  /** Mean squared length of the centred features; 1 if all are 0. */
  readonly scale: number;
}

/** Centres features, and computes their products: `O(N D min(N, D))`. */
export function prepareFeatures(features: readonly ArrayLike<number>[]): PreparedFeatures {
  const all = features.map((row) => Float64Array.from(row)), count = all.length;
  const size = all[0]?.length ?? 0, sums = new Float64Array(size);
  for (const row of all) row.forEach((value, d) => sums[d]! += value);
  const means = sums.map((sum) => sum / count);
  const rows = all.map((row) => row.map((value, d) => value - means[d]!));
  const columns = Array.from({ length: size }, (_, d) => Float64Array.from(rows, (row) => row[d]!));
  const factors = count > size ? columns : rows;
  const products = factors.map((one) => Float64Array.from(factors, (other) => dot(one, other)));
  const scale = products.reduce((sum, row, i) => sum + row[i]!, 0) / count;
  return { rows, products, scale: scale || 1 };
}

/**
 * Computes the residual `y − ŷ` `[N][C]` of every example's one-hot label under the fit without the example:
 * ridge regression with penalty λ and an unpenalised intercept.
 *
 * The N fits have a closed form. With `M = I − X (XᵀX + λI)⁻¹ Xᵀ = λ (XXᵀ + λI)⁻¹` of centred features, the
 * residuals of one fit are `R = (M − 11ᵀ/N)·Y`, and the residual of an example left out is exactly
 * `Rᵢ / (Mᵢᵢ − 1/N)`.
 */
export function leaveOneOutResiduals(
  { rows, products }: PreparedFeatures,
  penalty: number,
  labels: readonly number[],
  classCount: number,
): Float64Array[] {
  const count = labels.length, inverse = inverseOf(products, penalty), [first] = rows;
  const shares = new Float64Array(classCount);
  for (const label of labels) shares[label]! += 1 / count;
  const isPrimal = count > (first?.length ?? 0);
  const sums = isPrimal ? sumsByClass(rows, labels, classCount) : [];
  return rows.map((row, i) => {
    const residuals = new Float64Array(classCount);
    let own: number;
    if (isPrimal) {
      const solved = Float64Array.from(inverse, (each) => dot(each, row));
      own = 1 - dot(row, solved);
      sums.forEach((sum, c) => residuals[c] = (labels[i] === c ? 1 : 0) - dot(solved, sum));
    } else {
      const weights = inverse[i]!;
      own = penalty * weights[i]!;
      labels.forEach((label, j) => residuals[label]! += penalty * weights[j]!);
    }
    return residuals.map((residual, c) => (residual - shares[c]!) / (own - 1 / count));
  });
}

/** Sums the rows of each class `[C][D]`. */
function sumsByClass(rows: readonly Float64Array[], labels: readonly number[], classCount: number) {
  const sums = Array.from({ length: classCount }, () => new Float64Array(rows[0]?.length ?? 0));
  rows.forEach((row, i) => row.forEach((value, d) => sums[labels[i]!]![d]! += value));
  return sums;
}

function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i]! * y[i]!;
  return sum;
}

/** Computes `(K + λI)⁻¹` by Gauss–Jordan elimination, without pivoting as the matrix is positive definite. */
function inverseOf(products: readonly Float64Array[], penalty: number): Float64Array[] {
  const rows = products.map((row, i) => row.map((value, j) => i === j ? value + penalty : value));
  for (const [k, pivotRow] of rows.entries()) {
    const pivot = pivotRow[k]!;
    pivotRow[k] = 1;
    for (let j = 0; j < pivotRow.length; j++) pivotRow[j]! /= pivot;
    for (const row of rows) {
      if (row === pivotRow) continue;
      const factor = row[k]!;
      row[k] = 0;
      for (let j = 0; j < row.length; j++) row[j]! -= factor * pivotRow[j]!;
    }
  }
  return rows;
}
