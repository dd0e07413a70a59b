/**
 * How far an error that was measured on few examples can be from the true one.
 * @module
 */

/** Standard deviations to either side of a normal distribution's mean that hold 95 % of it. */
const z = 1.959963984540054;

/**
 * The 95 % interval of an error rate that was measured on some examples: the Wilson score interval
 *
 * `(p + z²/2n ± z·√(p(1 − p)/n + z²/4n²)) / (1 + z²/n)`, with the error p of n examples and z = 1.96.
 *
 * It holds the true error of 95 of 100 measurements on independent examples, also where p is 0 or n small.
 *
 * Wilson 1927 (Probable Inference, the Law of Succession, and Statistical Inference).
 *
 * @param error Share of the examples that were classified wrongly, 0 to 1.
 * @param examples How many examples.
 * @returns Lower and upper end, as shares.
 * @throws {RangeError} if the error is no share, or there is no example.
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
    throw new RangeError(
      `Cannot tell the interval of an error as it must be a share, 0 to 1: it is ${error}`,
    );
  }
  if (!Number.isSafeInteger(examples) || examples < 1) {
    throw new RangeError(
      `Cannot tell the interval of an error as there must be examples: their number is ${examples}`,
    );
  }
  const spread = z * z / examples;
  const middle = error + spread / 2;
  const half = z * Math.sqrt(error * (1 - error) / examples + spread / (4 * examples));
  // The ends of 0 and 1 are themselves, which rounding may miss.
  const low = error === 0 ? 0 : (middle - half) / (1 + spread);
  const high = error === 1 ? 1 : (middle + half) / (1 + spread);
  return [low, high];
}

/**
 * Whether the difference of two errors is below two standard errors of it, `2·√(p(1 − p)/n + q(1 − q)/n)`, as if both had
 * been measured on independent sets of so many examples.
 */
export function isWithinChance(one: number, other: number, examples: number): boolean {
  const variance = (error: number) => error * (1 - error) / examples;
  return Math.abs(one - other) < 2 * Math.sqrt(variance(one) + variance(other));
}
