import { mul, sub, type Tensor, type Update } from "../../kernels/mod.ts";
import type { NamedVariables } from "../module.ts";
import { Adam, type AdamOptions } from "./adam.ts";
import type { Optimizer, OptimizerInputs } from "./optimizer.ts";

/**
 * AdamW (Loshchilov & Hutter 2019), as PyTorch's `optim.AdamW`: a step of {@linkcode Adam} whose weight decay is not part of
 * the gradient, `θ ← θ − learningRate · weightDecay · θ − learningRate · (m / c₁) / (√(v / c₂) + epsilon)`. It decays all
 * parameters, biases included.
 */
export class AdamW implements Optimizer {
  /** State of {@linkcode Adam}. */
  readonly state: Adam["state"];
  readonly #adam: Adam;
  readonly #parameters: ReadonlySet<unknown>;
  readonly #weightDecay: number;

  /**
   * Creates an optimiser with moments at 0.
   * @param options Those of Adam; `weightDecay` is 0.01 if absent.
   * @throws {RangeError} if an option is out of range.
   */
  constructor(parameters: NamedVariables, { weightDecay = 0.01, ...options }: AdamOptions = {}) {
    if (!(weightDecay >= 0 && weightDecay < Infinity)) {
      throw new RangeError(
        `Cannot optimise with AdamW: the weight decay must be a number ≥ 0, but it is ${weightDecay}`,
      );
    }
    this.#adam = new Adam(parameters, options);
    this.#parameters = new Set(Object.values(parameters));
    this.#weightDecay = weightDecay;
    this.state = this.#adam.state;
  }

  /**
   * Returns new parameters and moments.
   * @throws {RangeError} if the number of gradients is not that of the parameters. @throws {TypeError} if a β that is an
   * input is missing.
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
