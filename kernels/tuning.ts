/**
 * Choices between kernels that compute the same op, measured on the current adapter once per shape.
 * @module
 */

/** Amount of measuring: nothing, the costliest shapes for about ten seconds, or everything. */
export type TuningEffort = "off" | "fast" | "full";

/**
 * Measured kernel choices of an adapter. If a shape has not been measured, each variant's rule decides.
 *
 * The choice of kernels affects rounding: bitwise equal results need the same choices.
 * @example
 * ```ts
 * import { add, compile, Device, Tuning, variable } from "./mod.ts";
 * using device = await Device.request();
 * const tuning = new Tuning("fast", { "matmul {…} [64, 64] [64, 64]": "texels" });
 * const x = variable([1], [1]);
 * using _ = await compile(device, {}, () => ({ outputs: { y: add(x, 1) } }), { tuning });
 * // Keep the measured choices for the next run:
 * const known = Object.fromEntries(tuning.choices);
 * console.assert(Object.keys(known).length === 1);
 * ```
 */
export class Tuning {
  /** Fastest kernel by op, attributes and shapes: the name of a variant, or "direct". */
  readonly choices: Map<string, string>;
  /** Milliseconds spent measuring so far. */
  milliseconds = 0;

  /**
   * Creates a tuning to compile with.
   * @param effort Amount of measuring; "off" if absent.
   * @param choices Choices from earlier runs.
   */
  constructor(readonly effort: TuningEffort = "off", choices: Readonly<Record<string, string>> = {}) {
    this.choices = new Map(Object.entries(choices));
  }
}
