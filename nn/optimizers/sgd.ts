import { add, mul, sub, type Tensor, type Update } from "../../kernels/mod.ts";
import type { NamedVariables } from "../module.ts";
import { type Optimizer, pairWithGradients, zerosLike } from "./optimizer.ts";

/** Options of {@linkcode Sgd}. */
export interface SgdOptions {
  /** Decay of the velocity, in [0, 1); default 0.9. */
  readonly momentum?: number;
  /** True for Nesterov momentum (Sutskever et al. 2013); default true. */
  readonly nesterov?: boolean;
  /** L2 penalty: this factor times the parameter is added to its gradient; default 0. */
  readonly weightDecay?: number;
}

/**
 * Stochastic gradient descent with momentum, as PyTorch's `optim.SGD`: `v ← momentum·v + g` with
 * `g = gradient + weightDecay·θ`; then `θ ← θ − learningRate·(g + momentum·v)` with Nesterov momentum, else
 * `θ ← θ − learningRate·v`.
 */
export class Sgd implements Optimizer {
  /** The velocity of each parameter: `momentum.NAME`. */
  readonly state: NamedVariables;
  readonly #parameters: NamedVariables;
  readonly #options: Required<SgdOptions>;

  /**
   * Creates an optimiser with velocities at 0.
   * @throws {RangeError} if momentum or weight decay is out of range.
   */
  constructor(
    parameters: NamedVariables,
    { momentum = 0.9, nesterov = true, weightDecay = 0 }: SgdOptions = {},
  ) {
    if (!(momentum >= 0 && momentum < 1)) {
      throw new RangeError(`Cannot create Sgd: momentum must be in [0, 1), but it is ${momentum}`);
    }
    if (!(weightDecay >= 0 && weightDecay < Infinity)) {
      throw new RangeError(`Cannot create Sgd: weight decay must be a number ≥ 0, but it is ${weightDecay}`);
    }
    this.#parameters = parameters;
    this.#options = { momentum, nesterov, weightDecay };
    this.state = momentum > 0 ? zerosLike("momentum", parameters) : {};
  }

  /**
   * Returns new values of parameters and velocities.
   * @throws {RangeError} if gradients and parameters differ in number.
   */
  update(gradients: readonly Tensor[], learningRate: Tensor): Update[] {
    const { momentum, nesterov, weightDecay } = this.#options;
    return pairWithGradients(this.#parameters, gradients).flatMap(
      ({ name, parameter, gradient }): Update[] => {
        const decayed = weightDecay > 0 ? add(gradient, mul(parameter, weightDecay)) : gradient;
        const previous = this.state[`momentum.${name}`];
        if (!previous) return [[parameter, sub(parameter, mul(learningRate, decayed))]];
        const velocity = add(mul(previous, momentum), decayed);
        const direction = nesterov ? add(decayed, mul(velocity, momentum)) : velocity;
        return [[previous, velocity], [parameter, sub(parameter, mul(learningRate, direction))]];
      },
    );
  }
}
