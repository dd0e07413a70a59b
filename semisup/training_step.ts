/**
 * The compiled training step: batch, views, algorithm and sums of costs in one Program.
 * @module
 */
import {
  add,
  compile,
  concat,
  type Device,
  maximum,
  mul,
  type Program,
  randomView,
  reshape,
  type Variable,
  variable,
  type ViewOptions,
} from "../kernels/mod.ts";
import type { Feed } from "../data/mod.ts";
import { trainingContext } from "../nn/mod.ts";
import type { Algorithm, StepCosts } from "./algorithm.ts";

/** The names of a step's costs, in the order they are summed. */
export const costNames = [
  "cost",
  "classificationCost",
  "consistencyCost",
  "logitDistanceCost",
] as const satisfies readonly (keyof StepCosts)[];

/** What each run of the step is told. */
const inputs = {
  seed: { dtype: "uint32" },
  step: { dtype: "uint32" },
  learningRate: {},
  consistencyWeight: {},
  emaDecay: {},
  beta1: {},
  beta2: {},
  keep: {},
} as const;

/** The compiled step: `sums` and `largest` of its costs since a run with `keep` = 0. */
export interface TrainingStep {
  /** Runs the step. */
  readonly program: Program<string, "sums" | "largest">;
  /** Variables that only the step uses. */
  readonly variables: readonly Variable[];
}

/** Compiles the step of an algorithm on the batches of a feed. */
export async function compileStep(
  device: Device,
  algorithm: Algorithm,
  feed: Feed,
  augmentation: ViewOptions,
): Promise<TrainingStep> {
  const sums = variable([costNames.length], new Float32Array(costNames.length), { name: "cost_sums" });
  const largest = variable([1], [0], { name: "largest_cost" });
  const program = await compile(
    device,
    { ...inputs, ...feed.inputs },
    ({ seed, step, keep, ...rest }) => {
      const key = { seed, step };
      const context = trainingContext(key);
      const batch = feed.batch(rest);
      const view = () => randomView(batch, key, () => context.nextStream(), augmentation);
      const { labels } = batch;
      const { costs, updates } = algorithm.step({ views: [view(), view()], labels, context, ...rest });
      const current = concat(costNames.map((name) => reshape(costs[name], [1])), 0);
      const summed = add(mul(sums, keep), current);
      const most = maximum(mul(largest, keep), reshape(costs.cost, [1]));
      return {
        outputs: { sums: summed, largest: most },
        updates: [...updates, [sums, summed], [largest, most]],
      };
    },
  );
  return { program, variables: [sums, largest] };
}
