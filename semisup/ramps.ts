/**
 * Ramps: how weights and rates change over a training run. Lengths and positions are in any one unit, epochs or
 * steps; all results are between 0 and 1.
 * @module
 */

function check(what: string, length: number): void {
  if (!(length >= 0 && length < Infinity)) {
    throw new RangeError(`Cannot ramp ${what} as the length must be a number ≥ 0: it is ${length}`);
  }
}

/**
 * Sigmoid ramp-up: `exp(−5 (1 − clip(position, 0, length) / length)²)`; 1 where the length is 0. Weights the
 * consistency cost (Laine & Aila 2017).
 * @throws {RangeError} if the length is negative or not finite.
 * @example
 * ```ts
 * import { sigmoidRampup } from "./mod.ts";
 * console.assert(sigmoidRampup(0, 5) === Math.exp(-5));
 * console.assert(sigmoidRampup(5, 5) === 1);
 * ```
 */
export function sigmoidRampup(position: number, length: number): number {
  check("up", length);
  if (length === 0) return 1;
  const phase = 1 - Math.min(Math.max(position, 0), length) / length;
  return Math.exp(-5 * phase * phase);
}

/**
 * Linear ramp-up: `position / length` below the length, then 1. Warms the learning rate up (Goyal et al. 2017).
 * @throws {RangeError} if the length is negative or not finite.
 */
export function linearRampup(position: number, length: number): number {
  check("up", length);
  return position >= length ? 1 : Math.max(position, 0) / length;
}

/**
 * Cosine ramp-down: `½ (cos(π position / length) + 1)`, 0 from the length on (Loshchilov & Hutter 2017).
 * @throws {RangeError} if the length is not a positive number.
 */
export function cosineRampdown(position: number, length: number): number {
  check("down", length);
  if (length === 0) throw new RangeError("Cannot ramp down as the length must be above 0: it is 0");
  return (Math.cos(Math.PI * Math.min(Math.max(position, 0), length) / length) + 1) / 2;
}

/**
 * Sigmoid ramp-down: `exp(−12.5 (1 − (total − position) / length)²)` over the last `length` of `total`, 1 before.
 * @throws {RangeError} if the length is negative or not finite.
 */
export function sigmoidRampdown(position: number, length: number, total: number): number {
  check("down", length);
  const left = Math.max(total - position, 0);
  if (left >= length) return 1;
  const phase = 1 - left / length;
  return Math.exp(-12.5 * phase * phase);
}

/**
 * Step ramp: 0 before the length, 1 from it on.
 * @throws {RangeError} if the length is negative or not finite.
 */
export function stepRampup(position: number, length: number): number {
  check("up", length);
  return position >= length ? 1 : 0;
}
