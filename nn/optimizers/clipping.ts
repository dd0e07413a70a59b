/**
 * Clipping of gradients by their global norm, as a step before any optimiser.
 * @module
 */
import { add, constant, div, minimum, mul, sqrt, sum, type Tensor, type Update } from "../../kernels/mod.ts";
import type { NamedVariables } from "../module.ts";
import type { Optimizer, OptimizerInputs } from "./optimizer.ts";

/** Gradients after clipping, and their norm before. */
export interface ClippedGradients {
  /** Gradients in the order given, all scaled by the same factor. */
  readonly gradients: readonly Tensor[];
  /** float32 scalar: the norm of all gradients together before clipping. */
  readonly norm: Tensor;
}

/** Throws unless a limit is a number above 0. */
function checkLimit(limit: number): void {
  if (!(limit > 0 && limit < Infinity)) {
    throw new RangeError(`Cannot clip gradients: the largest norm must be a number > 0, but it is ${limit}`);
  }
}

/**
 * Scales gradients so that their global norm is at most `limit`, as PyTorch's `clip_grad_norm_`:
 * `g · min(1, limit / (norm + 1e-6))` with `norm = √Σ g²` over all elements of all gradients.
 * @param gradients float32, any shapes.
 * @throws {RangeError} if the limit is not a number above 0.
 */
export function clipByGlobalNorm(gradients: readonly Tensor[], limit: number): ClippedGradients {
  checkLimit(limit);
  const squares = gradients.map((gradient) => sum(mul(gradient, gradient)));
  const norm = sqrt(squares.reduce((total, square) => add(total, square), constant(0)));
  const factor = minimum(1, div(limit, add(norm, 1e-6)));
  return { gradients: gradients.map((gradient) => mul(gradient, factor)), norm };
}

/**
 * Optimiser that clips gradients by their global norm before another optimiser uses them.
 * @example
 * ```ts
 * import { variable } from "../../kernels/mod.ts";
 * import { AdamW, ClippingOptimizer } from "../mod.ts";
 * const weight = variable([2], [1, 2]);
 * const optimizer = new ClippingOptimizer(new AdamW({ weight }), 1);
 * console.assert(optimizer.update([variable([2], [30, 40])], variable([], [0.1])).length === 5);
 * ```
 */
export class ClippingOptimizer implements Optimizer {
  /** State of the other optimiser. */
  readonly state: NamedVariables;
  readonly #optimizer: Optimizer;
  readonly #limit: number;

  /**
   * Wraps an optimiser.
   * @param limit Largest norm of all gradients together.
   * @throws {RangeError} if the limit is not a number above 0.
   */
  constructor(optimizer: Optimizer, limit: number) {
    checkLimit(limit);
    this.#optimizer = optimizer;
    this.#limit = limit;
    this.state = optimizer.state;
  }

  /** Returns the updates of the other optimiser for the clipped gradients. @throws like that optimiser. */
  update(gradients: readonly Tensor[], learningRate: Tensor, inputs: OptimizerInputs = {}): Update[] {
    const clipped = clipByGlobalNorm(gradients, this.#limit);
    return this.#optimizer.update(clipped.gradients, learningRate, inputs);
  }
}
