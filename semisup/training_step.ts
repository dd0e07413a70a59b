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
import type { FedValues, Feed } from "../data/mod.ts";
import { initializeFromData, trainingContext } from "../nn/mod.ts";
import type { Algorithm, StepCosts } from "./algorithm.ts";
import { type Observation, observe } from "./self_check/observation.ts";

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
  /** What the step shows of itself. */
  readonly observation: Observation;
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
  let observation: Observation;
  const program = await compile(
    device,
    { ...inputs, ...feed.inputs },
    ({ seed, step, keep, ...rest }) => {
      const key = { seed, step };
      const context = trainingContext(key);
      const batch = feed.batch(rest);
      const view = () => randomView(batch, key, () => context.nextStream(), augmentation);
      const { labels } = batch;
      const result = algorithm.step({ views: [view(), view()], labels, context, ...rest });
      const { costs, updates } = result;
      observation = observe(algorithm, result, context);
      const current = concat(costNames.map((name) => reshape(costs[name], [1])), 0);
      const summed = add(mul(sums, keep), current);
      const most = maximum(mul(largest, keep), reshape(costs.cost, [1]));
      return {
        outputs: { sums: summed, largest: most },
        updates: [...updates, [sums, summed], [largest, most], ...observation.updates],
      };
    },
  );
  return { program, variables: [sums, largest, ...observation!.variables], observation: observation! };
}

/**
 * Gives networks whose initial values depend on data those of a batch, see {@linkcode initializeFromData}: student and
 * teacher the same. Others are left alone.
 * @param values The batch, as the feed gives it.
 */
export async function initializeFromBatch(
  device: Device,
  { student, teacher }: Algorithm,
  feed: Feed,
  { values, seed, augmentation }: {
    readonly values: FedValues;
    readonly seed: number;
    readonly augmentation: ViewOptions;
  },
): Promise<void> {
  const scalar = (value: number) => variable([], [value], { dtype: "uint32" });
  const key = { seed: scalar(seed), step: scalar(0) };
  const made = Object.entries(feed.inputs).map(([name, { shape = [], dtype = "float32" }]) =>
    [name, variable(shape, values[name]!, { dtype })] as const
  );
  const batch = feed.batch(Object.fromEntries(made));
  for (const network of [student, teacher]) {
    const views = randomView(batch, key, () => trainingContext(key).nextStream(), augmentation);
    await initializeFromData(device, network, views, { key });
  }
  for (const each of [key.seed, key.step, ...made.map(([, input]) => input)]) device.release(each);
}
