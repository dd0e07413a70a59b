/**
 * What a trainer works with: all that a run needs, made in order.
 * @module
 */
import { type Device, Tuning } from "../kernels/mod.ts";
import { type FedBatches, feedOf } from "../data/mod.ts";
import { loadState } from "../nn/mod.ts";
import type { Algorithm } from "./algorithm.ts";
import { type Checkpoint, groups } from "./checkpoint.ts";
import { Evaluator } from "./evaluation.ts";
import { runSteps } from "./schedule.ts";
import { Diagnostics } from "./self_check/diagnostics.ts";
import { type AlgorithmMaker, createAlgorithm, planBatches, statesOf, type TrainingData } from "./setup.ts";
import type { TrainingOptions } from "./options/training_options.ts";
import { compileStep, initializeFromBatch, type TrainingStep } from "./training_step.ts";

/** What {@linkcode Trainer.create} may be told. */
export interface TrainerSettings {
  /** Where to go on from. */
  readonly checkpoint?: Checkpoint;
  /** Which kernels to take, and whether to find out which are fastest; by rule where absent. A checkpoint has its own. */
  readonly tuning?: Tuning;
  /** Texts that every checkpoint is to carry, such as the name of the dataset. */
  readonly about?: Readonly<Record<string, string>>;
  /** A method of one's own, in the place of that of the options; `algorithm` and `excludeUnlabeled` say what the self-check expects. */
  readonly algorithm?: AlgorithmMaker;
  /** What the self-check is to call an option; its own name where absent. */
  readonly nameOf?: (option: keyof TrainingOptions) => string;
}

/** Evaluates what a trainer trains. */
export type TestEvaluator = Evaluator<"student" | "teacher">;

/** What a trainer works with. */
export interface TrainerParts {
  readonly device: Device;
  readonly data: TrainingData;
  readonly options: TrainingOptions;
  readonly about: Readonly<Record<string, string>>;
  readonly stepsPerEpoch: number;
  readonly totalSteps: number;
  readonly algorithm: Algorithm;
  readonly tuning: Tuning;
  readonly batches: FedBatches;
  readonly program: TrainingStep["program"];
  readonly diagnostics: Diagnostics;
  /** Absent where there are no test images. */
  readonly evaluator: TestEvaluator | undefined;
}

/**
 * Puts a trainer's parts together.
 * @param held Gets what holds memory on the device, as soon as it does; to be disposed of with the trainer, the last first.
 */
export async function assemble(
  device: Device,
  data: TrainingData,
  options: TrainingOptions,
  { checkpoint, about = {}, algorithm: maker, nameOf, tuning: asked = new Tuning() }: TrainerSettings,
  held: Disposable[],
): Promise<TrainerParts> {
  // Other kernels would round otherwise: the run would not go on as if nothing had happened.
  const tuning = checkpoint ? new Tuning("off", checkpoint.kernels) : asked;
  const { train, test, classes, channelStatistics: { mean, standardDeviation } } = data;
  const { sampler, stepsPerEpoch } = planBatches(data, options);
  const totalSteps = Math.min(runSteps(options, stepsPerEpoch), options.maxSteps ?? Infinity);
  const algorithm = createAlgorithm(data, options, checkpoint !== undefined, maker);
  const { student, teacher } = algorithm, states = statesOf(algorithm);
  const feed = feedOf(train, options.batchSize, device);
  const batches = feed.batches((step) => step < totalSteps ? sampler.batch(step) : undefined);
  held.push({
    [Symbol.dispose]() {
      batches.close();
      for (const each of [...feed.variables, ...Object.values(states).flatMap(Object.values)]) {
        device.release(each);
      }
    },
  });
  const augmentation = {
    ...options,
    imageShape: train.imageShape,
    mean,
    standardDeviation,
    fill: options.translateFill,
  };
  const step = await compileStep(device, algorithm, feed, augmentation, tuning);
  held.push(step);
  let evaluator: TestEvaluator | undefined;
  if (test.labels.length > 0) {
    held.push(evaluator = await Evaluator.create(device, { student, teacher }, test, augmentation, tuning));
  }
  if (checkpoint) {
    for (const group of groups) {
      loadState(device, states[group], checkpoint[group], { source: `the checkpoint's ${group}` });
    }
  } else {
    const { seed } = options;
    await initializeFromBatch(device, algorithm, feed, {
      indices: sampler.batch(0),
      seed,
      augmentation,
      tuning,
    });
  }
  const { program } = step;
  const settings = { options, stepsPerEpoch, classes, nameOf };
  const diagnostics = new Diagnostics({ device, algorithm, observation: program.extras, settings });
  const run = { options, stepsPerEpoch, totalSteps, algorithm, tuning };
  return { ...run, device, data, about, batches, program, diagnostics, evaluator };
}
