/**
 * Ramps of weights and rates over a training run, and schedules of the learning rate made from them. Lengths and
 * positions share a unit, epochs or steps; all results of ramps are between 0 and 1.
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
 * Computes the cosine ramp-down of FixMatch `cos(arc π position / length)` (Sohn et al. 2020).
 * @param arc Share of π at the length; by default 7/16, where the ramp-down is still 0.195.
 * @throws {RangeError} if the length is not a positive number.
 */
export function cosineArcRampdown(position: number, length: number, arc = 7 / 16): number {
  checkLength("down", length);
  if (length === 0) throw new RangeError("Cannot ramp down: the length must be above 0, but is 0");
  return Math.cos(arc * Math.PI * Math.min(Math.max(position, 0), length) / length);
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

/** Length of a run, for schedules. */
export interface ScheduledRun {
  /** Number of steps of the whole run. */
  readonly totalSteps: number;
  /** Number of steps in an epoch. */
  readonly stepsPerEpoch: number;
}

/**
 * Factor of the learning rate at a step.
 * @param step Counted from 0.
 * @param run Length of the run.
 */
export type Schedule = (step: number, run: ScheduledRun) => number;

/** Returns the schedule that is always 1. */
export function constantSchedule(): Schedule {
  return () => 1;
}

/** Throws unless a number is in its range. */
function check(what: string, value: number, range: string, isWithin: boolean): void {
  if (!isWithin) throw new RangeError(`Cannot make a schedule: ${what} must be ${range}, but it is ${value}`);
}

/**
 * Returns the schedule `end + (1 − end) · (1 + cos(π · step / totalSteps)) / 2` (Loshchilov & Hutter 2017,
 * without restarts; PyTorch's `CosineAnnealingLR`).
 * @param end Factor at the end of the run, in [0, 1].
 * @throws {RangeError} if `end` is out of range.
 */
export function cosineSchedule(end = 0): Schedule {
  check("the end", end, "in [0, 1]", end >= 0 && end <= 1);
  return (step, { totalSteps }) => end + (1 - end) * cosineRampdown(step, totalSteps);
}

/**
 * Returns the schedule `cos(arc · π · step / totalSteps)`, which FixMatch uses with 7/16 (Sohn et al. 2020).
 * @param arc Share of π at the end of the run, in [0, ½].
 * @throws {RangeError} if `arc` is out of range.
 */
export function cosineArcSchedule(arc = 7 / 16): Schedule {
  check("the arc", arc, "in [0, ½]", arc >= 0 && arc <= 0.5);
  return (step, { totalSteps }) => cosineArcRampdown(step, totalSteps, arc);
}

/**
 * Returns the schedule that is multiplied by `factor` after each interval of `every` steps, or `at` each of
 * the steps given (PyTorch's `StepLR` and `MultiStepLR`).
 * @param factor Above 0, at most 1; 0.1 by default.
 * @throws {RangeError} if a number is out of range.
 */
export function stepSchedule(
  where: { readonly every: number } | { readonly at: readonly number[] },
  factor = 0.1,
): Schedule {
  check("the factor", factor, "above 0 and at most 1", factor > 0 && factor <= 1);
  if ("every" in where) {
    const { every } = where;
    check("the interval", every, "a whole number of steps ≥ 1", Number.isSafeInteger(every) && every >= 1);
    return (step) => stepRampdown(step, every, factor);
  }
  for (const at of where.at) check("each change", at, "at a step ≥ 0", at >= 0);
  return (step) => factor ** where.at.filter((at) => step >= at).length;
}
