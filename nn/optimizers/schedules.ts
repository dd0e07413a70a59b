/**
 * Learning-rate schedules: functions of the step, computed on the host.
 * @module
 */

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
  return (step, { totalSteps }) => end + (1 - end) * (1 + Math.cos(Math.PI * step / totalSteps)) / 2;
}

/**
 * Returns the schedule `cos(arc · π · step / totalSteps)`, which FixMatch uses with 7/16 (Sohn et al. 2020).
 * @param arc Share of π at the end of the run, in [0, ½].
 * @throws {RangeError} if `arc` is out of range.
 */
export function cosineArcSchedule(arc = 7 / 16): Schedule {
  check("the arc", arc, "in [0, ½]", arc >= 0 && arc <= 0.5);
  return (step, { totalSteps }) => Math.cos(arc * Math.PI * step / totalSteps);
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
    return (step) => factor ** Math.floor(step / every);
  }
  for (const at of where.at) check("each change", at, "at a step ≥ 0", at >= 0);
  return (step) => factor ** where.at.filter((at) => step >= at).length;
}
