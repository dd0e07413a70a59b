/**
 * Figures as text.
 * @module
 */
import { errorInterval } from "../../semisup/mod.ts";

/** Returns a share as a percentage. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

/** Returns a probability as a whole percentage; no network is quite sure, so none is 0 or 100 %. */
export function wholePercent(probability: number): string {
  return probability < 0.005 ? "<1 %" : `${Math.min(99, Math.round(100 * probability))} %`;
}

/** Returns a time such as `4 min 05 s`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  if (hours > 0) return `${hours} h ${String(minutes).padStart(2, "0")} min`;
  return `${minutes} min ${String(whole % 60).padStart(2, "0")} s`;
}

/** Smallest number of examples for which the interval of an error is left out; it is then 1 to 4 points wide. */
const manyExamples = 2000;

/** An error on some examples. */
export interface TestError {
  /** Share of wrong predictions. */
  readonly testError: number;
  /** Number of examples. */
  readonly examples: number;
}

/** Returns the 95 % interval of an error in per cent, as `12.3 to 37.5`; null for 2000 examples and more. */
export function intervalText({ testError, examples }: TestError): string | null {
  if (examples >= manyExamples) return null;
  return errorInterval(testError, examples).map((share) => (100 * share).toFixed(1)).join(" to ");
}

/** Returns an error as a percentage, for fewer than 2000 examples with its 95 % interval: `22.5 % (12.3 to 37.5 %)`. */
export function errorText(error: TestError): string {
  const interval = intervalText(error);
  return interval === null
    ? percent(error.testError)
    : `${(100 * error.testError).toFixed(1)} % (${interval} %)`;
}

/** Returns the figures of a test with the 95 % interval of its error, as shares. */
export function withInterval<E extends TestError>(figures: E): E & { readonly interval: readonly number[] } {
  return { ...figures, interval: errorInterval(figures.testError, figures.examples) };
}

/** Abbreviations and symbols in names. */
const symbols: Readonly<Record<string, string>> = { ema: "EMA", beta1: "β₁", beta2: "β₂" };

/** Returns a name in words: `logitDistance` is "logit distance", `emaDecay` "EMA decay". */
export function wordsOf(name: string): string {
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).split(" ");
  return words.map((word) => symbols[word] ?? word).join(" ");
}

/** Returns a text with a capital first letter. */
export function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
