/**
 * What can be chosen of a training run.
 * @module
 */
import { type Length, unitsOf } from "./length.ts";
import type { ConsistencyType } from "../mean_teacher.ts";
import { defaultsOf, faultOf, trainingOptions } from "./option_table.ts";

/** What can be chosen of a training run; plain data. Defaults are the rows of {@linkcode trainingOptions}. */
export interface TrainingOptions {
  /** All random numbers of the run follow from it. */
  readonly seed: number;
  /** Name of the network. */
  readonly architecture: string;
  /** Probability of dropout. */
  readonly dropout: number;
  /** Standard deviation of Gaussian noise on normalised pixels. */
  readonly inputNoise: number;
  /** What makes pixels comparable: a mean and deviation per channel, contrast and whitening, or a mean and deviation per image. */
  readonly normalize: "channel" | "gcn-zca" | "per-image";
  /** Largest random shift in pixels. */
  readonly translate: number;
  /** What comes in where an image is shifted away. */
  readonly translateFill: "reflect" | "zero";
  /** Largest random turn in degrees. */
  readonly rotate: number;
  /** Whether to mirror images at random. */
  readonly flip: boolean;
  /** Side of the square that a random part of each image is resized to; null = images as they are. */
  readonly randomResizedCrop: number | null;
  /** Largest random change of brightness, contrast, saturation and hue; null = none. */
  readonly colorJitter: readonly number[] | null;
  /** Examples in a batch. */
  readonly batchSize: number;
  /** Labelled examples in a batch. */
  readonly labeledBatchSize: number;
  /** Whether to train on labelled examples alone. */
  readonly excludeUnlabeled: boolean;
  /**
   * What batches are drawn from: unlabelled and labelled examples; all, their labels hidden, and labelled ones; or all, labelled
   * or not as it happens, when `labeledBatchSize` means nothing.
   */
  readonly sampling: "two-stream" | "two-stream-all" | "vary";
  /** Whether labelled examples of each class come equally often, however many there are. */
  readonly balanceClasses: boolean;
  /** What the student is compared with: the averaged teacher, or itself in a second pass. */
  readonly algorithm: "mean-teacher" | "pi";
  /** Length of the run in passes over the unlabelled examples, or over all of them where `sampling` draws from all. */
  readonly epochs: number;
  /** Length of the run in steps, in the place of `epochs`; null = that of `epochs`. */
  readonly steps: number | null;
  /** Steps after which to stop, wherever the run is. */
  readonly maxSteps: number | null;
  /** How the student learns. */
  readonly optimizer: "adam" | "sgd";
  /** Learning rate after warm-up. */
  readonly learningRate: number;
  /** Learning rate at the start of warm-up. */
  readonly initialLearningRate: number;
  /** Length of the warm-up. */
  readonly learningRateRampup: Length;
  /** Form of the warm-up. */
  readonly learningRateRampupShape: "linear" | "sigmoid";
  /** Length until the cosine reaches 0, or that the sigmoid comes down for at the end; 0 = no ramp-down, null = that of the run. */
  readonly learningRateRampdown: Length | null;
  /** Form of the ramp-down. */
  readonly learningRateRampdownShape: "cosine" | "sigmoid";
  /** Momentum of SGD. */
  readonly momentum: number;
  /** Whether SGD's momentum is Nesterov's. */
  readonly nesterov: boolean;
  /** Adam's β₁. */
  readonly beta1: number;
  /** What β₁ comes to as the learning rate ramps down; null = it stays. */
  readonly beta1AfterRampdown: number | null;
  /** Adam's β₂. */
  readonly beta2: number;
  /** β₂ until the consistency weight is up; null = the same. */
  readonly beta2DuringRampup: number | null;
  /** Added to the root of Adam's mean square. */
  readonly epsilon: number;
  /** Times the weight, added to its gradient. */
  readonly weightDecay: number;
  /** Decay of the teacher's average, after its warm-up. */
  readonly emaDecay: number;
  /** The decay until the consistency weight is up; null = the same. */
  readonly emaDecayDuringRampup: number | null;
  /** Whether the average begins as that of all steps so far. */
  readonly emaWarmup: boolean;
  /** Weight of the consistency cost, after its ramp-up. */
  readonly consistency: number;
  /** How student and teacher are compared. */
  readonly consistencyType: ConsistencyType;
  /** The trust in predictions of `consistencyType` "trust". */
  readonly consistencyTrust: number;
  /** Whether labelled examples have a consistency cost too. */
  readonly consistencyToLabeled: boolean;
  /** Length of the consistency weight's ramp-up. */
  readonly consistencyRampup: Length;
  /** Form of the ramp-up. */
  readonly consistencyRampupShape: "sigmoid" | "linear" | "step";
  /** Whether the consistency weight changes from epoch to epoch only. */
  readonly consistencyRampupPerEpoch: boolean;
  /** Weight of the distance between two heads; below 0 = one head. */
  readonly logitDistanceCost: number;
  /** Over classes. */
  readonly logitDistanceReduction: "mean" | "sum";
  /** Length between evaluations; 0 = at the end only. */
  readonly evaluationEpochs: Length;
  /** Length between checkpoints; 0 = at the end only. */
  readonly checkpointEpochs: Length;
  /** Steps between records of costs. */
  readonly recordSteps: number;
}

/** The default value of every option. */
export const defaultOptions: TrainingOptions = defaultsOf(trainingOptions);

/**
 * Options with defaults for what is not said.
 * @param nameOf What to call an option in errors; its own name where absent.
 * @throws {RangeError} naming the option that is unknown, out of range or impossible with another.
 */
export function resolveOptions(
  options: Partial<TrainingOptions>,
  nameOf: (option: keyof TrainingOptions) => string = (option) => option,
): TrainingOptions {
  for (const [name, value] of Object.entries(options)) {
    const option = name as keyof TrainingOptions;
    if (!Object.hasOwn(trainingOptions, name)) {
      throw new RangeError(`Cannot train with option ${name} as it is none: ${JSON.stringify(value)}`);
    }
    const fault = faultOf(trainingOptions[option], value);
    if (fault) throw new RangeError(`Cannot train as ${nameOf(option)} ${fault}: it is ${value}`);
  }
  const resolved = { ...defaultOptions, ...options };
  checkTogether(resolved, nameOf);
  return resolved;
}

function checkTogether(options: TrainingOptions, nameOf: (option: keyof TrainingOptions) => string): void {
  const { batchSize, labeledBatchSize, sampling } = options;
  if (!options.excludeUnlabeled && sampling !== "vary" && labeledBatchSize >= batchSize) {
    throw new RangeError(
      `Cannot train as ${nameOf("labeledBatchSize")} must be below ${
        nameOf("batchSize")
      }: they are ${labeledBatchSize} and ${batchSize}`,
    );
  }
  if (options.balanceClasses && sampling === "vary" && !options.excludeUnlabeled) {
    throw new RangeError(
      `Cannot train with ${
        nameOf("balanceClasses")
      } as labelled examples must have a part of the batch to themselves: ${nameOf("sampling")} is vary`,
    );
  }
  const { learningRateRampdown, learningRateRampdownShape, steps, epochs } = options;
  if (learningRateRampdown === null) return;
  const rampdown = unitsOf(learningRateRampdown), isCosine = learningRateRampdownShape === "cosine";
  const length = steps === null
    ? { unit: "epochs", count: epochs } as const
    : { unit: "steps", count: steps } as const;
  // Where they are in different units, it takes the length of an epoch to compare them: see checkSchedule.
  if (rampdown.count === 0 || rampdown.unit !== length.unit) return;
  if (isCosine ? rampdown.count < length.count : rampdown.count > length.count) {
    throw new RangeError(
      `Cannot train as ${nameOf("learningRateRampdown")} must be 0 or at ${isCosine ? "least" : "most"} ${
        nameOf(length.unit)
      }: they are ${rampdown.count} and ${length.count}`,
    );
  }
}
