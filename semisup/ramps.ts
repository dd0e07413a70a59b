/**
 * Ramps of weights and rates over a training run. Lengths and positions share a unit, epochs or steps; all
 * results are between 0 and 1.
 * @module
 */

function checkLength(direction: "up" | "down", length: number): void {
  if (!(length >= 0 && length < Infinity)) {
    throw new RangeError(`Cannot ramp ${direction}: the length must be a number ≥ 0, but is ${length}`);
  }
}

/**
 * Computes the sigmoid ramp-up `exp(−5 (1 − clip(position, 0, length) / length)²)`; 1 if the length is 0. It
 * scales the consistency cost (Laine & Aila 2017).
 * @throws {RangeError} if the length is negative or not finite.
 * @example
 * ```ts
 * import { sigmoidRampup } from "./mod.ts";
 * console.assert(sigmoidRampup(0, 5) === Math.exp(-5));
 * console.assert(sigmoidRampup(5, 5) === 1);
 * ```
 */
export function sigmoidRampup(position: number, length: number): number {
  checkLength("up", length);
  if (length === 0) return 1;
  const phase = 1 - Math.min(Math.max(position, 0), length) / length;
  return Math.exp(-5 * phase * phase);
}

/**
 * Computes the linear ramp-up: `position / length` up to the length, then 1. It warms up the learning rate
 * (Goyal et al. 2017).
 * @throws {RangeError} if the length is negative or not finite.
 */
export function linearRampup(position: number, length: number): number {
  checkLength("up", length);
  return position >= length ? 1 : Math.max(position, 0) / length;
}

/**
 * Computes the cosine ramp-down `½ (cos(π position / length) + 1)`, 0 from the length on (Loshchilov & Hutter
 * 2017).
 * @throws {RangeError} if the length is not a positive number.
 */
export function cosineRampdown(position: number, length: number): number {
  checkLength("down", length);
  if (length === 0) throw new RangeError("Cannot ramp down: the length must be above 0, but is 0");
  return (Math.cos(Math.PI * Math.min(Math.max(position, 0), length) / length) + 1) / 2;
}

/**
 * Computes the cosine ramp-down of FixMatch `cos(7π position / (16 length))` (Sohn et al. 2020): at the length
 * it is still 0.195.
 * @throws {RangeError} if the length is not a positive number.
 */
export function cosineArcRampdown(position: number, length: number): number {
  checkLength("down", length);
  if (length === 0) throw new RangeError("Cannot ramp down: the length must be above 0, but is 0");
  return Math.cos(7 * Math.PI * Math.min(Math.max(position, 0), length) / (16 * length));
}

/**
 * Computes the ramp-down by steps `factor ^ ⌊position / length⌋`: a drop after every length.
 * @throws {RangeError} if the length is not a positive number.
 */
export function stepRampdown(position: number, length: number, factor: number): number {
  checkLength("down", length);
  if (length === 0) throw new RangeError("Cannot ramp down: the length must be above 0, but is 0");
  return factor ** Math.floor(Math.max(position, 0) / length);
}

/**
 * Computes the sigmoid ramp-down `exp(−12.5 (1 − (total − position) / length)²)` over the last `length` of
 * `total`; 1 before.
 * @throws {RangeError} if the length is negative or not finite.
 */
export function sigmoidRampdown(position: number, length: number, total: number): number {
  checkLength("down", length);
  const left = Math.max(total - position, 0);
  if (left >= length) return 1;
  const phase = 1 - left / length;
  return Math.exp(-12.5 * phase * phase);
}

/**
 * Computes the step ramp: 0 before the length, then 1.
 * @throws {RangeError} if the length is negative or not finite.
 */
export function stepRampup(position: number, length: number): number {
  checkLength("up", length);
  return position >= length ? 1 : 0;
}
