/**
 * Lengths of training, in epochs or in steps.
 * @module
 */

/** A length of training: a number of epochs, which may be a fraction, or whole steps as in `"4000steps"`. */
export type Length = number | `${number}steps`;

/** Whether a value is a length of at least 0. */
export function isLength(value: unknown): value is Length {
  return typeof value === "string"
    ? /^\d+steps$/.test(value)
    : typeof value === "number" && value >= 0 && value < Infinity;
}

/** How many epochs or steps a length has. */
export function unitsOf(length: Length): { readonly count: number; readonly unit: "epochs" | "steps" } {
  return typeof length === "number"
    ? { count: length, unit: "epochs" }
    : { count: parseInt(length), unit: "steps" };
}

/** Steps of a length, with a fraction where its epochs are no whole number of them. */
export function stepsIn(length: Length, stepsPerEpoch: number): number {
  const { count, unit } = unitsOf(length);
  return unit === "steps" ? count : count * stepsPerEpoch;
}
