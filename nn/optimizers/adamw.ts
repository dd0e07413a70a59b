import { mul, sub, type Tensor, type Update } from "../../kernels/mod.ts";
import type { NamedVariables } from "../module.ts";
import { Adam, type AdamOptions } from "./adam.ts";
import type { Optimizer, OptimizerInputs } from "./optimizer.ts";

/**
 * AdamW (Loshchilov & Hutter 2019), as PyTorch's `optim.AdamW`: {@linkcode Adam} with a weight decay that is
 * not part of the gradient, `θ ← θ − learningRate · (weightDecay · θ + (m / c₁) / (√(v / c₂) + epsilon))`. All
 * parameters decay, biases included.
 */
export class AdamW implements Optimizer {
  /** State of {@linkcode Adam}. */
  readonly state: Adam["state"];
  readonly #adam: Adam;
  readonly #parameters: ReadonlySet<unknown>;
  readonly #weightDecay: number;

  /**
   * Creates an optimiser with moments at 0.
   * @param options Those of Adam, but `weightDecay` is decoupled and 0.01 by default.
   * @throws {RangeError} if an option is out of range.
   */
  constructor(parameters: NamedVariables, { weightDecay = 0.01, ...options }: AdamOptions = {}) {
    if (!(weightDecay >= 0 && weightDecay < Infinity)) {
      throw new RangeError(
        `Cannot create AdamW: weight decay must be a number ≥ 0, but it is ${weightDecay}`,
      );
    }
    this.#adam = new Adam(parameters, options);
    this.#parameters = new Set(Object.values(parameters));
    this.#weightDecay = weightDecay;
    this.state = this.#adam.state;
  }

  /**
   * Returns new parameters and moments.
   * @throws {RangeError} if gradients and parameters differ in number. @throws {TypeError} if a β declared as
   * "input" is missing from `inputs`.
   */
  update(gradients: readonly Tensor[], learningRate: Tensor, inputs: OptimizerInputs = {}): Update[] {
    const updates = this.#adam.update(gradients, learningRate, inputs);
    if (this.#weightDecay === 0) return updates;
    const share = mul(learningRate, this.#weightDecay);
    return updates.map(([variable, value]): Update =>
      this.#parameters.has(variable) ? [variable, sub(value, mul(share, variable))] : [variable, value]
    );
  }
}
