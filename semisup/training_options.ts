/**
 * The options of a training run: their meaning, defaults and ranges. A command line, a help page and a table in the
 * docs follow from the rows here.
 * @module
 */
import { architectures } from "../nn/mod.ts";
import type { ConsistencyType } from "./mean_teacher.ts";

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
  /** Epochs of warm-up. */
  readonly learningRateRampupEpochs: number;
  /** Steps of warm-up, in the place of epochs. */
  readonly learningRateRampupSteps: number | null;
  /** Form of the warm-up. */
  readonly learningRateRampupShape: "linear" | "sigmoid";
  /** Epochs until the cosine reaches 0, or that the sigmoid comes down for at the end; 0 = no ramp-down, null = as many as the run. */
  readonly learningRateRampdownEpochs: number | null;
  /** The same in steps, in the place of epochs. */
  readonly learningRateRampdownSteps: number | null;
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
  /** Epochs of the consistency weight's ramp-up. */
  readonly consistencyRampupEpochs: number;
  /** Steps of the ramp-up, in the place of epochs. */
  readonly consistencyRampupSteps: number | null;
  /** Form of the ramp-up. */
  readonly consistencyRampupShape: "sigmoid" | "linear" | "step";
  /** Whether the consistency weight changes from epoch to epoch only. */
  readonly consistencyRampupPerEpoch: boolean;
  /** Weight of the distance between two heads; below 0 = one head. */
  readonly logitDistanceCost: number;
  /** Over classes. */
  readonly logitDistanceReduction: "mean" | "sum";
  /** Epochs between evaluations; 0 = at the end only. */
  readonly evaluationEpochs: number;
  /** Epochs between checkpoints; 0 = at the end only. */
  readonly checkpointEpochs: number;
  /** Steps between records of costs. */
  readonly recordSteps: number;
}

/** What every option has. */
export interface OptionBase<T> {
  /** Value where nothing is said. */
  readonly default: T;
  /** What it does, in a line. */
  readonly help: string;
  /** Where it comes from. */
  readonly source?: string;
}

/** A number in a range. */
export interface NumberOption extends OptionBase<number | null> {
  /** Discriminant; integers have no fractions. */
  readonly kind: "number" | "integer";
  /** Smallest value. */
  readonly minimum: number;
  /** Largest value; none where absent. */
  readonly maximum?: number;
  /** Whether the ends of the range are outside it. */
  readonly isOpen?: "above" | "below";
  /** What is counted. */
  readonly unit?: string;
}

/** One of some words. */
export interface ChoiceOption extends OptionBase<string | null> {
  /** Discriminant. */
  readonly kind: "choice";
  /** The words. */
  readonly choices: readonly string[];
}

/** Yes or no. */
export interface SwitchOption extends OptionBase<boolean> {
  /** Discriminant. */
  readonly kind: "switch";
}

/** Several numbers of at least 0. */
export interface NumbersOption extends OptionBase<readonly number[] | null> {
  /** Discriminant. */
  readonly kind: "numbers";
  /** How many. */
  readonly count: number;
}

/** What an option may be, by default and range. */
export type OptionRow = NumberOption | ChoiceOption | SwitchOption | NumbersOption;

const paper = "Tarvainen & Valpola 2017";
const epochs = "epochs", steps = "steps";

/** Every option of a training run. A new one is a line in {@linkcode TrainingOptions} and a row here. */
export const trainingOptions: { readonly [K in keyof TrainingOptions]: OptionRow } = {
  seed: { kind: "integer", default: 1, minimum: 0, maximum: 2 ** 32 - 1, help: "seed of all random numbers" },
  architecture: {
    kind: "choice",
    default: "convnet_small",
    choices: architectures.map(({ name }) => name),
    help: "network of student and teacher",
  },
  dropout: {
    kind: "number",
    // The small network is too small to do without a part of itself: of digits with 100 labels, its teacher errs on 1.9 %
    // without dropout and on 2.2 % with 0.3, of clothes and 320 labels on 17.6 and 19.3 %.
    default: 0,
    minimum: 0,
    maximum: 1,
    isOpen: "above",
    help: "probability of dropout",
  },
  inputNoise: {
    kind: "number",
    default: 0.15,
    minimum: 0,
    help: "standard deviation of Gaussian noise on normalised pixels",
    source: `${paper}, table 5`,
  },
  normalize: {
    kind: "choice",
    default: "channel",
    choices: ["channel", "gcn-zca", "per-image"],
    help: "how pixels are normalised",
  },
  translate: {
    kind: "integer",
    default: 2,
    minimum: 0,
    unit: "pixels",
    help: "largest random shift along each axis",
  },
  translateFill: {
    kind: "choice",
    default: "reflect",
    choices: ["reflect", "zero"],
    help: "what comes in where an image is shifted or turned away",
  },
  rotate: {
    kind: "number",
    default: 10,
    minimum: 0,
    maximum: 180,
    unit: "degrees",
    help: "largest random turn",
  },
  flip: { kind: "switch", default: false, help: "mirror images left to right at random" },
  randomResizedCrop: {
    kind: "integer",
    default: null,
    minimum: 1,
    unit: "pixels",
    help: "side of the square that a random part of an image is resized to (default: none)",
  },
  colorJitter: {
    kind: "numbers",
    default: null,
    count: 4,
    help: "largest random change of brightness, contrast, saturation and hue (default: none)",
  },
  batchSize: { kind: "integer", default: 100, minimum: 1, help: "examples in a batch" },
  labeledBatchSize: { kind: "integer", default: 50, minimum: 1, help: "labelled examples in a batch" },
  excludeUnlabeled: {
    kind: "switch",
    default: false,
    help: "train on labelled examples alone, for as many steps: the supervised baseline",
  },
  sampling: {
    kind: "choice",
    default: "two-stream",
    choices: ["two-stream", "two-stream-all", "vary"],
    help: "batches of unlabelled and labelled examples; of all with labels hidden and labelled ones; of all",
    source: `${paper}, appendix B`,
  },
  balanceClasses: {
    kind: "switch",
    default: false,
    help: "draw labelled examples of each class equally often, however many there are",
  },
  algorithm: {
    kind: "choice",
    default: "mean-teacher",
    choices: ["mean-teacher", "pi"],
    help: "what the student is compared with: the averaged teacher, or its own second pass (Π model)",
    source: `${paper}; Laine & Aila 2017`,
  },
  epochs: {
    kind: "number",
    default: 2.25,
    minimum: 0,
    isOpen: "below",
    help: "length of the run in passes over the unlabelled examples",
  },
  steps: {
    kind: "integer",
    default: null,
    minimum: 1,
    unit: steps,
    help: "length of the run in steps, in the place of epochs",
  },
  maxSteps: {
    kind: "integer",
    default: null,
    minimum: 1,
    unit: steps,
    help: "stop there, wherever the run is",
  },
  optimizer: { kind: "choice", default: "adam", choices: ["adam", "sgd"], help: "how the student learns" },
  learningRate: { kind: "number", default: 0.003, minimum: 0, help: "learning rate after warm-up" },
  initialLearningRate: {
    kind: "number",
    default: 0,
    minimum: 0,
    help: "learning rate at the start of warm-up",
  },
  learningRateRampupEpochs: {
    kind: "number",
    default: 0.04,
    minimum: 0,
    unit: epochs,
    help: "length of the learning rate's warm-up",
    source: "Goyal et al. 2017",
  },
  learningRateRampupSteps: {
    kind: "integer",
    default: null,
    minimum: 0,
    unit: steps,
    help: "length of the warm-up in steps, in the place of epochs",
  },
  learningRateRampupShape: {
    kind: "choice",
    default: "linear",
    choices: ["linear", "sigmoid"],
    help: "form of the warm-up",
  },
  learningRateRampdownEpochs: {
    kind: "number",
    default: null,
    minimum: 0,
    unit: epochs,
    help:
      "where the learning rate's cosine reaches 0, not before the end, or the sigmoid's length up to the end; 0: none (default: the end)",
    source: "Loshchilov & Hutter 2017",
  },
  learningRateRampdownSteps: {
    kind: "integer",
    default: null,
    minimum: 0,
    unit: steps,
    help: "the ramp-down's length in steps, in the place of epochs",
  },
  learningRateRampdownShape: {
    kind: "choice",
    default: "cosine",
    choices: ["cosine", "sigmoid"],
    help: "form of the ramp-down",
  },
  momentum: {
    kind: "number",
    default: 0.9,
    minimum: 0,
    maximum: 1,
    isOpen: "above",
    help: "momentum of SGD",
  },
  nesterov: { kind: "switch", default: true, help: "Nesterov's momentum for SGD" },
  beta1: { kind: "number", default: 0.9, minimum: 0, maximum: 1, isOpen: "above", help: "Adam's β₁" },
  beta1AfterRampdown: {
    kind: "number",
    default: null,
    minimum: 0,
    maximum: 1,
    isOpen: "above",
    help: "what β₁ comes to as the learning rate ramps down (default: it stays)",
  },
  beta2: { kind: "number", default: 0.99, minimum: 0, maximum: 1, isOpen: "above", help: "Adam's β₂" },
  beta2DuringRampup: {
    kind: "number",
    default: null,
    minimum: 0,
    maximum: 1,
    isOpen: "above",
    help: "β₂ until the consistency weight is up (default: the same)",
  },
  epsilon: {
    kind: "number",
    default: 1e-8,
    minimum: 0,
    help: "added to the root of Adam's mean square",
    source: "Kingma & Ba 2015",
  },
  weightDecay: { kind: "number", default: 0, minimum: 0, help: "times the weight, added to its gradient" },
  emaDecay: {
    kind: "number",
    default: 0.95,
    minimum: 0,
    maximum: 1,
    help: "decay of the teacher's average of weights",
    source: `${paper}, equation 2`,
  },
  emaDecayDuringRampup: {
    kind: "number",
    default: null,
    minimum: 0,
    maximum: 1,
    help: "the decay until the consistency weight is up (default: the same)",
    source: `${paper}, appendix B.1`,
  },
  emaWarmup: {
    kind: "switch",
    default: true,
    help: "the average beginning as that of all steps so far: a decay of at most 1 − 1 / (steps + 1)",
  },
  consistency: {
    kind: "number",
    default: 100,
    minimum: 0,
    help: "weight of the consistency cost",
    source: `${paper}, equation 1`,
  },
  consistencyType: {
    kind: "choice",
    default: "mse",
    choices: ["mse", "kl", "trust"],
    help:
      "how student and teacher are compared: squared difference or divergence of probabilities, or between them",
  },
  consistencyTrust: {
    kind: "number",
    default: 1,
    minimum: 0,
    maximum: 1,
    help: "for trust: from 0, squared difference, to 1, scaled divergence",
    source: `${paper}, appendix C`,
  },
  consistencyToLabeled: {
    kind: "switch",
    default: true,
    help: "a consistency cost of labelled examples",
  },
  consistencyRampupEpochs: {
    kind: "number",
    default: 0.2,
    minimum: 0,
    unit: epochs,
    help: "length of the consistency weight's ramp-up",
    source: "Laine & Aila 2017",
  },
  consistencyRampupSteps: {
    kind: "integer",
    default: null,
    minimum: 0,
    unit: steps,
    help: "length of the ramp-up in steps, in the place of epochs",
  },
  consistencyRampupShape: {
    kind: "choice",
    default: "sigmoid",
    choices: ["sigmoid", "linear", "step"],
    help: "form of the ramp-up",
  },
  consistencyRampupPerEpoch: {
    kind: "switch",
    default: false,
    help: "change the consistency weight once an epoch, not every step",
  },
  logitDistanceCost: {
    kind: "number",
    default: -1,
    minimum: -Infinity,
    help: "weight of the distance between two heads; below 0: one head",
    source: `${paper}, appendix B.2`,
  },
  logitDistanceReduction: {
    kind: "choice",
    default: "mean",
    choices: ["mean", "sum"],
    help: "of the squared distance over classes",
  },
  evaluationEpochs: {
    kind: "number",
    default: 0.25,
    minimum: 0,
    unit: epochs,
    help: "how often to evaluate on the test set; 0: at the end only",
  },
  checkpointEpochs: {
    kind: "number",
    default: 1,
    minimum: 0,
    unit: epochs,
    help: "how often to save a checkpoint; 0: at the end only",
  },
  recordSteps: { kind: "integer", default: 50, minimum: 1, unit: steps, help: "how often to record costs" },
};

/** The default value of every option. */
export const defaultOptions: TrainingOptions = Object.fromEntries(
  Object.entries(trainingOptions).map(([name, row]) => [name, row.default]),
) as unknown as TrainingOptions;

/** What is wrong with a value of an option, as "must be …"; `undefined` where nothing is. */
export function faultOf(row: OptionRow, value: unknown): string | undefined {
  if (row.kind === "switch") return typeof value === "boolean" ? undefined : "must be true or false";
  if (row.kind === "choice") {
    return row.choices.includes(value as string) ? undefined : `must be one of ${row.choices.join(", ")}`;
  }
  if (value === null && row.default === null) return undefined;
  if (row.kind === "numbers") {
    const isWhole = Array.isArray(value) && value.length === row.count &&
      value.every((each) => Number.isFinite(each) && each >= 0);
    return isWhole ? undefined : `must be ${row.count} numbers from 0`;
  }
  const { minimum, maximum = Infinity, isOpen } = row;
  const isInside = typeof value === "number" && Number.isFinite(value) &&
    (isOpen === "below" ? value > minimum : value >= minimum) &&
    (isOpen === "above" ? value < maximum : value <= maximum) &&
    (row.kind === "number" || Number.isInteger(value));
  if (isInside) return undefined;
  const lower = minimum === -Infinity ? "" : isOpen === "below" ? ` above ${minimum}` : ` from ${minimum}`;
  const upper = maximum === Infinity ? "" : isOpen === "above" ? ` to below ${maximum}` : ` to ${maximum}`;
  return `must be a ${row.kind === "integer" ? "whole " : ""}number${lower}${upper}`;
}

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
  // Where they are in different units, it takes the length of an epoch to compare them: see checkSchedule.
  const inSteps = options.learningRateRampdownSteps !== null;
  if (inSteps !== (options.steps !== null)) return;
  const lengths = inSteps
    ? ["learningRateRampdownSteps", "steps"] as const
    : ["learningRateRampdownEpochs", "epochs"] as const;
  const [rampdown, length] = lengths.map((name) => options[name]);
  if (rampdown === null || length === null || rampdown === undefined || length === undefined) return;
  const isCosine = options.learningRateRampdownShape === "cosine";
  if (rampdown > 0 && (isCosine ? rampdown < length : rampdown > length)) {
    throw new RangeError(
      `Cannot train as ${nameOf(lengths[0])} must be 0 or at ${isCosine ? "least" : "most"} ${
        nameOf(lengths[1])
      }: they are ${rampdown} and ${length}`,
    );
  }
}
