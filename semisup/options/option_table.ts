/**
 * The options of a training run: defaults, ranges and meaning. The command line, its help and the options page of the docs
 * are generated from the rows here.
 * @module
 */
import { architectureNames } from "../../nn/mod.ts";
import { augmentationNames } from "../augmentations/mod.ts";
import { methodNames } from "../methods/mod.ts";
import {
  choice,
  inGroup,
  integer,
  length,
  name,
  number,
  onOff,
  type OptionGroup,
  type OptionRow,
  text,
} from "./option_rows.ts";
import type { TrainingOptions } from "./training_options.ts";

const paper = "Tarvainen & Valpola 2017";
const pixels = { unit: "pixels" } as const, steps = { minimum: 1, unit: "steps" } as const;
const upToOne = { maximum: 1 } as const, belowOne = { maximum: 1, isOpen: "above" } as const;
const common = { common: true } as const;

/** Every option of a training run. To add one, add a field to {@linkcode TrainingOptions} and a row here. */
export const trainingOptions: {
  readonly [K in keyof TrainingOptions]:
    & OptionRow
    & { readonly default: TrainingOptions[K]; readonly group: OptionGroup };
} = {
  ...inGroup("data", {
    normalize: choice(
      "channel",
      ["channel", "gcn-zca", "per-image"],
      "pixel normalisation: mean and deviation per channel, contrast normalisation and ZCA whitening, or mean and deviation per image",
    ),
  }),
  ...inGroup("labels", {
    labeledBatchSize: integer(50, "labelled examples per batch", { minimum: 1 }),
    excludeUnlabeled: onOff(
      false,
      "train only on the labelled examples, for as many steps: a supervised baseline",
    ),
    sampling: choice(
      "two-stream",
      ["two-stream", "two-stream-all", "vary"],
      "examples that fill the rest of a batch: unlabelled ones, or all with their labels hidden; vary draws the whole batch from all examples",
      { source: `${paper}, appendix B` },
    ),
    balanceClasses: onOff(false, "draw labelled examples of every class equally often"),
  }),
  ...inGroup("network", {
    architecture: name("convnet_small", architectureNames, "network of student and teacher", common),
    // Dropout hurts the small network: on digits with 100 labels its teacher errs on 1.9 % without and on 2.2 % with 0.3,
    // on clothes with 320 labels on 17.6 and 19.3 %.
    dropout: number(0, "dropout probability", belowOne),
    freeze: text(
      null,
      "features|N",
      "do not train the features of the weights of --init, only the heads; or not their first N stages (default: train all)",
    ),
    initLrFactor: number(1, "factor of the learning rate of the weights of --init", {
      ...upToOne,
      isOpen: "below",
    }),
  }),
  ...inGroup("costs", {
    algorithm: choice<string>("mean-teacher", methodNames, "training method", common),
    classWeights: {
      kind: "weights",
      default: null,
      help:
        "weights of classes in the classification cost: balanced, inversely to their numbers of labels; a number for each class, in order; or name=number for some, 1 for the others (default: equal)",
    },
    labelSmoothing: number(0, "share of every label that is spread evenly over all classes", {
      ...belowOne,
      source: "Szegedy et al. 2016",
    }),
    consistency: number(100, "weight of the consistency cost", { source: `${paper}, equation 1` }),
    consistencyType: choice(
      "mse",
      ["mse", "kl", "trust"],
      "consistency cost: squared difference of probabilities, KL divergence, or a mixture of both (consistency trust)",
    ),
    consistencyTrust: number(
      1,
      "mixture of type trust: 0 is squared difference, 1 is scaled KL divergence",
      { ...upToOne, source: `${paper}, appendix C` },
    ),
    consistencyToLabeled: onOff(true, "the consistency cost on labelled examples"),
    consistencyRampup: length(0.2, "length of the ramp-up of the consistency weight", {
      source: "Laine & Aila 2017",
    }),
    consistencyRampupShape: choice(
      "sigmoid",
      ["sigmoid", "linear", "step"],
      "shape of the ramp-up of the consistency weight",
    ),
    consistencyRampupPerEpoch: onOff(
      false,
      "update the consistency weight once per epoch instead of every step",
    ),
    logitDistanceCost: number(
      -1,
      "weight of the squared distance between the logits of two heads; negative: use one head",
      { minimum: -Infinity, source: `${paper}, appendix B.2` },
    ),
    logitDistanceReduction: choice("mean", ["mean", "sum"], "reduction of the logit distance over classes"),
  }),
  ...inGroup("optimiser", {
    optimizer: choice("adam", ["adam", "adamw", "sgd"], "optimiser of the student"),
    batchSize: integer(100, "examples per batch", { minimum: 1 }),
    learningRate: number(0.003, "learning rate after warm-up"),
    initialLearningRate: number(0, "learning rate at the start of warm-up"),
    learningRateRampup: length(0.04, "length of the learning rate's warm-up", {
      source: "Goyal et al. 2017",
    }),
    learningRateRampupShape: choice("linear", ["linear", "sigmoid"], "shape of the learning rate's warm-up"),
    learningRateRampdown: length(
      null,
      "cosine: point where the learning rate reaches 0, at or after the end of the run; sigmoid: length of the ramp-down at the end; step: interval between drops; 0: none (default: the whole run)",
      { source: "Loshchilov & Hutter 2017" },
    ),
    learningRateRampdownShape: choice(
      "cosine",
      ["cosine", "cosine-arc", "sigmoid", "step"],
      "shape of the learning rate's ramp-down: ½ (cos(π t) + 1), cos(7π t / 16) as in FixMatch, a sigmoid, or drops",
    ),
    learningRateDropFactor: number(0.1, "factor of the learning rate at each drop of shape step", {
      ...upToOne,
      isOpen: "below",
    }),
    precision: choice(
      "float32",
      ["float32", "float16"],
      "storage of images and operands of products in a training step: float16, with loss scaling, halves memory and traffic on GPUs that have it",
      { source: "Micikevicius et al. 2018" },
    ),
    clipNorm: number(null, "clip gradients to this global norm (default: no clipping)", { isOpen: "below" }),
    momentum: number(0.9, "momentum of SGD", belowOne),
    nesterov: onOff(true, "Nesterov momentum for SGD"),
    beta1: number(0.9, "β₁ of Adam", belowOne),
    beta1AfterRampdown: number(
      null,
      "β₁ of Adam at the end of the learning rate's ramp-down (default: unchanged)",
      belowOne,
    ),
    beta2: number(0.99, "β₂ of Adam", belowOne),
    beta2DuringRampup: number(
      null,
      "β₂ of Adam during the consistency ramp-up (default: unchanged)",
      belowOne,
    ),
    epsilon: number(1e-8, "ε of Adam, added to the root of the mean square", { source: "Kingma & Ba 2015" }),
    weightDecay: number(
      null,
      "weight decay: L2, added to the gradient; decoupled with AdamW (default: 0, with AdamW 0.01)",
    ),
    emaDecay: number(0.95, "EMA decay of the teacher's average of the student's weights", {
      ...upToOne,
      source: `${paper}, equation 2`,
    }),
    emaDecayDuringRampup: number(null, "EMA decay during the consistency ramp-up (default: unchanged)", {
      ...upToOne,
      source: `${paper}, appendix B.1`,
    }),
    emaWarmup: onOff(true, "EMA warm-up (decay capped at 1 − 1/(step + 1))"),
  }),
  ...inGroup("augmentation", {
    inputNoise: number(0.15, "standard deviation of Gaussian noise added to normalised pixels", {
      source: `${paper}, table 5`,
    }),
    translate: integer(2, "largest random shift along each axis", pixels),
    translateFill: choice(
      "reflect",
      ["reflect", "zero"],
      "fill for the border uncovered by a shift or rotation",
    ),
    rotate: number(10, "largest random rotation", { maximum: 180, unit: "degrees" }),
    flip: onOff(false, "mirror images left to right at random"),
    randomResizedCrop: integer(
      null,
      "side of the square to which a random part of an image is resized (default: no cropping)",
      { minimum: 1, ...pixels },
    ),
    colorJitter: {
      kind: "numbers",
      default: null,
      count: 4,
      help: "largest random change of brightness, contrast, saturation and hue (default: none)",
    },
    weakAugment: name("none", augmentationNames, "augmentation added to weak views"),
    strongAugment: name(
      null,
      augmentationNames,
      "augmentation added to strong views, which the student then sees; if absent, only methods with strong views have some, by randaugment",
      { source: "Sohn et al. 2020" },
    ),
    randaugmentOperations: integer(2, "operations of RandAugment per image", {
      minimum: 1,
      source: "Cubuk et al. 2020",
    }),
    randaugmentMagnitude: number(10, "largest magnitude of RandAugment", {
      maximum: 10,
      source: "Cubuk et al. 2020",
    }),
    cutout: integer(
      null,
      "side of the square that randaugment and cutout erase; 0: none (default: half the image's side)",
      pixels,
    ),
  }),
  ...inGroup("running", {
    seed: integer(1, "seed of all random numbers", { maximum: 2 ** 32 - 1, common: true }),
    epochs: number(2.25, "passes over the unlabelled examples", {
      isOpen: "below",
      common: true,
    }),
    steps: integer(null, "length of the run in steps, instead of epochs", steps),
    maxSteps: integer(null, "stop after this step; the schedules stay those of the full length", steps),
    patience: integer(
      null,
      "end the run after this many evaluations without an improvement (default: no such end)",
      { minimum: 1, unit: "evaluations" },
    ),
  }),
  ...inGroup("output", {
    evaluationEpochs: length(0.25, "interval between evaluations on the test set; 0: only at the end"),
    keep: {
      kind: "choice",
      default: null,
      choices: ["last", "best"],
      help:
        "weights that model.safetensors gets: the last, or the best by the held-out labels, by the test set if there is no other; the best are also in best.safetensors (default: last; with --patience best)",
    },
    checkpointEpochs: length(1, "interval between checkpoints; 0: only at the end"),
    recordSteps: integer(50, "interval between records of the costs", steps),
  }),
};
