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
  /** Largest random shift in pixels. */
  readonly translate: number;
  /** Largest random turn in degrees. */
  readonly rotate: number;
  /** Whether to mirror images at random. */
  readonly flip: boolean;
  /** Examples in a batch. */
  readonly batchSize: number;
  /** Labelled examples in a batch. */
  readonly labeledBatchSize: number;
  /** Whether to train on labelled examples alone. */
  readonly excludeUnlabeled: boolean;
  /** Length of the run in passes over the unlabelled examples. */
  readonly epochs: number;
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
  /** Epochs until the cosine reaches 0; 0 = no ramp-down, null = as many as the run. */
  readonly learningRateRampdownEpochs: number | null;
  /** Momentum of SGD. */
  readonly momentum: number;
  /** Whether SGD's momentum is Nesterov's. */
  readonly nesterov: boolean;
  /** Adam's β₁. */
  readonly beta1: number;
  /** Adam's β₂. */
  readonly beta2: number;
  /** Times the weight, added to its gradient. */
  readonly weightDecay: number;
  /** Decay of the teacher's average, after its warm-up. */
  readonly emaDecay: number;
  /** Weight of the consistency cost, after its ramp-up. */
  readonly consistency: number;
  /** How student and teacher are compared. */
  readonly consistencyType: ConsistencyType;
  /** Epochs of the consistency weight's ramp-up. */
  readonly consistencyRampupEpochs: number;
  /** Weight of the distance between two heads; below 0 = one head. */
  readonly logitDistanceCost: number;
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

/** What an option may be, by default and range. */
export type OptionRow = NumberOption | ChoiceOption | SwitchOption;

const paper = "Tarvainen & Valpola 2017";
const epochs = "epochs";

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
    default: 0.3,
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
  translate: {
    kind: "integer",
    default: 2,
    minimum: 0,
    unit: "pixels",
    help: "largest random shift along each axis",
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
  batchSize: { kind: "integer", default: 100, minimum: 1, help: "examples in a batch" },
  labeledBatchSize: { kind: "integer", default: 50, minimum: 1, help: "labelled examples in a batch" },
  excludeUnlabeled: {
    kind: "switch",
    default: false,
    help: "train on labelled examples alone, for as many steps: the supervised baseline",
  },
  epochs: {
    kind: "number",
    default: 2.25,
    minimum: 0,
    isOpen: "below",
    help: "length of the run in passes over the unlabelled examples",
  },
  maxSteps: {
    kind: "integer",
    default: null,
    minimum: 1,
    unit: "steps",
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
    help: "length of the learning rate's linear warm-up",
    source: "Goyal et al. 2017",
  },
  learningRateRampdownEpochs: {
    kind: "number",
    default: null,
    minimum: 0,
    unit: epochs,
    help: "where the learning rate's cosine reaches 0, not before the end; 0: none (default: the end)",
    source: "Loshchilov & Hutter 2017",
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
  beta2: { kind: "number", default: 0.99, minimum: 0, maximum: 1, isOpen: "above", help: "Adam's β₂" },
  weightDecay: { kind: "number", default: 0, minimum: 0, help: "times the weight, added to its gradient" },
  emaDecay: {
    kind: "number",
    default: 0.95,
    minimum: 0,
    maximum: 1,
    help: "decay of the teacher's average of weights",
    source: `${paper}, equation 2`,
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
    choices: ["mse", "kl"],
    help: "how student and teacher are compared: squared difference or divergence of probabilities",
  },
  consistencyRampupEpochs: {
    kind: "number",
    default: 0.2,
    minimum: 0,
    unit: epochs,
    help: "length of the consistency weight's sigmoid ramp-up",
    source: "Laine & Aila 2017",
  },
  logitDistanceCost: {
    kind: "number",
    default: -1,
    minimum: -Infinity,
    help: "weight of the distance between two heads; below 0: one head",
    source: `${paper}, appendix B.2`,
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
  recordSteps: { kind: "integer", default: 50, minimum: 1, unit: "steps", help: "how often to record costs" },
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
  const { batchSize, labeledBatchSize, epochs, learningRateRampdownEpochs: rampdown } = options;
  if (!options.excludeUnlabeled && labeledBatchSize >= batchSize) {
    throw new RangeError(
      `Cannot train as ${nameOf("labeledBatchSize")} must be below ${
        nameOf("batchSize")
      }: they are ${labeledBatchSize} and ${batchSize}`,
    );
  }
  if (rampdown !== null && rampdown > 0 && rampdown < epochs) {
    throw new RangeError(
      `Cannot train as ${nameOf("learningRateRampdownEpochs")} must be 0 or at least ${
        nameOf("epochs")
      }: they are ${rampdown} and ${epochs}`,
    );
  }
}
