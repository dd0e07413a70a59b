/**
 * The interface of optimisers. An optimiser returns new values of parameters and state as lazy tensors, so
 * that the update becomes part of the compiled training step.
 * @module
 */
import { sizeOf, type Tensor, type Update, type Variable, variable } from "../../kernels/mod.ts";
import type { NamedVariables } from "../module.ts";

/** Scalars of one step, for optimisers whose options declare them as inputs. */
export interface OptimizerInputs {
  /** Adam's β₁ in this step: a float32 scalar. */
  readonly beta1?: Tensor;
  /** Adam's β₂ in this step: a float32 scalar. */
  readonly beta2?: Tensor;
}

/** An algorithm that updates parameters from their gradients. */
export interface Optimizer {
  /** Variables kept from step to step, such as moments, by name. */
  readonly state: NamedVariables;
  /** Factor of the cost whose gradients `update` takes, a float32 scalar; if absent, 1. */
  readonly lossScale?: Variable;
  /** Number of steps that the optimiser skipped so far, a float32 scalar; absent if it skips none. */
  readonly skippedSteps?: Variable;
  /**
   * Returns new values of the parameters and of the state.
   * @param gradients One gradient per parameter, in the order of the parameters.
   * @param learningRate A float32 scalar.
   * @param inputs Other scalars of this step; scalars that the optimiser's options do not declare are
   * ignored.
   */
  update(gradients: readonly Tensor[], learningRate: Tensor, inputs?: OptimizerInputs): Update[];
}

/** Returns a variable of zeros for each parameter, of its shape, named `KIND.PARAMETER`. */
export function zerosLike(kind: string, parameters: NamedVariables): NamedVariables {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, { shape }]) => {
      const label = `${kind}.${name}`;
      return [label, variable(shape, new Float32Array(sizeOf(shape)), { name: label })];
    }),
  );
}

/**
 * Pairs parameters with their gradients.
 * @throws {RangeError} if parameters and gradients differ in number.
 */
export function pairWithGradients(
  parameters: NamedVariables,
  gradients: readonly Tensor[],
): { name: string; parameter: Variable; gradient: Tensor }[] {
  const entries = Object.entries(parameters);
  if (entries.length !== gradients.length) {
    throw new RangeError(
      `Cannot update parameters: each parameter needs a gradient, but there are ${entries.length} parameters and ${gradients.length} gradients`,
    );
  }
  // deno-lint-ignore no-non-null-assertion -- in range by construction
  return entries.map(([name, parameter], i) => ({ name, parameter, gradient: gradients[i]! }));
}
