/**
 * The options of a training run: their defaults, ranges and meaning. A command line, a help page and a table in the docs
 * follow from the rows here.
 * @module
 */
import { architectures } from "../../nn/mod.ts";
import { augmentationNames } from "../augmentations/mod.ts";
import { isLength, type Length } from "./length.ts";
import type { TrainingOptions } from "./training_options.ts";

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

/** A number of epochs, or of steps. */
export interface LengthOption extends OptionBase<Length | null> {
  /** Discriminant. */
  readonly kind: "length";
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
export type OptionRow = NumberOption | LengthOption | ChoiceOption | SwitchOption | NumbersOption;

const number = <T extends number | null>(
  value: T,
  help: string,
  more: Partial<Omit<NumberOption, "kind" | "default">> = {},
) => ({ kind: "number", default: value, minimum: 0, help, ...more }) as const;

const integer = <T extends number | null>(...row: Parameters<typeof number<T>>) =>
  ({ ...number<T>(...row), kind: "integer" }) as const;

const length = <T extends Length | null>(value: T, help: string, more: { readonly source?: string } = {}) =>
  ({ kind: "length", default: value, help, ...more }) as const;

const choice = <T extends string>(
  value: NoInfer<T>,
  choices: readonly T[],
  help: string,
  more: { readonly source?: string } = {},
): ChoiceOption & { readonly default: T } => ({ kind: "choice", default: value, choices, help, ...more });

const onOff = (value: boolean, help: string) => ({ kind: "switch", default: value, help }) as const;

const paper = "Tarvainen & Valpola 2017";
const pixels = { unit: "pixels" } as const, steps = { minimum: 1, unit: "steps" } as const;
const upToOne = { maximum: 1 } as const, belowOne = { maximum: 1, isOpen: "above" } as const;

/** Every option of a training run. A new one is a line in {@linkcode TrainingOptions} and a row here. */
export const trainingOptions: {
  readonly [K in keyof TrainingOptions]: OptionRow & { readonly default: TrainingOptions[K] };
} = {
  seed: integer(1, "seed of all random numbers", { maximum: 2 ** 32 - 1 }),
  architecture: choice(
    "convnet_small",
    architectures.map(({ name }) => name),
    "network of student and teacher",
  ),
  // The small network is too small to do without a part of itself: of digits with 100 labels, its teacher errs on 1.9 %
  // without dropout and on 2.2 % with 0.3, of clothes and 320 labels on 17.6 and 19.3 %.
  dropout: number(0, "probability of dropout", belowOne),
  inputNoise: number(0.15, "standard deviation of Gaussian noise on normalised pixels", {
    source: `${paper}, table 5`,
  }),
  normalize: choice("channel", ["channel", "gcn-zca", "per-image"], "how pixels are normalised"),
  translate: integer(2, "largest random shift along each axis", pixels),
  translateFill: choice(
    "reflect",
    ["reflect", "zero"],
    "what comes in where an image is shifted or turned away",
  ),
  rotate: number(10, "largest random turn", { maximum: 180, unit: "degrees" }),
  flip: onOff(false, "mirror images left to right at random"),
  randomResizedCrop: integer(
    null,
    "side of the square that a random part of an image is resized to (default: none)",
    { minimum: 1, ...pixels },
  ),
  colorJitter: {
    kind: "numbers",
    default: null,
    count: 4,
    help: "largest random change of brightness, contrast, saturation and hue (default: none)",
  },
  weakAugment: choice("none", augmentationNames, "augmentation that follows in weak views"),
  strongAugment: {
    kind: "choice",
    default: null,
    choices: augmentationNames,
    help:
      "augmentation that follows in strong views, which the student then sees (default: randaugment if the method has strong views)",
    source: "Sohn et al. 2020",
  },
  randaugmentOperations: integer(2, "RandAugment's operations per image", {
    minimum: 1,
    source: "Cubuk et al. 2020",
  }),
  randaugmentMagnitude: number(10, "RandAugment's largest magnitude", {
    maximum: 10,
    source: "Cubuk et al. 2020",
  }),
  cutout: integer(
    null,
    "side of the square cut out of strong views; 0: none (default: half the image's side)",
    { unit: "pixels" },
  ),
  batchSize: integer(100, "examples in a batch", { minimum: 1 }),
  labeledBatchSize: integer(50, "labelled examples in a batch", { minimum: 1 }),
  excludeUnlabeled: onOff(
    false,
    "train on labelled examples alone, for as many steps: the supervised baseline",
  ),
  sampling: choice(
    "two-stream",
    ["two-stream", "two-stream-all", "vary"],
    "batches of unlabelled and labelled examples; of all with labels hidden and labelled ones; of all",
    { source: `${paper}, appendix B` },
  ),
  balanceClasses: onOff(false, "draw labelled examples of each class equally often, however many there are"),
  algorithm: choice(
    "mean-teacher",
    ["mean-teacher", "pi"],
    "what the student is compared with: the averaged teacher, or its own second pass (Π model)",
    { source: `${paper}; Laine & Aila 2017` },
  ),
  epochs: number(2.25, "length of the run in passes over the unlabelled examples", { isOpen: "below" }),
  steps: integer(null, "length of the run in steps, in the place of epochs", steps),
  maxSteps: integer(null, "stop there, wherever the run is", steps),
  optimizer: choice("adam", ["adam", "adamw", "sgd"], "optimiser of the student"),
  learningRate: number(0.003, "learning rate after warm-up"),
  initialLearningRate: number(0, "learning rate at the start of warm-up"),
  learningRateRampup: length(0.04, "length of the learning rate's warm-up", { source: "Goyal et al. 2017" }),
  learningRateRampupShape: choice("linear", ["linear", "sigmoid"], "form of the warm-up"),
  learningRateRampdown: length(
    null,
    "where the learning rate's cosine or arc ends, not before the run's end; the sigmoid's length up to the end; the length between two drops; 0: none (default: the end)",
    { source: "Loshchilov & Hutter 2017" },
  ),
  learningRateRampdownShape: choice(
    "cosine",
    ["cosine", "cosine-arc", "sigmoid", "step"],
    "form of the ramp-down: half a cosine to 0, FixMatch's cos(7π/16 · progress), a sigmoid, or drops",
  ),
  learningRateDropFactor: number(0.1, "factor of the learning rate at each drop", {
    ...upToOne,
    isOpen: "below",
  }),
  clipNorm: number(null, "largest norm of all gradients together (default: no clipping)", {
    isOpen: "below",
  }),
  momentum: number(0.9, "momentum of SGD", belowOne),
  nesterov: onOff(true, "Nesterov's momentum for SGD"),
  beta1: number(0.9, "Adam's β₁", belowOne),
  beta1AfterRampdown: number(
    null,
    "what β₁ comes to as the learning rate ramps down (default: it stays)",
    belowOne,
  ),
  beta2: number(0.99, "Adam's β₂", belowOne),
  beta2DuringRampup: number(null, "β₂ until the consistency weight is up (default: the same)", belowOne),
  epsilon: number(1e-8, "added to the root of Adam's mean square", { source: "Kingma & Ba 2015" }),
  weightDecay: number(
    null,
    "times the weight, added to its gradient, with AdamW subtracted from the weight (default: 0, with AdamW 0.01)",
  ),
  emaDecay: number(0.95, "decay of the teacher's average of weights", {
    ...upToOne,
    source: `${paper}, equation 2`,
  }),
  emaDecayDuringRampup: number(null, "the decay until the consistency weight is up (default: the same)", {
    ...upToOne,
    source: `${paper}, appendix B.1`,
  }),
  emaWarmup: onOff(
    true,
    "the average beginning as that of all steps so far: a decay of at most 1 − 1 / (steps + 1)",
  ),
  consistency: number(100, "weight of the consistency cost", { source: `${paper}, equation 1` }),
  consistencyType: choice(
    "mse",
    ["mse", "kl", "trust"],
    "how student and teacher are compared: squared difference or divergence of probabilities, or between them",
  ),
  consistencyTrust: number(1, "for trust: from 0, squared difference, to 1, scaled divergence", {
    ...upToOne,
    source: `${paper}, appendix C`,
  }),
  consistencyToLabeled: onOff(true, "a consistency cost of labelled examples"),
  consistencyRampup: length(0.2, "length of the consistency weight's ramp-up", {
    source: "Laine & Aila 2017",
  }),
  consistencyRampupShape: choice("sigmoid", ["sigmoid", "linear", "step"], "form of the ramp-up"),
  consistencyRampupPerEpoch: onOff(false, "change the consistency weight once an epoch, not every step"),
  logitDistanceCost: number(-1, "weight of the distance between two heads; below 0: one head", {
    minimum: -Infinity,
    source: `${paper}, appendix B.2`,
  }),
  logitDistanceReduction: choice("mean", ["mean", "sum"], "of the squared distance over classes"),
  evaluationEpochs: length(0.25, "how often to evaluate on the test set; 0: at the end only"),
  checkpointEpochs: length(1, "how often to save a checkpoint; 0: at the end only"),
  recordSteps: integer(50, "how often to record costs", steps),
};

/** The default value of each of some options. */
export function defaultsOf<T>(
  rows:
    & { readonly [K in keyof T]: { readonly default: T[K] } }
    & Readonly<Record<string, OptionBase<unknown>>>,
): T {
  return Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, row.default])) as T;
}

/** What is wrong with a value of an option, as "must be …"; `undefined` where nothing is. */
export function faultOf(row: OptionRow, value: unknown): string | undefined {
  if (value === null && row.default === null) return undefined;
  switch (row.kind) {
    case "switch":
      return typeof value === "boolean" ? undefined : "must be true or false";
    case "choice":
      return row.choices.some((each) => each === value)
        ? undefined
        : `must be one of ${row.choices.join(", ")}`;
    case "length":
      return isLength(value) ? undefined : "must be a number of epochs from 0, or of steps as in 4000steps";
    case "numbers":
      return Array.isArray(value) && value.length === row.count &&
          value.every((each) => Number.isFinite(each) && each >= 0)
        ? undefined
        : `must be ${row.count} numbers from 0`;
    default:
      return numberFault(row, value);
  }
}

function numberFault(
  { kind, minimum, maximum = Infinity, isOpen }: NumberOption,
  value: unknown,
): string | undefined {
  const isInside = typeof value === "number" && Number.isFinite(value) &&
    (isOpen === "below" ? value > minimum : value >= minimum) &&
    (isOpen === "above" ? value < maximum : value <= maximum) &&
    (kind === "number" || Number.isInteger(value));
  if (isInside) return undefined;
  const lower = minimum === -Infinity ? "" : isOpen === "below" ? ` above ${minimum}` : ` from ${minimum}`;
  const upper = maximum === Infinity ? "" : isOpen === "above" ? ` to below ${maximum}` : ` to ${maximum}`;
  return `must be a ${kind === "integer" ? "whole " : ""}number${lower}${upper}`;
}
