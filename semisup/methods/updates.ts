/**
 * The end of every method's step.
 * @module
 */
import { constant, type Tensor, type Update, vjp } from "../../kernels/mod.ts";
import type { ForwardContext } from "../../nn/mod.ts";
import type { Algorithm, Hyperparameters } from "../algorithm.ts";
import { partOfCost, sumOverBatch } from "../distributed/shared_step.ts";
import { emaUpdates } from "../ema.ts";

/**
 * Returns all new values of a step: running statistics of its passes, the student's parameters after a step of the
 * optimiser on the cost's gradients, and the teacher's moving average of them. If processes share the batch, the
 * gradients are those of the whole batch.
 */
export function networkUpdates(
  { student, teacher, optimizer }: Algorithm,
  cost: Tensor,
  hyperparameters: Hyperparameters<Tensor>,
  context: ForwardContext,
): Update[] {
  const { lossScale = constant(1) } = optimizer;
  const own = vjp(cost, partOfCost(lossScale, context), Object.values(student.parameters));
  const gradients = own.map((gradient) => sumOverBatch(gradient, context));
  const updates = optimizer.update(gradients, hyperparameters.learningRate, hyperparameters);
  const averages = emaUpdates(teacher.parameters, student.parameters, updates, hyperparameters.emaDecay);
  return [...context.updates, ...updates, ...averages];
}
