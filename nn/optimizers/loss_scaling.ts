/**
 * Loss scaling for gradients that are stored in float16.
 * @module
 */
import {
  add,
  constant,
  div,
  equal,
  finite,
  greater,
  maximum,
  minimum,
  mul,
  sub,
  sum,
  type Tensor,
  type Update,
  type Variable,
  variable,
  where,
} from "../../kernels/mod.ts";
import type { NamedVariables } from "../module.ts";
import type { Optimizer, OptimizerInputs } from "./optimizer.ts";

/** Options of {@linkcode LossScalingOptimizer}. */
export interface LossScalingOptions {
  /** Initial factor of the cost; default 2¹⁶. */
  readonly initialScale?: number;
  /** Steps without overflow after which the factor doubles; default 2000. */
  readonly growthSteps?: number;
}

/** Largest factor of the cost. */
const largestScale = 2 ** 24;

/**
 * Optimiser with dynamic loss scaling (Micikevicius et al. 2018), as PyTorch's `GradScaler`: gradients must be those
 * of the cost times `lossScale`, so that small ones do not vanish in float16. If a gradient is infinite or not a
 * number, the step is skipped and the factor halves, down to 1; after `growthSteps` steps without overflow in a row
 * the factor doubles. All of this happens on the device. Factors are powers of two, so that scaling rounds nothing.
 */
export class LossScalingOptimizer implements Optimizer {
  /** State of the other optimiser, and `loss_scale`, `good_steps` and `skipped_steps`. */
  readonly state: NamedVariables;
  /** Factor of the cost whose gradients {@linkcode LossScalingOptimizer.update} takes. */
  readonly lossScale: Variable;
  /** Number of skipped steps so far. */
  readonly skippedSteps: Variable;
  readonly #goodSteps: Variable;
  readonly #optimizer: Optimizer;
  readonly #growthSteps: number;

  /**
   * Wraps an optimiser.
   * @throws {RangeError} unless the scale is a power of two from 1 to 2²⁴ and the number of steps is at least 1.
   */
  constructor(
    optimizer: Optimizer,
    { initialScale = 2 ** 16, growthSteps = 2000 }: LossScalingOptions = {},
  ) {
    if (!(initialScale >= 1 && initialScale <= largestScale && Number.isInteger(Math.log2(initialScale)))) {
      throw new RangeError(
        `Cannot scale the cost: the factor must be a power of two from 1 to 2^24, but is ${initialScale}`,
      );
    }
    if (!(Number.isSafeInteger(growthSteps) && growthSteps >= 1)) {
      throw new RangeError(
        `Cannot scale the cost: the steps before growth must be a whole number ≥ 1, but are ${growthSteps}`,
      );
    }
    this.#optimizer = optimizer;
    this.#growthSteps = growthSteps;
    this.lossScale = variable([], [initialScale], { name: "loss_scale" });
    this.#goodSteps = variable([], [0], { name: "good_steps" });
    this.skippedSteps = variable([], [0], { name: "skipped_steps" });
    this.state = {
      ...optimizer.state,
      loss_scale: this.lossScale,
      good_steps: this.#goodSteps,
      skipped_steps: this.skippedSteps,
    };
  }

  /**
   * Returns the updates of the other optimiser for the gradients divided by `lossScale`, or unchanged values if a
   * gradient is not finite.
   * @throws {RangeError} unless the gradients depend on `lossScale`. @throws like the other optimiser.
   */
  update(gradients: readonly Tensor[], learningRate: Tensor, inputs: OptimizerInputs = {}): Update[] {
    if (!dependsOn(gradients, this.lossScale)) {
      throw new RangeError(
        "Cannot update parameters: gradients must be those of the cost times the optimiser's lossScale, but do not depend on it. Use networkUpdates, or multiply the cost.",
      );
    }
    // Last layers first, in the order of the backward pass, so that their operands are not needed any longer.
    const unusable = gradients.toReversed().map((gradient) => sum(sub(1, finite(gradient))));
    const isUsable = equal(unusable.reduce((total, count) => add(total, count), constant(0)), 0);
    const factor = div(1, this.lossScale);
    const updates = this.#optimizer.update(
      gradients.map((gradient) => mul(gradient, factor)),
      learningRate,
      inputs,
    );
    return [
      ...updates.map(([each, value]): Update => [each, where(isUsable, value, each)]),
      ...this.#scaleUpdates(isUsable),
    ];
  }

  /** Returns the updates of the factor and the counts. */
  #scaleUpdates(isUsable: Tensor): Update[] {
    const steps = add(this.#goodSteps, 1), mustGrow = greater(steps, this.#growthSteps - 0.5);
    const doubled = minimum(mul(this.lossScale, 2), largestScale);
    const halved = maximum(mul(this.lossScale, 0.5), 1);
    return [
      [this.lossScale, where(isUsable, where(mustGrow, doubled, this.lossScale), halved)],
      [this.#goodSteps, where(isUsable, where(mustGrow, 0, steps), 0)],
      [this.skippedSteps, add(this.skippedSteps, sub(1, isUsable))],
    ];
  }
}

/** Returns whether a tensor is computed from `source`. */
function dependsOn(roots: readonly Tensor[], source: Tensor): boolean {
  const seen = new Set<Tensor>(roots);
  // A set is visited in the order of insertion, additions during the visit included.
  for (const node of seen) node.inputs.forEach((input) => seen.add(input));
  return seen.has(source);
}
