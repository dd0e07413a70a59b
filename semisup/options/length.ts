/**
 * Durations of a training run, in epochs or in steps.
 * @module
 */

/**
 * A duration of training: a number of epochs, which may be a fraction, or whole steps as in `"4000steps"`.
 */
export type Length = number | `${number}steps`;

/** Returns whether a value is a length of at least 0. */
export function isLength(value: unknown): value is Length {
  return typeof value === "string"
    ? /^\d+steps$/.test(value)
    : typeof value === "number" && value >= 0 && value < Infinity;
}

/** Splits a length into its number and its unit. */
export function parseLength(length: Length): { readonly count: number; readonly unit: "epochs" | "steps" } {
  return typeof length === "number"
    ? { count: length, unit: "epochs" }
    : { count: parseInt(length), unit: "steps" };
}

/** Converts a length to steps; the result may be a fraction if the length is in epochs. */
export function stepsIn(length: Length, stepsPerEpoch: number): number {
  const { count, unit } = parseLength(length);
  return unit === "steps" ? count : count * stepsPerEpoch;
}
