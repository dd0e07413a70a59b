/**
 * Several kernels can do the same; which is fastest is measured on the adapter at hand, once for each shape.
 * @module
 */

/** How much is measured: nothing, the costliest shapes for about ten seconds, or everything. */
export type TuningEffort = "off" | "fast" | "full";

/**
 * What is known of an adapter. Where nothing is, every variant has a rule for when it should win.
 *
 * The choice of kernels decides how results are rounded: the same bits again need the same choices.
 * @example
 * ```ts
 * import { add, compile, Device, Tuning, variable } from "./mod.ts";
 * using device = await Device.request();
 * const tuning = new Tuning("fast", { "matmul {…} [64, 64] [64, 64]": "texels" });
 * const x = variable([1], [1]);
 * using _ = await compile(device, {}, () => ({ outputs: { y: add(x, 1) } }), { tuning });
 * // What was found out is kept for the next time:
 * const known = Object.fromEntries(tuning.choices);
 * console.assert(Object.keys(known).length === 1);
 * ```
 */
export class Tuning {
  /** The fastest kernel by op, attributes and shapes: the name of a variant, or "direct". */
  readonly choices: Map<string, string>;
  /** Milliseconds that measuring has taken. */
  milliseconds = 0;

  /**
   * A tuning to compile with.
   * @param effort How much is to be measured.
   * @param choices What is known already.
   */
  constructor(readonly effort: TuningEffort = "off", choices: Readonly<Record<string, string>> = {}) {
    this.choices = new Map(Object.entries(choices));
  }
}
