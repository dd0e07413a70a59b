/**
 * Figures as they are told.
 * @module
 */
import { errorInterval } from "../../semisup/mod.ts";

/** A share as a percentage. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

/** A time such as `4 min 05 s`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  if (hours > 0) return `${hours} h ${String(minutes).padStart(2, "0")} min`;
  return `${minutes} min ${String(whole % 60).padStart(2, "0")} s`;
}

/** Examples from which on an error is told without its interval, which then is 1 to 4 points wide. */
const manyExamples = 2000;

/** An error and what it is of. */
export interface TestError {
  /** A share. */
  readonly testError: number;
  /** How many examples. */
  readonly examples: number;
}

/** The 95 % interval of an error of fewer than 2000 examples, as `12.3 to 37.5`, in per cent; null of more. */
export function intervalText({ testError, examples }: TestError): string | null {
  if (examples >= manyExamples) return null;
  return errorInterval(testError, examples).map((share) => (100 * share).toFixed(1)).join(" to ");
}

/** An error as a percentage, of fewer than 2000 examples with its 95 % interval: `22.5 % (12.3 to 37.5 %)`. */
export function errorText(error: TestError): string {
  const interval = intervalText(error);
  return interval === null
    ? percent(error.testError)
    : `${(100 * error.testError).toFixed(1)} % (${interval} %)`;
}

/** Figures of a test with the 95 % interval of its error, as shares. */
export function withInterval<E extends TestError>(figures: E): E & { readonly interval: readonly number[] } {
  return { ...figures, interval: errorInterval(figures.testError, figures.examples) };
}
