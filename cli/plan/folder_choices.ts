/**
 * Automatic settings for a user's own folder, with reasons: chosen from the folder's content and the device.
 * @module
 */
import type { ChannelCount, ImageSurvey, Size } from "../../data/files/mod.ts";
import { defaultOptions, type TrainingOptions } from "../../semisup/mod.ts";
import { usualTranslation } from "./augment_option.ts";

/** Facts that the settings depend on. */
export interface FolderFacts {
  readonly classes: readonly string[];
  /** Number of training labels of each class. */
  readonly labelCounts: readonly number[];
  /** Number of images without a label. */
  readonly unlabeled: number;
  readonly channels: ChannelCount;
  readonly survey: ImageSurvey;
  /** True if the images come from arrays, which are never resampled. */
  readonly areArrays: boolean;
  /** True if the device computes on a processor. */
  readonly isCpu: boolean;
}

/** Reasons for the settings, printed in parentheses. */
export interface Reasons {
  readonly canvas: string;
  readonly network: string;
  readonly augmentation: string;
  readonly batches: string;
  readonly length: string;
}

/** The settings, with reasons. */
export interface FolderChoices {
  /** Height and width that images are resampled to. */
  readonly canvas: Size;
  readonly training: Partial<TrainingOptions>;
  readonly reasons: Reasons;
}

/** Images up to this side are not resampled. */
const smallSide = 64;
/** The longer side that photographs are resampled to. */
const photoSide = { cpu: 48, gpu: 96 } as const;
/** Smallest side that the networks accept. */
const minSide = 8;

/** Chooses the size of images, with a reason. @param longest The value of `--image-size`; null if absent. */
export function chooseCanvas(
  { survey: { smallest, largest, aspect }, isCpu, areArrays }: Pick<
    FolderFacts,
    "survey" | "isCpu" | "areArrays"
  >,
  longest: number | null,
): { readonly canvas: Size; readonly reason: string } {
  if (areArrays) {
    if (longest === null) return { canvas: largest, reason: "original size" };
    throw new RangeError("Cannot use --image-size with arrays: their images are never resampled");
  }
  const isOneSize = smallest[0] === largest[0] && smallest[1] === largest[1];
  const side = Math.max(...largest);
  if (side <= (longest ?? smallSide)) {
    const canvas: Size = [Math.max(minSide, largest[0]), Math.max(minSide, largest[1])];
    const isOwn = isOneSize && Math.min(...largest) >= minSide;
    return {
      canvas,
      reason: isOwn
        ? "original size"
        : isOneSize
        ? `networks need at least ${minSide} pixels`
        : "the size of the largest image",
    };
  }
  const target = longest ?? Math.min(photoSide[isCpu ? "cpu" : "gpu"], 8 * Math.floor(side / 8));
  const multiple = longest === null ? 8 : 1;
  const along = (length: number) => {
    const share = length / Math.max(1, 1 / aspect);
    return Math.max(minSide, Math.round(share * target / multiple) * multiple);
  };
  return {
    canvas: [along(1 / aspect), along(1)],
    reason: longest === null
      ? `so that training takes minutes on ${isCpu ? "a processor" : "this GPU"}; change with --image-size`
      : "set by --image-size",
  };
}

/** Chooses all settings. @param userOptions Options set by the user, on which other settings depend. */
export function chooseSettings(
  facts: FolderFacts,
  imageSize: number | null,
  userOptions: Partial<TrainingOptions>,
): FolderChoices {
  const { canvas, reason } = chooseCanvas(facts, imageSize);
  const network = chooseNetwork(facts, canvas);
  const augmentation = chooseAugmentation(facts, canvas);
  const batches = chooseBatches(facts, userOptions);
  const length = chooseLength(facts, canvas, { ...batches.training, ...userOptions });
  return {
    canvas,
    training: {
      ...network.training,
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

function chooseNetwork({ channels, isCpu }: FolderFacts, canvas: Size): Choice {
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

function chooseAugmentation({ classes, channels }: FolderFacts, canvas: Size): Choice {
  const areCharacters = areCharacterNames(classes);
  const flip = !areCharacters && channels === 3;
  const translate = channels === 1 ? Math.min(2, usualTranslation(Math.min(...canvas))) : usualTranslation(
    Math.min(...canvas),
  );
  return {
    training: { flip, translate, rotate: channels === 1 ? defaultOptions.rotate : 0 },
    reason: flip
      ? "change with --augment"
      : `no flips, because ${
        areCharacters ? "classes are named like digits or letters" : "grey images may be digits or letters"
      }; change with --augment`,
  };
}

/** Chooses the default batch, or a smaller one if there are too few examples. */
function chooseBatches(
  { labelCounts, unlabeled }: FolderFacts,
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
  { labelCounts, unlabeled, isCpu }: FolderFacts,
  [height, width]: Size,
  chosen: Partial<TrainingOptions>,
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
      }images; change with --steps or --epochs`,
  };
}
