// deno-lint-ignore-file no-non-null-assertion -- loops over numbers, whose indices are in range by construction
/**
 * The inverse square root of a symmetric positive definite tridiagonal matrix, in float64.
 *
 * The integral `x^(−1/2) = 2/π ∫₀^∞ (x + u²)⁻¹ du`, `u = exp(s)`, is summed at equally spaced s. This
 * trapezoidal rule converges geometrically (Trefethen & Weideman, The Exponentially Convergent Trapezoidal
 * Rule, 2014), and the inverse of a tridiagonal matrix takes only one multiplication per element.
 */

import { pause } from "./pause.ts";

/**
 * Spacing of the sum over s: the integrand is analytic for |Im s| < π/2, so its error is about
 * exp(−π²/spacing), 1e-14.
 */
const SPACING = 0.3;
/** Relative error allowed for truncating the sum at each end. */
const TRUNCATION = 1e-14;
/** Number of terms between two pauses. */
const NODES_AT_ONCE = 32;

/** A symmetric tridiagonal matrix T. */
export interface Tridiagonal {
  /** `[n]` */
  readonly diagonal: Float64Array;
  /** Elements between rows i − 1 and i `[n]`; the first is 0. */
  readonly offDiagonal: Float64Array;
}

/**
 * Adds `T^(−1/2)` to the lower triangle of `a` `[n, n]`.
 *
 * @throws {RangeError} when T is not positive definite.
 */
export async function addInverseSquareRoot(
  a: Float64Array,
  { diagonal, offDiagonal }: Tridiagonal,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { smallest, largest } = bounds(diagonal, offDiagonal);
  // The truncated parts are 2/π u/λ below and 2/π /u above, compared with λ^(−1/2).
  const start = Math.log(TRUNCATION * Math.sqrt(smallest));
  const end = Math.log(Math.sqrt(largest) / TRUNCATION);
  for (let node = 0; start + node * SPACING <= end; node++) {
    if (node % NODES_AT_ONCE === 0) await pause(signal);
    const u = Math.exp(start + node * SPACING);
    addInverse(a, diagonal, offDiagonal, u * u, 2 / Math.PI * SPACING * u);
  }
}

/** Returns bounds of the eigenvalues: `1 / trace(T⁻¹)` and `trace(T)`. */
function bounds(diagonal: Float64Array, offDiagonal: Float64Array): { smallest: number; largest: number } {
  const n = diagonal.length;
  const pivots = pivotsOf(diagonal, offDiagonal, 0);
  let inverse = 0, inverseTrace = 0, trace = 0;
  for (let i = n - 1; i >= 0; i--) {
    const pivot = pivots[i]!, ratio = i === n - 1 ? 0 : offDiagonal[i + 1]! / pivot;
    inverse = 1 / pivot + ratio * ratio * inverse;
    inverseTrace += inverse;
    trace += diagonal[i]!;
  }
  return { smallest: 1 / inverseTrace, largest: trace };
}

/**
 * Returns the pivots of `T + shift`, starting at the first row.
 *
 * @throws {RangeError} when a pivot is not positive.
 */
function pivotsOf(diagonal: Float64Array, offDiagonal: Float64Array, shift: number): Float64Array {
  const pivots = new Float64Array(diagonal.length);
  let pivot = 1;
  for (let i = 0; i < pivots.length; i++) {
    const beside = offDiagonal[i]!;
    pivot = diagonal[i]! + shift - beside * (beside / pivot);
    if (!(pivot > 0 && pivot < Infinity)) {
      throw new RangeError(
        `Cannot compute the inverse square root: the matrix must be positive definite, but a pivot is ${pivot}`,
      );
    }
    pivots[i] = pivot;
  }
  return pivots;
}

/**
 * Adds `weight · (T + shift)⁻¹` to the lower triangle.
 *
 * The diagonal is a sum of positive terms from the last element to the first. Each row continues from it by
 * ratios, so there is no cancellation.
 */
function addInverse(
  a: Float64Array,
  diagonal: Float64Array,
  offDiagonal: Float64Array,
  shift: number,
  weight: number,
): void {
  const n = diagonal.length;
  const pivots = pivotsOf(diagonal, offDiagonal, shift);
  const ratios = new Float64Array(n);
  for (let i = 0; i < n - 1; i++) ratios[i] = -offDiagonal[i + 1]! / pivots[i]!;
  let inverse = 0;
  for (let i = n - 1; i >= 0; i--) {
    const ratio = ratios[i]!;
    inverse = 1 / pivots[i]! + ratio * ratio * inverse;
    let value = weight * inverse;
    const least = Math.abs(value) * 1e-20;
    const row = i * n;
    a[row + i] = a[row + i]! + value;
    for (let k = i - 1; k >= 0; k--) {
      value *= ratios[k]!;
      // Such small values do not affect the norm of the result; subnormal numbers would also be slow.
      if (Math.abs(value) < least) break;
      a[row + k] = a[row + k]! + value;
    }
  }
}
