/**
 * Two learning rates in one run.
 * @module
 */
import { mul, type Tensor, type Update } from "../../kernels/mod.ts";
import type { NamedVariables } from "../module.ts";
import type { Optimizer, OptimizerInputs } from "./optimizer.ts";

/**
 * Optimiser with a lower learning rate for some of the parameters: both groups have an optimiser of their own,
 * as PyTorch's parameter groups.
 * @example
 * ```ts
 * import { variable } from "../../kernels/mod.ts";
 * import { GroupedOptimizer, Sgd } from "../mod.ts";
 * const parameters = { "conv.weight": variable([2], [1, 2]), "fc.weight": variable([2], [3, 4]) };
 * const isSlow = (name: string) => name.startsWith("conv.");
 * const optimizer = new GroupedOptimizer(parameters, isSlow, 0.1, (group) => new Sgd(group));
 * console.assert("slow.momentum.conv.weight" in optimizer.state);
 * ```
 */
export class GroupedOptimizer implements Optimizer {
  /** State of both optimisers; names of the slow group's begin with `slow.`. */
  readonly state: NamedVariables;
  readonly #isSlow: readonly boolean[];
  readonly #factor: number;
  readonly #slow: Optimizer;
  readonly #usual: Optimizer;

  /**
   * Creates both optimisers.
   * @param isSlow Returns whether the parameter of a name has the lower learning rate.
   * @param factor Factor of the learning rate of the slow group, above 0.
   * @param create Creates the optimiser of a group.
   * @throws {RangeError} if the factor is not a number above 0.
   */
  constructor(
    parameters: NamedVariables,
    isSlow: (name: string) => boolean,
    factor: number,
    create: (group: NamedVariables) => Optimizer,
  ) {
    if (!(factor > 0 && factor < Infinity)) {
      throw new RangeError(
        `Cannot group parameters: the factor of the learning rate must be a number > 0, but it is ${factor}`,
      );
    }
    const names = Object.keys(parameters);
    this.#isSlow = names.map(isSlow);
    this.#factor = factor;
    const groupOf = (wanted: boolean) =>
      Object.fromEntries(Object.entries(parameters).filter((_, i) => this.#isSlow[i] === wanted));
    this.#slow = create(groupOf(true));
    this.#usual = create(groupOf(false));
    this.state = {
      ...Object.fromEntries(
        Object.entries(this.#slow.state).map(([name, variable]) => [`slow.${name}`, variable]),
      ),
      ...this.#usual.state,
    };
  }

  /** Returns the updates of both optimisers. @throws like them. */
  update(gradients: readonly Tensor[], learningRate: Tensor, inputs: OptimizerInputs = {}): Update[] {
    const of = (wanted: boolean) => gradients.filter((_, i) => (this.#isSlow[i] ?? false) === wanted);
    return [
      ...this.#slow.update(of(true), mul(learningRate, this.#factor), inputs),
      ...this.#usual.update(of(false), learningRate, inputs),
    ];
  }
}
