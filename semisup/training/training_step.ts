/**
 * The compiled training step: batch, views, algorithm and sums of costs in one Program.
 * @module
 */
import {
  add,
  type BatchShare,
  compile,
  concat,
  type Device,
  maximum,
  mul,
  type Precision,
  type Program,
  type RandomKey,
  reshape,
  slice,
  type SumAcross,
  type Tensor,
  type Tuning,
  type Variable,
  variable,
} from "../../kernels/mod.ts";
import type { Feed } from "../../data/mod.ts";
import {
  type ClassifierNetwork,
  type ForwardContext,
  initializeFromData,
  type Module,
  type Optimizer,
  trainingContext,
} from "../../nn/mod.ts";
import type { Algorithm, Hyperparameters, StepCosts } from "../algorithm.ts";
import type { ViewMaker } from "../augmentations/views.ts";
import { withBatch } from "./batch_views.ts";
import { sumOverBatch, withPartsOfCosts } from "../distributed/shared_step.ts";
import { recordOf } from "../record_of.ts";
import { type Observation, observe } from "../self_check/observation.ts";
import { type LayerObservation, observeLayers } from "../statistics/layer_statistics.ts";

/** Inputs of each run of the step, beside the batch and the hyperparameters. */
const inputs = { seed: { dtype: "uint32" }, step: { dtype: "uint32" }, keep: {} } as const;

/** Facts of a compiled step. */
export interface StepExtras {
  /** Names of the step's costs, in the order of the sums; the total comes first. */
  readonly costNames: readonly string[];
  /** Variables of the sums. */
  readonly costVariables: readonly [sums: Variable, largest: Variable];
  /** The observation for the self-check. */
  readonly observation: Observation;
  /** The observed layers. */
  readonly layers: LayerObservation;
}

/**
 * The compiled step. Its outputs `sums` and `largest` cover the costs since the last run with `keep` = 0; with loss
 * scaling, factor and number of skipped steps follow the sums.
 */
export interface TrainingStep extends Disposable {
  /** The Program of the step; its extras tell what it sums and observes. */
  readonly program: Program<string, "sums" | "largest", StepExtras>;
}

/** Batches that several processes share. */
export interface SharedBatches {
  readonly share: BatchShare;
  /** Sums values over the processes. */
  readonly sum: SumAcross;
  /** True if batch normalisation uses statistics of the whole batch. */
  readonly syncBatchNorm: boolean;
}

/**
 * Compiles the step of an algorithm on the batches of a feed.
 * @param viewMakers Functions that create the views of student and target.
 * @param observedLayers Names of the student's layers to observe.
 * @param hyperparameterNames Names of the scheduled scalars that every run of the step gets.
 */
export async function compileStep(
  device: Device,
  algorithm: Algorithm,
  feed: Feed,
  { viewMakers, tuning, precision, hyperparameterNames, observedLayers, sharing }: {
    readonly viewMakers: readonly [student: ViewMaker, target: ViewMaker];
    readonly tuning: Tuning;
    readonly precision: Precision;
    readonly hyperparameterNames: readonly string[];
    readonly observedLayers: readonly string[];
    /** The batch, if several processes share it. */
    readonly sharing: SharedBatches | undefined;
  },
): Promise<TrainingStep> {
  const scheduled = recordOf(hyperparameterNames, () => ({}));
  const program = await compile(
    device,
    { ...inputs, ...scheduled, ...feed.inputs },
    ({ seed, step, keep, ...rest }) => {
      const key = { seed, step, share: sharing?.share };
      const context = trainingContext(key, sharing);
      const batch = feed.batch(rest);
      const [createStudentView, createTargetView] = viewMakers;
      const views = [createStudentView(batch, context), createTargetView(batch, context)] as const;
      const { labels } = batch;
      const scalars: Readonly<Record<string, Tensor>> = rest;
      const hyperparameters = recordOf(hyperparameterNames, (name) => scalars[name]) as Hyperparameters<
        Tensor
      >;
      const { result, layers } = observeLayers(
        algorithm.student,
        observedLayers,
        algorithm.optimizer.lossScale,
        () => algorithm.step({ views, labels, context, hyperparameters }),
      );
      const part = withPartsOfCosts(result, context);
      const observation = observe(algorithm, part, context);
      const { costNames, sums, largest, ...summed } = sumCosts(part.costs, keep, context);
      return {
        outputs: { sums: withLossScale(summed.newSums, algorithm.optimizer), largest: summed.newLargest },
        updates: [
          ...result.updates,
          [sums, summed.newSums],
          [largest, summed.newLargest],
          ...observation.updates,
          ...layers.updates,
        ],
        extras: { observation, layers, costNames, costVariables: [sums, largest] as const },
      };
    },
    { tuning, precision, sumAcross: sharing?.sum },
  );
  const { observation, layers, costVariables } = program.extras;
  return {
    program,
    [Symbol.dispose]() {
      program[Symbol.dispose]();
      for (const each of [...costVariables, ...observation.variables, ...layers.variables]) {
        device.release(each);
      }
    },
  };
}

/** Appends the factor of loss scaling and the number of skipped steps before this step, if there are any. */
function withLossScale(sums: Tensor, { lossScale, skippedSteps }: Optimizer): Tensor {
  if (!lossScale || !skippedSteps) return sums;
  return concat([sums, reshape(lossScale, [1]), reshape(skippedSteps, [1])], 0);
}

/** Builds the sums of costs and the largest total since the last step with `keep` = 0. */
function sumCosts({ cost, ...others }: StepCosts, keep: Tensor, context: ForwardContext) {
  const parts = Object.entries(others).flatMap(([name, part]) => part ? [[name, part] as const] : []);
  const costs = [["cost", cost] as const, ...parts];
  const sums = variable([costs.length], new Float32Array(costs.length), { name: "cost_sums" });
  const largest = variable([1], [0], { name: "largest_cost" });
  const current = sumOverBatch(concat(costs.map(([, each]) => reshape(each, [1])), 0), context);
  const total = context.shared ? slice(current, [0], [1]) : reshape(cost, [1]);
  return {
    costNames: costs.map(([name]) => name),
    sums,
    largest,
    newSums: add(mul(sums, keep), current),
    newLargest: maximum(mul(largest, keep), total),
  };
}

/**
 * Sets the initial values of networks that derive them from a batch, see {@linkcode initializeFromData};
 * equal for student and teacher. Other networks stay as they are.
 * @param indices Indices of the batch's examples.
 * @param headsOnly True if the features were loaded, so that only the heads derive values.
 */
export async function initializeFromBatch(
  device: Device,
  { student, teacher }: Algorithm,
  feed: Feed,
  { indices, seed, createView, tuning, headsOnly }: {
    readonly headsOnly: boolean;
    readonly indices: Int32Array;
    readonly seed: number;
    readonly createView: ViewMaker;
    readonly tuning: Tuning;
  },
): Promise<void> {
  await withBatch(device, feed, { indices, seed, step: 0 }, async (batch, key) => {
    for (const network of [student, teacher]) {
      const views = createView(batch, trainingContext(key));
      const drawn = headsOnly ? headsOf(network, key) : network;
      await initializeFromData(device, drawn, views, { key, tuning });
    }
  });
}

/** Returns a module whose passes derive initial values for the heads alone. */
function headsOf(network: ClassifierNetwork, key: RandomKey): Module<unknown> {
  return {
    parameters: network.parameters,
    buffers: network.buffers,
    forward: (x, context) => network.forwardHeads(network.forwardFeatures(x, trainingContext(key)), context),
  };
}
