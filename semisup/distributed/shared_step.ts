/**
 * Costs and gradients of a step whose batch several processes share.
 * @module
 */
import { mul, sumAcross, type Tensor } from "../../kernels/mod.ts";
import type { ForwardContext } from "../../nn/mod.ts";
import type { StepCosts, StepResult } from "../algorithm.ts";

/**
 * Returns the part of this process in a cost that is divided by the rows of the process: divided by the rows of the
 * whole batch. Without a shared batch, the cost itself.
 */
export function partOfCost(cost: Tensor, { shared }: Pick<ForwardContext, "shared">): Tensor {
  return shared ? mul(cost, shared.share.rows / shared.share.whole) : cost;
}

/** Returns the result of a step with the part of this process in each cost. */
export function withPartsOfCosts(
  { costs, ...result }: StepResult,
  context: Pick<ForwardContext, "shared">,
): StepResult {
  const parts = Object.entries(costs).map(([name, cost]) => [name, partOfCost(cost, context)]);
  return { ...result, costs: Object.fromEntries(parts) as StepCosts };
}

/** Sums a tensor over the processes that share a batch; without a shared batch, returns the tensor itself. */
export function sumOverBatch(x: Tensor, { shared }: Pick<ForwardContext, "shared">): Tensor {
  return shared ? sumAcross(x, shared.nextSum()) : x;
}
