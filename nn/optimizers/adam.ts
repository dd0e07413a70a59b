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
import { type Optimizer, type OptimizerInputs, pairWithGradients, zerosLike } from "./optimizer.ts";

/** Options of {@linkcode Adam}. */
export interface AdamOptions {
  /** Decay β₁ of the mean gradient, in [0, 1), or "input" if passed to each update; default 0.9. */
  readonly beta1?: number | "input";
  /** Decay β₂ of the mean squared gradient, in [0, 1), or "input" if passed to each update; default 0.999. */
  readonly beta2?: number | "input";
  /** Constant added to the root of the mean square; default 1e-8. */
  readonly epsilon?: number;
  /** L2 penalty: this factor times the parameter is added to its gradient; default 0. */
  readonly weightDecay?: number;
}

/**
 * Adam (Kingma & Ba 2015), as PyTorch's `optim.Adam`: `m ← β₁m + (1−β₁)g`, `v ← β₂v + (1−β₂)g²`,
 * `θ ← θ − learningRate · (m / c₁) / (√(v / c₂) + epsilon)` with `c = 1 − βᵗ` after `t` steps.
 *
 * `c` is accumulated by the recurrence of `m` and `v`, `c ← βc + (1−β)`. The rounding of β to float32 thus
 * cancels out, and `1 − c` stays the product of all β so far even if β changes from step to step.
 * (TensorFlow's Adam adds epsilon to `√v` before the correction, which differs only for gradients near
 * epsilon.)
 */
export class Adam implements Optimizer {
  /**
   * `first_moment.NAME`, `second_moment.NAME`, and the corrections c₁ `first_weight` and c₂ `second_weight`.
   */
  readonly state: NamedVariables & Readonly<Record<"first_weight" | "second_weight", Variable>>;
  readonly #parameters: NamedVariables;
  readonly #options: Required<AdamOptions>;

  /** Creates an optimiser with moments at 0. @throws {RangeError} if an option is out of range. */
  constructor(
    parameters: NamedVariables,
    { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 }: AdamOptions = {},
  ) {
    for (const beta of [beta1, beta2]) {
      if (beta !== "input" && !(beta >= 0 && beta < 1)) {
        throw new RangeError(`Cannot create Adam: betas must be in [0, 1), but one is ${beta}`);
      }
    }
    for (const [name, value] of Object.entries({ epsilon, "weight decay": weightDecay })) {
      if (!(value >= 0 && value < Infinity)) {
        throw new RangeError(`Cannot create Adam: ${name} must be a number ≥ 0, but it is ${value}`);
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
   * Returns new values of parameters and moments.
   * @throws {RangeError} if gradients and parameters differ in number. @throws {TypeError} if a β declared as
   * "input" is missing from `inputs`.
   */
  update(gradients: readonly Tensor[], learningRate: Tensor, inputs: OptimizerInputs = {}): Update[] {
    const { epsilon, weightDecay } = this.#options;
    const { first_weight, second_weight } = this.state;
    const [beta1, complement1] = this.#getBeta("beta1", inputs);
    const [beta2, complement2] = this.#getBeta("beta2", inputs);
    const firstWeight = add(mul(first_weight, beta1), complement1);
    const secondWeight = add(mul(second_weight, beta2), complement2);
    const updates = pairWithGradients(this.#parameters, gradients).flatMap(
      ({ name, parameter, gradient }): Update[] => {
        const decayed = weightDecay > 0 ? add(gradient, mul(parameter, weightDecay)) : gradient;
        const previousFirst = this.state[`first_moment.${name}`]!;
        const previousSecond = this.state[`second_moment.${name}`]!;
        const first = add(mul(previousFirst, beta1), mul(decayed, complement1));
        const second = add(mul(previousSecond, beta2), mul(mul(decayed, decayed), complement2));
        const direction = div(div(first, firstWeight), add(sqrt(div(second, secondWeight)), epsilon));
        return [
          [previousFirst, first],
          [previousSecond, second],
          [parameter, sub(parameter, mul(learningRate, direction))],
        ];
      },
    );
    return [[first_weight, firstWeight], [second_weight, secondWeight], ...updates];
  }

  /** Returns β and 1 − β, as numbers if β is constant, so that 1 − β is rounded only once. */
  #getBeta(
    name: "beta1" | "beta2",
    inputs: OptimizerInputs,
  ): readonly [number, number] | readonly [Tensor, Tensor] {
    const beta = this.#options[name];
    if (beta !== "input") return [beta, 1 - beta];
    const current = inputs[name];
    if (!current) {
      throw new TypeError(`Cannot update parameters: Adam takes ${name} as an input, but none was passed`);
    }
    return [current, sub(1, current)];
  }
}
