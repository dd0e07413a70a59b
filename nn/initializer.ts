/**
 * Initial values of weights, from a seed: the same on every machine.
 * @module
 */
import { hostNormal, hostUniform, type Shape, sizeOf, type Variable, variable } from "../kernels/mod.ts";

/** The step at which initial values are drawn: one that no training reaches. */
const initialStep = 0xffff_ffff;

/**
 * Draws initial values, one stream of random numbers after the other: networks built alike from the same seed
 * start alike.
 */
export class Initializer {
  readonly #seed: number | null;
  #streams = 0;

  /**
   * Starts at the first stream.
   * @param seed uint32; null draws nothing and gives zeros, for networks whose weights are loaded, as drawing those of large
   * ones takes seconds.
   */
  constructor(seed: number | null) {
    this.#seed = seed;
  }

  /** Values from N(0, `standardDeviation`²). */
  normal(name: string, shape: Shape, standardDeviation: number): Variable {
    if (this.#seed === null) return this.constant(name, shape, 0);
    const values = hostNormal([this.#seed, initialStep], this.#streams++, sizeOf(shape));
    return variable(shape, values.map((value) => value * standardDeviation), { name });
  }

  /** Values from U(−`bound`, `bound`). */
  uniform(name: string, shape: Shape, bound: number): Variable {
    if (this.#seed === null) return this.constant(name, shape, 0);
    const values = hostUniform([this.#seed, initialStep], this.#streams++, sizeOf(shape));
    return variable(shape, values.map((value) => (2 * value - 1) * bound), { name });
  }

  /** One value everywhere. */
  constant(name: string, shape: Shape, value: number): Variable {
    return variable(shape, new Float32Array(sizeOf(shape)).fill(value), { name });
  }
}
