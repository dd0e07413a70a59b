// deno-lint-ignore-file no-non-null-assertion -- loops over numbers, whose indices are in range by construction
/**
 * The inverse square root of a symmetric positive definite matrix, in float64.
 *
 * Householder reflections give `A = Q T Qᵀ` with T tridiagonal (Golub & Van Loan, Matrix Computations,
 * §8.3.1), so `A^(−1/2) = Q T^(−1/2) Qᵀ`. Computing eigenvectors would take three times the work.
 */

import { pause } from "./pause.ts";
import { addInverseSquareRoot, type Tridiagonal } from "./tridiagonal.ts";

/** Number of rows between two pauses. */
const ROWS_AT_ONCE = 32;

/**
 * Computes the symmetric inverse square root `A^(−1/2)` `[n, n]`: `A^(−1/2) A A^(−1/2) = I`.
 *
 * Relative error about 1e-13 in the norm of the matrix; 5/3 n³ multiplications.
 *
 * @param matrix `A` `[n, n]` row-major, symmetric. Only its lower triangle is read; the matrix is
 * overwritten.
 * @param size `n`
 * @param signal Signal that aborts the computation.
 * @returns The result (both triangles), in the memory of `matrix`.
 * @throws {RangeError} when the matrix is not positive definite, or not of this size.
 */
export async function inverseSquareRoot(
  matrix: Float64Array<ArrayBuffer>,
  size: number,
  signal?: AbortSignal,
): Promise<Float64Array<ArrayBuffer>> {
  if (matrix.length !== size * size || size === 0) {
    throw new RangeError(
      "Cannot compute the inverse square root: the matrix must be square, " +
        `but it has ${matrix.length} elements and ${size} rows`,
    );
  }
  const tridiagonal = await tridiagonalize(matrix, size, signal);
  const vectors = copyVectors(matrix, size);
  await addInverseSquareRoot(matrix.fill(0), tridiagonal, signal);
  await reflectBack(matrix, vectors, tridiagonal.halfNorms, size, signal);
  for (let i = 0; i < size; i++) {
    for (const [j, value] of matrix.subarray(i * size, i * size + i).entries()) matrix[j * size + i] = value;
  }
  return matrix;
}

/** A tridiagonal matrix with the reflections that produced it. */
interface Reflected extends Tridiagonal {
  /** `h = vᵀv / 2` of each reflection `I − v vᵀ / h` `[n]`; 0 for rows without a reflection. */
  readonly halfNorms: Float64Array;
}

/**
 * Makes a matrix tridiagonal by reflections, from the last row to the first; row i keeps its vector, of
 * length i.
 */
async function tridiagonalize(
  a: Float64Array,
  n: number,
  signal: AbortSignal | undefined,
): Promise<Reflected> {
  const diagonal = new Float64Array(n), offDiagonal = new Float64Array(n), halfNorms = new Float64Array(n);
  let [q, next] = [new Float64Array(n), new Float64Array(n)];
  let halfNorm = makeVector(a, n, n - 1, offDiagonal);
  // Computes the first product of matrix and vector; each later product is computed along with the previous
  // update.
  symmetricTimesRow(a, n, n - 1, next);
  for (let i = n - 1; i > 0; i--) {
    if (i % ROWS_AT_ONCE === 0) await pause(signal);
    diagonal[i] = a[i * n + i]!;
    halfNorms[i] = halfNorm;
    const v = a.subarray(i * n, i * n + i), reflects = halfNorm > 0;
    [q, next] = [next, q];
    finishUpdateVector(q, v, halfNorm);
    const last = (i - 1) * n;
    if (reflects) updateRow(a, last, i - 1, v, q);
    halfNorm = makeVector(a, n, i - 1, offDiagonal);
    next.fill(0, 0, i);
    updateAndMultiply(a, n, i - 1, v, q, a.subarray(last, last + i - 1), next, reflects);
  }
  diagonal[0] = a[0]!;
  return { diagonal, offDiagonal, halfNorms };
}

/**
 * Replaces the start of row i by the vector that reflects it onto its last element.
 *
 * @returns Half its squared norm.
 */
function makeVector(a: Float64Array, n: number, i: number, offDiagonal: Float64Array): number {
  if (i === 0) return 0;
  const row = i * n;
  let tail = 0;
  for (const value of a.subarray(row, row + i - 1)) tail += value * value;
  const x = a[row + i - 1]!;
  if (tail === 0) {
    offDiagonal[i] = x;
    return 0;
  }
  const norm = Math.sqrt(tail + x * x);
  // The sign is chosen to avoid cancellation.
  const image = x > 0 ? -norm : norm;
  offDiagonal[i] = image;
  a[row + i - 1] = x - image;
  return norm * norm - image * x;
}

/** Computes `product = A v` for the leading i×i block, with v in row i. */
function symmetricTimesRow(a: Float64Array, n: number, i: number, product: Float64Array): void {
  product.fill(0);
  updateAndMultiply(a, n, i, product, product, a.subarray(i * n, i * n + i), product, false);
}

/** Replaces `p = A v` by `q = p/h − v (vᵀp)/(2h²)`; the reflected matrix is `A − v qᵀ − q vᵀ`. */
function finishUpdateVector(q: Float64Array, v: Float64Array, halfNorm: number): void {
  if (halfNorm === 0) return;
  let dot = 0;
  for (const [k, value] of v.entries()) dot += value * q[k]!;
  const share = dot / (2 * halfNorm * halfNorm);
  for (const [k, value] of v.entries()) q[k] = q[k]! / halfNorm - share * value;
}

/** Computes `row −= v[j] · q + q[j] · v` for row j, which begins at index `row`, up to the diagonal. */
function updateRow(a: Float64Array, row: number, j: number, v: Float64Array, q: Float64Array): void {
  const left = v[j]!, right = q[j]!;
  for (let k = 0; k <= j; k++) a[row + k] = a[row + k]! - left * q[k]! - right * v[k]!;
}

/**
 * Computes `A −= v qᵀ + q vᵀ` and then `product += A w` for the leading size×size block, in a single pass, as
 * memory access dominates the time.
 */
function updateAndMultiply(
  a: Float64Array,
  n: number,
  size: number,
  v: Float64Array,
  q: Float64Array,
  w: Float64Array,
  product: Float64Array,
  isUpdated: boolean,
): void {
  for (let j = 0; j < size; j++) {
    const row = j * n;
    if (isUpdated) updateRow(a, row, j, v, q);
    const weight = w[j]!;
    let dot = 0;
    for (let k = 0; k < j; k++) {
      const value = a[row + k]!;
      dot += value * w[k]!;
      product[k] = product[k]! + value * weight;
    }
    product[j] = product[j]! + dot + a[row + j]! * weight;
  }
}

/**
 * Copies the vectors of all reflections out of the matrix, which is about to be overwritten; row i starts at
 * i·(i − 1)/2.
 */
function copyVectors(a: Float64Array, n: number): Float64Array {
  const vectors = new Float64Array(n * (n - 1) / 2);
  for (let i = 1; i < n; i++) vectors.set(a.subarray(i * n, i * n + i), i * (i - 1) / 2);
  return vectors;
}

/** Replaces `M` by `Q M Qᵀ` in the lower triangle: applies the reflections in reverse order. */
async function reflectBack(
  a: Float64Array,
  vectors: Float64Array,
  halfNorms: Float64Array,
  n: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const q = new Float64Array(n);
  for (let i = 1; i < n; i++) {
    if (i % ROWS_AT_ONCE === 0) await pause(signal);
    // The previous reflections affect this row only from the right.
    reflectRow(a.subarray(i * n, i * n + i), vectors, halfNorms, i);
    const halfNorm = halfNorms[i];
    if (!halfNorm) continue;
    // This reflection affects the block above from both sides.
    const v = vectors.subarray(i * (i - 1) / 2, i * (i + 1) / 2);
    q.fill(0, 0, i);
    updateAndMultiply(a, n, i, v, v, v, q, false);
    finishUpdateVector(q, v, halfNorm);
    for (let j = 0; j < i; j++) updateRow(a, j * n, j, v, q);
  }
}

/** Applies reflections 1 to i from the right to the part of row i left of the diagonal. */
function reflectRow(row: Float64Array, vectors: Float64Array, halfNorms: Float64Array, i: number): void {
  for (let j = 1; j <= i; j++) {
    const halfNorm = halfNorms[j];
    if (!halfNorm) continue;
    const start = j * (j - 1) / 2;
    let dot = 0;
    for (let k = 0; k < j; k++) dot += row[k]! * vectors[start + k]!;
    const share = dot / halfNorm;
    for (let k = 0; k < j; k++) row[k] = row[k]! - share * vectors[start + k]!;
  }
}
