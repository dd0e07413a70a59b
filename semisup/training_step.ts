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
  reshape,
  type Tuning,
  type Variable,
  variable,
} from "../kernels/mod.ts";
import type { Feed } from "../data/mod.ts";
import { initializeFromData, trainingContext } from "../nn/mod.ts";
import type { Algorithm, StepCosts } from "./algorithm.ts";
import type { ViewMaker } from "./augmentations/views.ts";
import { type Observation, observe } from "./self_check/observation.ts";

/** Names of a step's costs, in the order of the sums. */
export const costNames = [
  "cost",
  "classificationCost",
  "consistencyCost",
  "logitDistanceCost",
] as const satisfies readonly (keyof StepCosts)[];

/** Inputs of each run of the step, beside the batch. */
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

/** The compiled step. Its outputs `sums` and `largest` cover the costs since the last run with `keep` = 0. */
export interface TrainingStep extends Disposable {
  /** The Program of the step; its extras are the observation for the self-check. */
  readonly program: Program<string, "sums" | "largest", Observation>;
}

/**
 * Compiles the step of an algorithm on the batches of a feed.
 * @param viewMakers Functions that create the views of student and target.
 */
export async function compileStep(
  device: Device,
  algorithm: Algorithm,
  feed: Feed,
  viewMakers: readonly [student: ViewMaker, target: ViewMaker],
  tuning: Tuning,
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
      const [createStudentView, createTargetView] = viewMakers;
      const views = [createStudentView(batch, context), createTargetView(batch, context)] as const;
      const { labels } = batch;
      const result = algorithm.step({ views, labels, context, ...rest });
      const { costs, updates } = result;
      const observation = observe(algorithm, result, context);
      const current = concat(costNames.map((name) => reshape(costs[name], [1])), 0);
      const summed = add(mul(sums, keep), current);
      const newLargest = maximum(mul(largest, keep), reshape(costs.cost, [1]));
      return {
        outputs: { sums: summed, largest: newLargest },
        updates: [...updates, [sums, summed], [largest, newLargest], ...observation.updates],
        extras: observation,
      };
    },
    { tuning },
  );
  return {
    program,
    [Symbol.dispose]() {
      program[Symbol.dispose]();
      for (const each of [sums, largest, ...program.extras.variables]) device.release(each);
    },
  };
}

/**
 * Sets the initial values of networks that derive them from a batch, see {@linkcode initializeFromData};
 * equal for student and teacher. Other networks stay as they are.
 * @param indices Indices of the batch's examples.
 */
export async function initializeFromBatch(
  device: Device,
  { student, teacher }: Algorithm,
  feed: Feed,
  { indices, seed, createView, tuning }: {
    readonly indices: Int32Array;
    readonly seed: number;
    readonly createView: ViewMaker;
    readonly tuning: Tuning;
  },
): Promise<void> {
  const scalar = (value: number) => variable([], [value], { dtype: "uint32" });
  const key = { seed: scalar(seed), step: scalar(0) };
  const batches = feed.batches((step) => step === 0 ? indices : undefined);
  const batchInputs: Record<string, Variable> = {};
  try {
    const values = await batches.take(0);
    for (const [name, { shape = [], dtype = "float32" }] of Object.entries(feed.inputs)) {
      batchInputs[name] = variable(shape, values[name] ?? [], { dtype });
    }
    const batch = feed.batch(batchInputs);
    for (const network of [student, teacher]) {
      const views = createView(batch, trainingContext(key));
      await initializeFromData(device, network, views, { key, tuning });
    }
  } finally {
    batches.close();
    for (const each of [key.seed, key.step, ...Object.values(batchInputs)]) device.release(each);
  }
}
