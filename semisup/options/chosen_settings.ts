/**
 * Automatic settings for a user's own images, with reasons: chosen from the images, their labels and the device.
 * @module
 */
import { chooseCanvas, type ImageSizes, type SettingName, type Size, smallSide } from "./chosen_canvas.ts";
import { defaultOptions, type TrainingOptions } from "./training_options.ts";
import type { PretrainedWeights } from "../../nn/mod.ts";

/** Facts that the settings depend on. */
export interface ImageFacts {
  /** Class names. */
  readonly classes: readonly string[];
  /** Number of training labels of each class. */
  readonly labelCounts: readonly number[];
  /** Number of images without a label. */
  readonly unlabeled: number;
  /** Number of channels: 1 for grey images. */
  readonly channels: 1 | 3;
  /** Sizes of the images. */
  readonly survey: ImageSizes;
  /** True if the images come from arrays, which are never resampled. */
  readonly areArrays: boolean;
  /** True if the device computes on a processor. */
  readonly isCpu: boolean;
  /** Weights that the run starts from; they determine the network and the size of images. */
  readonly init?: Pick<PretrainedWeights, "source" | "architecture" | "imageSize" | "normalize"> | undefined;
}

/** Reasons for the settings, as parts of sentences. */
export interface Reasons {
  /** Reason for the size of images. */
  readonly canvas: string;
  /** Reason for the network. */
  readonly network: string;
  /** Reason for the augmentation. */
  readonly augmentation: string;
  /** Reason for the batches; empty for the usual ones. */
  readonly batches: string;
  /** Reason for the length of the run. */
  readonly length: string;
}

/** The settings, with reasons. */
export interface ChosenSettings {
  /** Height and width that images are resampled to. */
  readonly canvas: readonly [height: number, width: number];
  /** Options of the training. */
  readonly training: Partial<TrainingOptions>;
  /** Reasons for the settings. */
  readonly reasons: Reasons;
}

/**
 * Chooses all settings for a user's images: size, network, augmentation, batches, weights and length.
 * @param imageSize Longest side of images, if the caller sets it; null if not.
 * @param userOptions Options set by the caller, on which other settings depend.
 * @param nameOf Returns what a setting is called in the reasons; by default its name.
 * @throws {RangeError} as {@linkcode chooseCanvas}
 * @example
 * ```ts
 * import { chooseSettings } from "../mod.ts";
 * const { canvas, training, reasons } = chooseSettings({
 *   classes: ["cat", "dog"],
 *   labelCounts: [20, 20],
 *   unlabeled: 5000,
 *   channels: 3,
 *   survey: { smallest: [300, 400], largest: [300, 400], aspect: 4 / 3 },
 *   areArrays: false,
 *   isCpu: false,
 * });
 * console.log(canvas, training.architecture, reasons.network);
 * ```
 */
export function chooseSettings(
  facts: ImageFacts,
  imageSize: number | null = null,
  userOptions: Partial<TrainingOptions> = {},
  nameOf: SettingName = (setting) => setting,
): ChosenSettings {
  const { canvas, reason } = chooseCanvas(facts, imageSize, nameOf);
  const network = chooseNetwork(facts, canvas);
  const augmentation = chooseAugmentation(facts, canvas, nameOf);
  const batches = chooseBatches(facts, userOptions);
  const length = chooseLength(facts, canvas, { ...batches.training, ...userOptions }, nameOf);
  return {
    canvas,
    training: {
      ...network.training,
      ...(facts.init && { normalize: facts.init.normalize }),
      ...augmentation.training,
      ...batches.training,
      ...length.training,
      // The authors' rule of thumb is a weight between the number of classes and its square. A teacher
      // trained on few labels is often wrong, so the low end is safer. On Fashion-MNIST with 32 labels per
      // class, 10 and 30 give 17.7 and 17.6 % error.
      consistency: 3 * facts.classes.length,
    },
    reasons: {
      canvas: reason,
      network: network.reason,
      augmentation: augmentation.reason,
      batches: batches.reason,
      length: length.reason,
    },
  };
}

/** Some of the settings, with a reason. */
interface Choice {
  readonly training: Partial<TrainingOptions>;
  readonly reason: string;
}

function chooseNetwork({ channels, isCpu, init }: ImageFacts, canvas: Size): Choice {
  if (init && init.architecture !== null) {
    return { training: { architecture: init.architecture }, reason: `the network of ${init.source}` };
  }
  const small = (reason: string): Choice => ({ training: { architecture: "convnet_small" }, reason });
  if (isCpu && channels === 1) return small("small, because this device is a processor");
  if (isCpu) {
    // On CIFAR-10 with 32 labels per class, the teacher has 51.7 % error and the supervised baseline 53.0 %.
    // The small network has too little capacity to gain from unlabelled images: 54.1 and 54.3 %.
    return {
      training: { architecture: "convnet_medium" },
      reason: "medium size, because this device is a processor",
    };
  }
  const [shorter, longer] = [Math.min(...canvas), Math.max(...canvas)];
  if (longer > smallSide) {
    return { training: { architecture: "resnet18" }, reason: "for photographs on a GPU" };
  }
  if (channels === 1) return small("small, for small grey images");
  if (shorter < 24) return small("small, for small images");
  return {
    training: { architecture: "convnet13", dropout: 0.5 },
    reason: "the paper's network, for small colour images on a GPU",
  };
}

/** Returns whether all classes are named like digits or letters. */
function areCharacterNames(classes: readonly string[]): boolean {
  return classes.every((name) => /^(\d+|.)$/u.test(name));
}

function chooseAugmentation({ classes, channels }: ImageFacts, canvas: Size, nameOf: SettingName): Choice {
  const areCharacters = areCharacterNames(classes);
  const flip = !areCharacters && channels === 3;
  const translate = channels === 1 ? Math.min(2, usualTranslation(Math.min(...canvas))) : usualTranslation(
    Math.min(...canvas),
  );
  return {
    training: { flip, translate, rotate: channels === 1 ? defaultOptions.rotate : 0 },
    reason: flip
      ? `change with ${nameOf("augment")}`
      : `no flips, because ${
        areCharacters ? "classes are named like digits or letters" : "grey images may be digits or letters"
      }; change with ${nameOf("augment")}`,
  };
}

/** Chooses the default batch, or a smaller one if there are too few examples. */
function chooseBatches(
  { labelCounts, unlabeled }: ImageFacts,
  userOptions: Partial<TrainingOptions>,
): Choice {
  const labels = labelCounts.reduce((sum, count) => sum + count, 0);
  const isMostlyLabeled = unlabeled < labels;
  const primary = isMostlyLabeled ? unlabeled + labels : unlabeled;
  const usual = defaultOptions.labeledBatchSize, usualRest = defaultOptions.batchSize - usual;
  const labeledBatchSize = Math.min(usual, labels);
  const rest = Math.min(usualRest, primary);
  const smaller = [
    labeledBatchSize < usual && `only ${labels} labels`,
    rest < usualRest && `only ${primary} images`,
  ].filter((part) => part !== false);
  const parts = [
    smaller.length > 0 &&
    `default is ${usual} labelled and ${usualRest} others, but there are ${smaller.join(" and ")}`,
    isMostlyLabeled && !userOptions.excludeUnlabeled &&
    `the others are drawn from all images, because ${
      unlabeled === 0 ? "no image is" : "few images are"
    } unlabelled; Mean Teacher gains little then`,
  ].filter((part) => part !== false);
  return {
    training: {
      labeledBatchSize,
      batchSize: labeledBatchSize + rest,
      ...(isMostlyLabeled && { sampling: "two-stream-all" as const }),
    },
    reason: parts.join("; "),
  };
}

/** Passes over the unlabelled images, with the minimum and maximum number of steps. */
const lengths = {
  cpu: { passes: 30, minimum: 600, maximum: 2500 },
  gpu: { passes: 100, minimum: 3000, maximum: 20_000 },
} as const;

/** Chooses the number of steps, and the options that depend on it. */
function chooseLength(
  { labelCounts, unlabeled, isCpu }: ImageFacts,
  [height, width]: Size,
  chosen: Partial<TrainingOptions>,
  nameOf: SettingName,
): Choice {
  const { batchSize = 2, labeledBatchSize = 1, sampling, epochs, steps: userSteps } = chosen;
  const labels = labelCounts.reduce((sum, count) => sum + count, 0);
  const primary = sampling === "two-stream-all" || sampling === "vary" ? unlabeled + labels : unlabeled;
  const chunk = sampling === "vary" ? batchSize : batchSize - labeledBatchSize;
  const stepsPerEpoch = Math.max(1, Math.floor(primary / Math.max(1, chunk)));
  const { passes, minimum, maximum } = lengths[isCpu ? "cpu" : "gpu"];
  // On a processor, steps with larger images take longer: fewer steps keep the duration.
  const scale = isCpu ? Math.min(1, 28 * 28 / (height * width)) : 1;
  const usual = Math.round(Math.max(minimum, Math.min(maximum * scale, passes * stepsPerEpoch)) / 50) * 50;
  const isSet = epochs !== undefined || typeof userSteps === "number";
  const steps = Math.max(1, userSteps ?? (epochs === undefined ? usual : Math.round(epochs * stepsPerEpoch)));
  const tenth = Math.max(1, Math.round(steps / 10));
  return {
    training: {
      ...(epochs === undefined && { steps }),
      learningRateRampup: `${Math.min(50, Math.floor(steps / 10))}steps`,
      consistencyRampup: `${Math.round(0.5 * steps)}steps`,
      emaDecay: steps >= 10_000 ? 0.999 : 0.99,
      evaluationEpochs: `${tenth}steps`,
      checkpointEpochs: `${2 * tenth}steps`,
    },
    reason: isSet
      ? "set by you"
      : `${(steps / stepsPerEpoch).toFixed(1)} passes over the ${
        primary === unlabeled ? "unlabelled " : ""
      }images; change with ${nameOf("steps")} or ${nameOf("epochs")}`,
  };
}

/** Returns the usual maximum translation in pixels: an eighth of the side. */
export function usualTranslation(side: number): number {
  return Math.max(1, Math.round(side / 8));
}
