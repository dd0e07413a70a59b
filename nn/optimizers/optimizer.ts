/**
 * What an optimiser is: state beside the parameters, and their new values as lazy tensors, so that the update is
 * part of the compiled training step.
 * @module
 */
import { sizeOf, type Tensor, type Update, type Variable, variable } from "../../kernels/mod.ts";
import type { NamedVariables } from "../module.ts";

/** Scalars of a step that an optimiser was made to be told. */
export interface OptimizerInputs {
  /** Adam's β₁ of this step: a float32 scalar. */
  readonly beta1?: Tensor;
  /** Adam's β₂ of this step: a float32 scalar. */
  readonly beta2?: Tensor;
}

/** Moves parameters along their gradients. */
export interface Optimizer {
  /** What it remembers from step to step, by name. */
  readonly state: NamedVariables;
  /**
   * New values of the parameters and of the state.
   * @param gradients One for each parameter, in their order.
   * @param learningRate A float32 scalar.
   * @param inputs What else changes from step to step; only what the optimiser was made to be told counts.
   */
  update(gradients: readonly Tensor[], learningRate: Tensor, inputs?: OptimizerInputs): Update[];
}

/** Zeros shaped as each parameter, named `KIND.PARAMETER`. */
export function zerosLike(kind: string, parameters: NamedVariables): NamedVariables {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, { shape }]) => {
      const label = `${kind}.${name}`;
      return [label, variable(shape, new Float32Array(sizeOf(shape)), { name: label })];
    }),
  );
}

/** Parameters with their gradients. @throws {RangeError} if there is not one gradient for each. */
export function withGradients(
  parameters: NamedVariables,
  gradients: readonly Tensor[],
): { name: string; parameter: Variable; gradient: Tensor }[] {
  const entries = Object.entries(parameters);
  if (entries.length !== gradients.length) {
    throw new RangeError(
      `Cannot update parameters as each needs a gradient: parameters are ${entries.length}, gradients ${gradients.length}`,
    );
  }
  // deno-lint-ignore no-non-null-assertion -- in range by construction
  return entries.map(([name, parameter], i) => ({ name, parameter, gradient: gradients[i]! }));
}
