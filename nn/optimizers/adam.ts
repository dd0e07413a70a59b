// deno-lint-ignore-file no-non-null-assertion -- the state has these names by construction
import {
  add,
  div,
  mul,
  sqrt,
  sub,
  type Tensor,
  type Update,
  type Variable,
  variable,
} from "../../kernels/mod.ts";
import type { NamedVariables } from "../module.ts";
import { type Optimizer, type OptimizerInputs, withGradients, zerosLike } from "./optimizer.ts";

/** What {@linkcode Adam} may be told. */
export interface AdamOptions {
  /** Share of the last mean gradient that is kept, in [0, 1), or "input" where each update is told; 0.9 where absent. */
  readonly beta1?: number | "input";
  /** Share of the last mean squared gradient that is kept, in [0, 1), or "input"; 0.999 where absent. */
  readonly beta2?: number | "input";
  /** Added to the root of the mean square; 1e-8 where absent. */
  readonly epsilon?: number;
  /** Times the parameter, added to its gradient; 0 where absent. */
  readonly weightDecay?: number;
}

/**
 * Adam (Kingma & Ba 2015), as PyTorch's `optim.Adam`: `m ← β₁m + (1−β₁)g`, `v ← β₂v + (1−β₂)g²`,
 * `θ ← θ − learningRate · (m / c₁) / (√(v / c₂) + epsilon)` with `c = 1 − βᵗ` after `t` steps.
 *
 * `c` is kept as the sum of the weights that gradients have in `m` and `v`, by the very same recurrence,
 * `c ← βc + (1−β)`: what float32 makes of β cancels out, and where β changes from step to step `1 − c` is the product of
 * all so far. (TensorFlow's Adam adds epsilon to `√v` before the correction: the same but for gradients near epsilon.)
 */
export class Adam implements Optimizer {
  /** `first_moment.NAME`, `second_moment.NAME`, and the weights' sums `first_weight`, `second_weight`. */
  readonly state: NamedVariables & Readonly<Record<"first_weight" | "second_weight", Variable>>;
  readonly #parameters: NamedVariables;
  readonly #options: Required<AdamOptions>;

  /** An optimiser with moments at 0. @throws {RangeError} if an option is out of range. */
  constructor(
    parameters: NamedVariables,
    { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 }: AdamOptions = {},
  ) {
    for (const beta of [beta1, beta2]) {
      if (beta !== "input" && !(beta >= 0 && beta < 1)) {
        throw new RangeError(`Cannot optimise as Adam's betas must be in [0, 1): one is ${beta}`);
      }
    }
    for (const [name, value] of Object.entries({ epsilon, "weight decay": weightDecay })) {
      if (!(value >= 0 && value < Infinity)) {
        throw new RangeError(`Cannot optimise as the ${name} must be a number ≥ 0: it is ${value}`);
      }
    }
    this.#parameters = parameters;
    this.#options = { beta1, beta2, epsilon, weightDecay };
    this.state = {
      first_weight: variable([], [0], { name: "first_weight" }),
      second_weight: variable([], [0], { name: "second_weight" }),
      ...zerosLike("first_moment", parameters),
      ...zerosLike("second_moment", parameters),
    };
  }

  /**
   * New parameters and moments.
   * @throws {RangeError} if there is not one gradient for each parameter. @throws {TypeError} if a β that is an input is
   * not among the inputs.
   */
  update(gradients: readonly Tensor[], learningRate: Tensor, inputs: OptimizerInputs = {}): Update[] {
    const { epsilon, weightDecay } = this.#options;
    const { first_weight, second_weight } = this.state;
    const [beta1, rest1] = this.#shares("beta1", inputs), [beta2, rest2] = this.#shares("beta2", inputs);
    const firstWeight = add(mul(first_weight, beta1), rest1);
    const secondWeight = add(mul(second_weight, beta2), rest2);
    const updates = withGradients(this.#parameters, gradients).flatMap(
      ({ name, parameter, gradient }): Update[] => {
        const decayed = weightDecay > 0 ? add(gradient, mul(parameter, weightDecay)) : gradient;
        const formerFirst = this.state[`first_moment.${name}`]!;
        const formerSecond = this.state[`second_moment.${name}`]!;
        const first = add(mul(formerFirst, beta1), mul(decayed, rest1));
        const second = add(mul(formerSecond, beta2), mul(mul(decayed, decayed), rest2));
        const direction = div(div(first, firstWeight), add(sqrt(div(second, secondWeight)), epsilon));
        return [
          [formerFirst, first],
          [formerSecond, second],
          [parameter, sub(parameter, mul(learningRate, direction))],
        ];
      },
    );
    return [[first_weight, firstWeight], [second_weight, secondWeight], ...updates];
  }

  /** β and 1 − β: numbers where they are known, so that the latter is rounded once. */
  #shares(
    name: "beta1" | "beta2",
    inputs: OptimizerInputs,
  ): readonly [number, number] | readonly [Tensor, Tensor] {
    const beta = this.#options[name];
    if (beta !== "input") return [beta, 1 - beta];
    const told = inputs[name];
    if (!told) throw new TypeError(`Cannot update parameters as ${name} must be an input: it was not given`);
    return [told, sub(1, told)];
  }
}
