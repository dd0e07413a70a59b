/**
 * Initial values of weights, drawn from a seed and the same on every machine.
 * @module
 */
import { hostNormal, hostUniform, type Shape, sizeOf, type Variable, variable } from "../kernels/mod.ts";

/** Step number used to draw initial values; no training reaches this step. */
const initialStep = 0xffff_ffff;

/**
 * A source of initial values. Each variable has its own stream of random numbers: the same seed and the same
 * order of calls give the same values.
 */
export class Initializer {
  readonly #seed: number | null;
  #streams = 0;

  /**
   * Creates a source that starts at the first stream.
   * @param seed uint32, or null for zeros instead of random values. Use null for networks whose weights are
   * loaded, since drawing the weights of large networks takes seconds.
   */
  constructor(seed: number | null) {
    this.#seed = seed;
  }

  /** Returns a variable with values from N(0, `standardDeviation`²). */
  normal(name: string, shape: Shape, standardDeviation: number): Variable {
    if (this.#seed === null) return zeros(name, shape);
    const values = hostNormal([this.#seed, initialStep], this.#streams++, sizeOf(shape));
    return variable(shape, values.map((value) => value * standardDeviation), { name });
  }

  /** Returns a variable with values from U(−`bound`, `bound`). */
  uniform(name: string, shape: Shape, bound: number): Variable {
    if (this.#seed === null) return zeros(name, shape);
    const values = hostUniform([this.#seed, initialStep], this.#streams++, sizeOf(shape));
    return variable(shape, values.map((value) => (2 * value - 1) * bound), { name });
  }

  /** Returns a variable whose elements all are `value`. */
  constant(name: string, shape: Shape, value: number): Variable {
    return variable(shape, new Float32Array(sizeOf(shape)).fill(value), { name });
  }
}

/** Returns a variable of zeros that takes no memory until it is read. */
function zeros(name: string, shape: Shape): Variable {
  return variable(shape, () => new Float32Array(sizeOf(shape)), { name });
}
