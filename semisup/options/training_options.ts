/**
 * Options of a training run, and their validation.
 * @module
 */
import { quoteOf } from "../../data/internal.ts";
import type { Precision } from "../../kernels/mod.ts";
import type { ClassWeights } from "./class_weights.ts";
import { frozenPartOf } from "./frozen_part.ts";
import { type Length, parseLength } from "./length.ts";
import type { ConsistencyType } from "../consistency_costs.ts";
import { type OwnName, ownRowsOf } from "../methods/method.ts";
import { findMethod, knownMethods } from "../methods/mod.ts";
import { defaultsOf, faultOf, type OptionRow, type OptionValue } from "./option_rows.ts";
import { trainingOptions } from "./option_table.ts";

/** Options of a training run; plain data. The rows of {@linkcode trainingOptions} hold the defaults. */
export interface TrainingOptions {
  /** Seed of all random numbers of the run. */
  readonly seed: number;
  /** Name of the network's architecture; null = a custom network, passed as `network` in the settings. */
  readonly architecture: string | null;
  /** Probability of dropout. */
  readonly dropout: number;
  /**
   * Layers of loaded weights that are not trained: "features" = all but the heads, "2" = the first two stages;
   * null = none.
   */
  readonly freeze: string | null;
  /** Factor of the learning rate of loaded weights. */
  readonly initLrFactor: number;
  /** Standard deviation of Gaussian noise on normalised pixels. */
  readonly inputNoise: number;
  /**
   * Normalisation of pixels: mean and deviation per channel, contrast normalisation and whitening, or mean
   * and deviation per image.
   */
  readonly normalize: "channel" | "gcn-zca" | "per-image";
  /** Largest random shift in pixels. */
  readonly translate: number;
  /** Filling of pixels that a shift or turn uncovers. */
  readonly translateFill: "reflect" | "zero";
  /** Largest random turn in degrees. */
  readonly rotate: number;
  /** True if images are mirrored left to right at random. */
  readonly flip: boolean;
  /** Side of the square that a random part of each image is resized to; null = no crop. */
  readonly randomResizedCrop: number | null;
  /** Largest random change of brightness, contrast, saturation and hue; null = none. */
  readonly colorJitter: readonly number[] | null;
  /** Name of the augmentation that follows in weak views; "none" = no other. */
  readonly weakAugment: string;
  /**
   * Name of the augmentation that follows in strong views; null = RandAugment if the method has strong views.
   * If set, methods without a choice of views get a strong view for the student.
   */
  readonly strongAugment: string | null;
  /** Number of operations of RandAugment per image. */
  readonly randaugmentOperations: number;
  /** Largest magnitude of RandAugment's operations. */
  readonly randaugmentMagnitude: number;
  /** Side of the square that is cut out of strong views; 0 = none, null = half the image's side. */
  readonly cutout: number | null;
  /** Examples in a batch. */
  readonly batchSize: number;
  /** Labelled examples in a batch. */
  readonly labeledBatchSize: number;
  /** True if the run trains on labelled examples alone. */
  readonly excludeUnlabeled: boolean;
  /**
   * Sets that batches are drawn from. "two-stream": unlabelled and labelled examples. "two-stream-all": all
   * examples with their labels hidden, and labelled ones. "vary": all examples in one stream;
   * `labeledBatchSize` then has no effect.
   */
  readonly sampling: "two-stream" | "two-stream-all" | "vary";
  /** True if labelled examples of each class are drawn equally often, regardless of their numbers. */
  readonly balanceClasses: boolean;
  /** Name of the training method; "supervised" sets `excludeUnlabeled`. */
  readonly algorithm: string;
  /** Weights of classes in the classification cost; null = all classes weigh the same. */
  readonly classWeights: ClassWeights | null;
  /** Share of every label that is spread evenly over all classes. */
  readonly labelSmoothing: number;
  /** Length of the run in passes over the unlabelled examples, or over all if `sampling` draws from all. */
  readonly epochs: number;
  /** Length of the run in steps, instead of `epochs`; null = `epochs` applies. */
  readonly steps: number | null;
  /** Number of steps after which the run stops early; null = no limit. */
  readonly maxSteps: number | null;
  /** Number of evaluations without an improvement after which the run ends; null = no end by evaluations. */
  readonly patience: number | null;
  /** Optimiser of the student. */
  readonly optimizer: "adam" | "adamw" | "sgd";
  /** Learning rate after warm-up. */
  readonly learningRate: number;
  /** Learning rate at the start of warm-up. */
  readonly initialLearningRate: number;
  /** Length of the warm-up. */
  readonly learningRateRampup: Length;
  /** Shape of the warm-up. */
  readonly learningRateRampupShape: "linear" | "sigmoid";
  /**
   * Length of the learning rate's ramp-down: of a cosine from the start of the run, of a sigmoid at its end, or
   * between two drops; 0 = none, null = the whole run.
   */
  readonly learningRateRampdown: Length | null;
  /** Shape of the ramp-down. */
  readonly learningRateRampdownShape: "cosine" | "cosine-arc" | "sigmoid" | "step";
  /** Factor of the learning rate at each drop of the shape "step". */
  readonly learningRateDropFactor: number;
  /**
   * Element type in which the training step stores images and operands of products; "float16" needs a device
   * with `hasFloat16`. Weights, optimiser, statistics, costs and sums are float32.
   */
  readonly precision: Precision;
  /** Largest norm of all gradients together; null = no clipping. */
  readonly clipNorm: number | null;
  /** Momentum of SGD. */
  readonly momentum: number;
  /** True if SGD uses Nesterov momentum. */
  readonly nesterov: boolean;
  /** Adam's β₁. */
  readonly beta1: number;
  /** Value that β₁ reaches as the learning rate ramps down; null = β₁ stays the same. */
  readonly beta1AfterRampdown: number | null;
  /** Adam's β₂. */
  readonly beta2: number;
  /** β₂ until the consistency weight has ramped up; null = `beta2`. */
  readonly beta2DuringRampup: number | null;
  /** Term added to the root of Adam's mean square. */
  readonly epsilon: number;
  /**
   * L2 penalty: this factor times the weight is added to the gradient. AdamW subtracts it, times the learning
   * rate, from the weight instead. Null = 0.01 with AdamW, else 0.
   */
  readonly weightDecay: number | null;
  /** Decay of the teacher's moving average, after its warm-up. */
  readonly emaDecay: number;
  /** EMA decay until the consistency weight has ramped up; null = `emaDecay`. */
  readonly emaDecayDuringRampup: number | null;
  /** True if the EMA decay warms up: it is capped at 1 − 1 / (steps + 1). */
  readonly emaWarmup: boolean;
  /** Weight of the consistency cost, after its ramp-up. */
  readonly consistency: number;
  /** Measure of the difference between student and teacher. */
  readonly consistencyType: ConsistencyType;
  /** Trust in predictions, for `consistencyType` "trust". */
  readonly consistencyTrust: number;
  /** True if labelled examples have a consistency cost too. */
  readonly consistencyToLabeled: boolean;
  /** Length of the consistency weight's ramp-up. */
  readonly consistencyRampup: Length;
  /** Shape of the consistency weight's ramp-up. */
  readonly consistencyRampupShape: "sigmoid" | "linear" | "step";
  /** True if the consistency weight changes only once an epoch. */
  readonly consistencyRampupPerEpoch: boolean;
  /** Weight of the distance between two heads; below 0 = one head. */
  readonly logitDistanceCost: number;
  /** Reduction of the logit distance over classes. */
  readonly logitDistanceReduction: "mean" | "sum";
  /** Length between evaluations; 0 = at the end only. */
  readonly evaluationEpochs: Length;
  /** Weights that the run's model has: the last, or the best by evaluation; null = the best if `patience` is set. */
  readonly keep: "last" | "best" | null;
  /** Length between checkpoints; 0 = at the end only. */
  readonly checkpointEpochs: Length;
  /** Steps between records of costs. */
  readonly recordSteps: number;
  /** Options of the method's own: `"fixmatch.threshold"` is `threshold` of method `fixmatch`. */
  readonly [own: OwnName]: OptionValue | undefined;
}

/** The default value of every option. */
export const defaultOptions: TrainingOptions = defaultsOf(trainingOptions);

/**
 * Returns options with defaults filled in.
 * @param nameOf Returns an option's name for errors; if absent, the option's own name is used.
 * @throws {RangeError} if an option is unknown, out of range or in conflict with another; the error names it.
 */
export function resolveOptions(
  options: Partial<TrainingOptions>,
  nameOf: (option: keyof TrainingOptions) => string = (option) => option,
): TrainingOptions {
  const { algorithm = defaultOptions.algorithm } = options;
  checkOption("algorithm", trainingOptions.algorithm, algorithm, nameOf);
  const method = findMethod(algorithm), own = ownRowsOf(method);
  const rows: Readonly<Record<string, OptionRow>> = { ...trainingOptions, ...own };
  for (const [name, value] of Object.entries(options)) {
    const option = name as keyof TrainingOptions;
    const row = Object.hasOwn(rows, name) ? rows[name] : undefined;
    if (!row) throw unknownOption(option, algorithm, nameOf);
    checkOption(option, row, value, nameOf);
  }
  const resolved = {
    ...defaultOptions,
    ...method.defaults,
    ...defaultsOf<Partial<TrainingOptions>>(own),
    ...options,
  };
  const isSupervised = method.target === null;
  const complete = isSupervised ? { ...resolved, excludeUnlabeled: true } : resolved;
  checkCombination(complete, nameOf);
  return complete;
}

/** Names an option in messages. */
export type NameOf = (option: keyof TrainingOptions) => string;

function checkOption(option: keyof TrainingOptions, row: OptionRow, value: unknown, nameOf: NameOf): void {
  const fault = faultOf(row, value);
  if (fault) throw new RangeError(`Cannot train: ${nameOf(option)} ${fault}, but is ${quoteOf(`${value}`)}`);
}

function unknownOption(option: keyof TrainingOptions, algorithm: string, nameOf: NameOf): RangeError {
  const owner = knownMethods().find((method) => Object.hasOwn(ownRowsOf(method), option));
  return new RangeError(
    owner
      ? `Cannot train: ${nameOf(option)} is an option of method ${owner.name}, but ${
        nameOf("algorithm")
      } is ${algorithm}`
      : `Unknown training option ${quoteOf(option)}`,
  );
}

function checkCombination(options: TrainingOptions, nameOf: NameOf): void {
  const { batchSize, labeledBatchSize, sampling } = options;
  if (!options.excludeUnlabeled && sampling !== "vary" && labeledBatchSize >= batchSize) {
    throw new RangeError(
      `Cannot train: ${nameOf("labeledBatchSize")} must be below ${
        nameOf("batchSize")
      }, but they are ${labeledBatchSize} and ${batchSize}`,
    );
  }
  if (options.balanceClasses && sampling === "vary" && !options.excludeUnlabeled) {
    throw new RangeError(
      `Cannot train with ${nameOf("balanceClasses")}: batches must have a labelled part, but ${
        nameOf("sampling")
      } is vary`,
    );
  }
  const compared = options.patience !== null ? "patience" : options.keep === "best" ? "keep" : undefined;
  if (compared && parseLength(options.evaluationEpochs).count === 0) {
    throw new RangeError(
      `Cannot use ${nameOf(compared)}: evaluations during the run must be compared, but ${
        nameOf("evaluationEpochs")
      } is ${options.evaluationEpochs}`,
    );
  }
  if (options.balanceClasses && options.classWeights === "balanced") {
    throw new RangeError(
      `Cannot train with ${nameOf("classWeights")} balanced: ${
        nameOf("balanceClasses")
      } already draws every class equally often. Use one of them.`,
    );
  }
  if (options.precision === "float16" && findMethod(options.algorithm).needsFloat32) {
    throw new RangeError(
      `Cannot train with ${
        nameOf("precision")
      } float16: ${options.algorithm} computes small differences of images, which float16 rounds away. Use float32.`,
    );
  }
  checkFreeze(options, nameOf);
  checkRampdown(options, nameOf);
}

function checkFreeze({ freeze }: TrainingOptions, nameOf: NameOf): void {
  if (freeze === null || frozenPartOf(freeze) !== undefined) return;
  throw new RangeError(
    `Cannot train: ${nameOf("freeze")} must be features or a number of stages from 1, but is ${
      quoteOf(`${freeze}`)
    }`,
  );
}

function checkRampdown(options: TrainingOptions, nameOf: (option: keyof TrainingOptions) => string): void {
  const { learningRateRampdown, learningRateRampdownShape: shape, steps, epochs } = options;
  if (shape === "step") {
    if (learningRateRampdown !== null) return;
    throw new RangeError(
      `Cannot train with ${nameOf("learningRateRampdownShape")} step: ${
        nameOf("learningRateRampdown")
      } must be the length between two drops, but is not set`,
    );
  }
  if (learningRateRampdown === null) return;
  const rampdown = parseLength(learningRateRampdown), isCosine = shape !== "sigmoid";
  const length = steps === null
    ? { unit: "epochs", count: epochs } as const
    : { unit: "steps", count: steps } as const;
  // Different units can be compared only if the length of an epoch is known: see checkSchedule.
  if (rampdown.count === 0 || rampdown.unit !== length.unit) return;
  if (isCosine ? rampdown.count < length.count : rampdown.count > length.count) {
    throw new RangeError(
      `Cannot train: ${nameOf("learningRateRampdown")} must be 0 or at ${isCosine ? "least" : "most"} ${
        nameOf(length.unit)
      }, but they are ${rampdown.count} and ${length.count}`,
    );
  }
}
