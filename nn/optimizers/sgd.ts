import { add, mul, sub, type Tensor, type Update } from "../../kernels/mod.ts";
import type { NamedVariables } from "../module.ts";
import { type Optimizer, withGradients, zerosLike } from "./optimizer.ts";

/** What {@linkcode Sgd} may be told. */
export interface SgdOptions {
  /** Share of the last velocity that is kept, in [0, 1); 0.9 where absent. */
  readonly momentum?: number;
  /** Whether to step along where the velocity leads next (Sutskever et al. 2013); it does where absent. */
  readonly nesterov?: boolean;
  /** Times the parameter, added to its gradient; 0 where absent. */
  readonly weightDecay?: number;
}

/**
 * Stochastic gradient descent with momentum, as PyTorch's `optim.SGD`: `v ← momentum·v + g`,
 * `θ ← θ − learningRate·(g + momentum·v)`, or `θ − learningRate·v` without Nesterov's correction, where
 * `g = gradient + weightDecay·θ`.
 */
export class Sgd implements Optimizer {
  /** The velocity of each parameter: `momentum.NAME`. */
  readonly state: NamedVariables;
  readonly #parameters: NamedVariables;
  readonly #options: Required<SgdOptions>;

  /** An optimiser with velocities at 0. @throws {RangeError} if momentum or weight decay is out of range. */
  constructor(
    parameters: NamedVariables,
    { momentum = 0.9, nesterov = true, weightDecay = 0 }: SgdOptions = {},
  ) {
    if (!(momentum >= 0 && momentum < 1)) {
      throw new RangeError(`Cannot optimise as the momentum must be in [0, 1): it is ${momentum}`);
    }
    if (!(weightDecay >= 0 && weightDecay < Infinity)) {
      throw new RangeError(`Cannot optimise as the weight decay must be a number ≥ 0: it is ${weightDecay}`);
    }
    this.#parameters = parameters;
    this.#options = { momentum, nesterov, weightDecay };
    this.state = momentum > 0 ? zerosLike("momentum", parameters) : {};
  }

  /** New parameters and velocities. @throws {RangeError} if there is not one gradient for each parameter. */
  update(gradients: readonly Tensor[], learningRate: Tensor): Update[] {
    const { momentum, nesterov, weightDecay } = this.#options;
    return withGradients(this.#parameters, gradients).flatMap(({ name, parameter, gradient }): Update[] => {
      const decayed = weightDecay > 0 ? add(gradient, mul(parameter, weightDecay)) : gradient;
      const former = this.state[`momentum.${name}`];
      if (!former) return [[parameter, sub(parameter, mul(learningRate, decayed))]];
      const velocity = add(mul(former, momentum), decayed);
      const direction = nesterov ? add(decayed, mul(velocity, momentum)) : velocity;
      return [[former, velocity], [parameter, sub(parameter, mul(learningRate, direction))]];
    });
  }
}
