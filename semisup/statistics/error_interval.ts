/**
 * Confidence intervals of errors measured on few examples.
 * @module
 */

/** Number of standard deviations on either side of the mean that contain 95 % of a normal distribution. */
const z = 1.959963984540054;

/**
 * Computes the 95 % interval of an error rate measured on `examples` examples: the Wilson score interval
 *
 * `(p + z²/2n ± z·√(p(1 − p)/n + z²/4n²)) / (1 + z²/n)`, with the error p of n examples and z = 1.96.
 *
 * It contains the true error in 95 of 100 measurements on independent examples, even if p is 0 or n is small.
 *
 * Wilson 1927 (Probable Inference, the Law of Succession, and Statistical Inference).
 *
 * @param error Share of the examples that were classified wrongly, 0 to 1.
 * @param examples Number of examples.
 * @returns Lower and upper end, as shares.
 * @throws {RangeError} if the error is outside [0, 1], or `examples` is not a whole number above 0.
 *
 * @example
 * ```ts
 * import { errorInterval } from "../mod.ts";
 *
 * const [low, high] = errorInterval(0.225, 40);
 * console.assert(low > 0.12 && high < 0.38);
 * ```
 */
export function errorInterval(error: number, examples: number): readonly [low: number, high: number] {
  if (!(error >= 0 && error <= 1)) {
    throw new RangeError(`Cannot compute the interval of an error: it must be from 0 to 1, but is ${error}`);
  }
  if (!Number.isSafeInteger(examples) || examples < 1) {
    throw new RangeError(
      `Cannot compute the interval of an error: the number of examples must be at least 1, but is ${examples}`,
    );
  }
  const spread = z * z / examples;
  const middle = error + spread / 2;
  const half = z * Math.sqrt(error * (1 - error) / examples + spread / (4 * examples));
  // Errors of 0 and 1 are ends of their own intervals, which rounding might miss.
  const low = error === 0 ? 0 : (middle - half) / (1 + spread);
  const high = error === 1 ? 1 : (middle + half) / (1 + spread);
  return [low, high];
}

/**
 * Returns whether two errors differ by less than two standard errors of their difference,
 * `2·√(p(1 − p)/n + q(1 − q)/n)`, as if measured on two independent sets of `examples` examples.
 */
export function isWithinChance(one: number, other: number, examples: number): boolean {
  const variance = (error: number) => error * (1 - error) / examples;
  return Math.abs(one - other) < 2 * Math.sqrt(variance(one) + variance(other));
}
