/**
 * The parts of a trainer on a device, created in order.
 * @module
 */
import type { Device, Variable } from "../../kernels/mod.ts";
import { type FedBatches, type Feed, feedOf } from "../../data/mod.ts";
import { loadState, stateOf } from "../../nn/mod.ts";
import type { Algorithm } from "../algorithm.ts";
import { groups, type RunState } from "../checkpoint.ts";
import { SharedRun } from "../distributed/shared_run.ts";
import { Evaluator } from "../evaluation/evaluation.ts";
import {
  createStartingNetworks,
  type Initialization,
  loadInitialWeights,
  type StartingNetworks,
} from "../initial_weights.ts";
import { type Networks, startEqual } from "../networks.ts";
import { chooseClassification } from "../options/chosen_classification.ts";
import type { TrainingOptions } from "../options/training_options.ts";
import { Diagnostics } from "../self_check/diagnostics.ts";
import { createAlgorithm, statesOf, type TrainingData } from "../setup.ts";
import { type BatchViews, readViews } from "./batch_views.ts";
import type { TrainingPictures } from "./picture_watch.ts";
import type { TrainerSettings } from "./trainer_settings.ts";
import { planTraining, type TrainingPlan } from "./training_plan.ts";
import { compileStep, initializeFromBatch, type TrainingStep } from "./training_step.ts";

/** Evaluator of student and teacher. */
export type TestEvaluator = Evaluator<"student" | "teacher">;

/** Parts of a trainer. */
export interface TrainerParts extends TrainingPlan {
  readonly device: Device;
  readonly algorithm: Algorithm;
  /** Weights that the run started with; undefined if it did not load any, or is resumed. */
  readonly initialization: Initialization | undefined;
  /** Names of the parameters that the run loaded at its start. */
  readonly loaded: readonly string[];
  readonly batches: FedBatches;
  readonly program: TrainingStep["program"];
  readonly diagnostics: Diagnostics;
  /** Computes the views of the first images in the batch of a step, counted from 0. */
  readonly readViews: (step: number, limit: number) => Promise<BatchViews>;
  /** The training images, with what their views are made of. */
  readonly pictures: TrainingPictures;
  /** Undefined if there are no test images. */
  readonly evaluator: TestEvaluator | undefined;
  /** The run as the processes that train it share it; undefined if this process trains alone. */
  readonly shared: SharedRun | undefined;
}

/** A trainer's networks and the algorithm that trains them, before their first values are set. */
interface Learner extends StartingNetworks {
  readonly algorithm: Algorithm;
  readonly classification: ReturnType<typeof chooseClassification>;
  readonly shared: SharedRun | undefined;
}

/** Batches of a run. */
interface Feeding {
  readonly feed: Feed;
  readonly batches: FedBatches;
  /** Returns the examples of a step that this process trains on. */
  readonly rowsOf: (step: number) => Int32Array;
}

/**
 * Creates the parts of a trainer.
 * @param resources Receives each part that holds device memory once it exists; dispose of them last to first.
 */
export async function createTrainerParts(
  device: Device,
  data: TrainingData,
  options: TrainingOptions,
  settings: TrainerSettings,
  resources: Disposable[],
): Promise<TrainerParts> {
  const plan = await planTraining(data, options, settings), { sampler, viewMakers, view } = plan;
  const learner = createLearner(device, plan, settings);
  const { algorithm, classification, networks, initialization, loaded, shared } = learner;
  const { feed, batches, rowsOf } = feedBatches(device, plan, shared);
  const variables = [...feed.variables, ...classification.variables, ...variablesOf(algorithm, networks)];
  resources.push(holdVariables(device, batches, variables));
  if (!settings.checkpoint) startEqual(device, networks);
  if (initialization) loadInitialWeights(device, networks, initialization);
  const step = await compileStep(device, algorithm, feed, {
    ...plan,
    precision: options.precision,
    hyperparameterNames: Object.keys(plan.schedule(0)),
    observedLayers: settings.observe ?? [],
  });
  resources.push(step);
  classification.checkUsed();
  const evaluator = await createEvaluator(device, algorithm, plan);
  if (evaluator) resources.push(evaluator);
  await setFirstValues(device, plan, learner, feed, settings);
  const { program } = step, { observation } = program.extras;
  const facts = {
    options,
    stepsPerEpoch: plan.stepsPerEpoch,
    classes: data.classes,
    nameOf: settings.nameOf,
  };
  return {
    ...plan,
    device,
    algorithm,
    initialization,
    loaded,
    batches,
    program,
    diagnostics: new Diagnostics({ device, algorithm, observation, settings: facts }),
    readViews: async (step, limit) => {
      const batch = { indices: rowsOf(step), seed: options.seed, step, share: plan.sharing?.share };
      const views = await readViews(device, feed, viewMakers, batch, limit);
      return { ...views, channelStatistics: plan.channelStatistics };
    },
    pictures: { feed, sampler, viewMakers, view, seed: options.seed },
    evaluator,
    shared,
  };
}

function createLearner(device: Device, plan: TrainingPlan, settings: TrainerSettings): Learner {
  const { data, options, sharing } = plan;
  const start = createStartingNetworks(data, options, settings);
  const classification = chooseClassification(options, data, settings.nameOf, sharing !== undefined);
  const algorithm = createAlgorithm(
    start.networks,
    options,
    { ...settings, classificationCost: classification.cost },
    new Set(start.loaded),
    sharing?.share,
  );
  const shared = sharing && new SharedRun({ device, algorithm, ...sharing });
  return { ...start, classification, algorithm, shared };
}

function feedBatches(device: Device, plan: TrainingPlan, shared: SharedRun | undefined): Feeding {
  const { data: { train }, options, sampler, totalSteps, sharing } = plan;
  const feed = feedOf(train, sharing?.share.rows ?? options.batchSize, device);
  const rowsOf = (step: number) => shared ? shared.rowsOf(sampler.batch(step)) : sampler.batch(step);
  const batches = feed.batches((step) => step < totalSteps ? rowsOf(step) : undefined);
  return { feed, batches, rowsOf };
}

/** Sets the values of a run before its first step that the creation of the networks does not set. */
async function setFirstValues(
  device: Device,
  { data: { train }, options, sampler, createWeakView, tuning }: TrainingPlan,
  { algorithm, initialization, shared }: Learner,
  feed: Feed,
  { checkpoint }: TrainerSettings,
): Promise<void> {
  if (checkpoint) loadStates(device, algorithm, checkpoint);
  else if (initialization?.match.drawnHeads.length !== 0) {
    // Every process computes the values from the whole batch.
    const whole = shared ? feedOf(train, options.batchSize, device) : feed;
    await initializeFromBatch(device, algorithm, whole, {
      indices: sampler.batch(0),
      seed: options.seed,
      createView: createWeakView,
      tuning,
      headsOnly: initialization !== undefined,
    });
    if (whole !== feed) { for (const each of whole.variables) device.release(each); }
  }
  await shared?.startEqual();
}

/** Returns the variables of an algorithm, and those of the networks that it may not own. */
function variablesOf(algorithm: Algorithm, networks: Networks): Variable[] {
  const states = [...Object.values(statesOf(algorithm)), ...Object.values(networks).map(stateOf)];
  return states.flatMap(Object.values);
}

/** Returns a resource that ends the reading of batches and frees variables. */
export function holdVariables(
  device: Device,
  batches: Pick<FedBatches, "close">,
  variables: readonly Variable[],
): Disposable {
  return {
    [Symbol.dispose]() {
      batches.close();
      for (const each of variables) device.release(each);
    },
  };
}

/** Creates the evaluator of student and teacher; undefined if there are no test images. */
async function createEvaluator(
  device: Device,
  { student, teacher }: Algorithm,
  { data: { test }, view, tuning, sharing }: TrainingPlan,
): Promise<TestEvaluator | undefined> {
  if (!test || test.labels.length === 0) return undefined;
  return await Evaluator.create(device, { student, teacher }, test, view, tuning, sharing?.collective);
}

/** Sets all values of a run to those of a checkpoint. */
export function loadStates(device: Device, algorithm: Algorithm, state: RunState): void {
  const states = statesOf(algorithm);
  for (const group of groups) {
    loadState(device, states[group], state[group], { source: `the checkpoint's ${group}` });
  }
}

/** Disposes of resources, the last one first. */
export function disposeAll(resources: readonly Disposable[]): void {
  for (const each of resources.toReversed()) each[Symbol.dispose]();
}
