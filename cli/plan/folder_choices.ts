/**
 * What is chosen for a user's own folder, and why: from what is in it and from the device.
 * @module
 */
import type { ChannelCount, ImageSurvey, Size } from "../../data/files/mod.ts";
import { defaultOptions, type TrainingOptions } from "../../semisup/mod.ts";
import { usualTranslation } from "./augment_option.ts";

/** What choices follow from. */
export interface FolderFacts {
  readonly classes: readonly string[];
  /** Labels to train with, of each class. */
  readonly labelCounts: readonly number[];
  /** Images without a label. */
  readonly unlabeled: number;
  readonly channels: ChannelCount;
  readonly survey: ImageSurvey;
  /** Whether images are those of arrays, which are never resampled. */
  readonly areArrays: boolean;
  /** Whether the device computes on the processor. */
  readonly isCpu: boolean;
}

/** A choice in words. */
export interface Reasons {
  readonly canvas: string;
  readonly network: string;
  readonly augmentation: string;
  readonly batches: string;
  readonly length: string;
}

/** What is chosen. */
export interface FolderChoices {
  /** Height and width that images are kept at. */
  readonly canvas: Size;
  readonly training: Partial<TrainingOptions>;
  readonly reasons: Reasons;
}

/** Images up to this side are taken as they are. */
const smallSide = 64;
/** The longer side that photographs are resampled to. */
const photoSide = { cpu: 48, gpu: 96 } as const;
/** Smaller images are too small for any network. */
const leastSide = 8;

/** Height and width that images are kept at, and why. @param longest What was asked for; null = nothing. */
export function chooseCanvas(
  { survey: { smallest, largest, aspect }, isCpu, areArrays }: Pick<
    FolderFacts,
    "survey" | "isCpu" | "areArrays"
  >,
  longest: number | null,
): { readonly canvas: Size; readonly reason: string } {
  if (areArrays) {
    if (longest === null) return { canvas: largest, reason: "as they are" };
    throw new RangeError("Cannot use --image-size as images of arrays are taken as they are");
  }
  const isOneSize = smallest[0] === largest[0] && smallest[1] === largest[1];
  const side = Math.max(...largest);
  if (side <= (longest ?? smallSide)) {
    const canvas: Size = [Math.max(leastSide, largest[0]), Math.max(leastSide, largest[1])];
    const isOwn = isOneSize && Math.min(...largest) >= leastSide;
    return {
      canvas,
      reason: isOwn
        ? "as they are"
        : isOneSize
        ? `enlarged, as networks need ${leastSide} pixels`
        : "resampled to the largest",
    };
  }
  const target = longest ?? Math.min(photoSide[isCpu ? "cpu" : "gpu"], 8 * Math.floor(side / 8));
  const multiple = longest === null ? 8 : 1;
  const along = (length: number) => {
    const share = length / Math.max(1, 1 / aspect);
    return Math.max(leastSide, Math.round(share * target / multiple) * multiple);
  };
  return {
    canvas: [along(1 / aspect), along(1)],
    reason: longest === null
      ? `resampled, so that training takes minutes on ${
        isCpu ? "a processor" : "this GPU"
      }; --image-size changes it`
      : "resampled, as --image-size says",
  };
}

/** Chooses all. @param said What the user has chosen already, on which the rest depends. */
export function chooseFor(
  facts: FolderFacts,
  imageSize: number | null,
  said: Partial<TrainingOptions>,
): FolderChoices {
  const { canvas, reason } = chooseCanvas(facts, imageSize);
  const network = chooseNetwork(facts, canvas);
  const augmentation = chooseAugmentation(facts, canvas);
  const batches = chooseBatches(facts, said);
  const length = chooseLength(facts, canvas, { ...batches.training, ...said });
  return {
    canvas,
    training: {
      ...network.training,
      ...augmentation.training,
      ...batches.training,
      ...length.training,
      // The authors' rule of thumb is a weight from the number of classes to its square: a teacher that is often wrong, as one
      // of few labels is, should be followed the less. On Fashion-MNIST with 32 labels a class, 10 and 30 give 17.7 and 17.6 %.
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

/** A part of the choices. */
interface Choice {
  readonly training: Partial<TrainingOptions>;
  readonly reason: string;
}

function chooseNetwork({ channels, isCpu }: FolderFacts, canvas: Size): Choice {
  const small = (reason: string): Choice => ({ training: { architecture: "convnet_small" }, reason });
  if (isCpu && channels === 1) return small("small, as this device is a processor");
  if (isCpu) {
    // Of CIFAR-10 with 32 labels a class, a teacher of this size errs on 51.7 % and its supervised twin on 53.0 %; the small
    // one has nothing to spare for images without labels: 54.1 and 54.3 %.
    return {
      training: { architecture: "convnet_medium" },
      reason: "of middling size, as this device is a processor",
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
    reason: "the paper's, for small colour images on a GPU",
  };
}

/** Whether classes are called like digits or letters. */
function areSigns(classes: readonly string[]): boolean {
  return classes.every((name) => /^(\d+|.)$/u.test(name));
}

function chooseAugmentation({ classes, channels }: FolderFacts, canvas: Size): Choice {
  const signs = areSigns(classes);
  const flip = !signs && channels === 3;
  const translate = channels === 1 ? Math.min(2, usualTranslation(Math.min(...canvas))) : usualTranslation(
    Math.min(...canvas),
  );
  return {
    training: { flip, translate, rotate: channels === 1 ? defaultOptions.rotate : 0 },
    reason: flip
      ? "--augment changes it"
      : `no mirroring, as ${
        signs ? "classes are called like digits or letters" : "grey images may be digits or letters"
      }; --augment changes it`,
  };
}

/** The usual batch, with fewer where there are fewer examples. */
function chooseBatches({ labelCounts, unlabeled }: FolderFacts, said: Partial<TrainingOptions>): Choice {
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
    smaller.length > 0 && `fewer than ${usual} and ${usualRest}, as there are ${smaller.join(" and ")}`,
    isMostlyLabeled && !said.excludeUnlabeled &&
    `the others are drawn from all images, as ${
      unlabeled === 0 ? "none is" : "few are"
    } without a label: Mean Teacher gains little then`,
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

/** Passes over the unlabelled images, and steps at least and at most. */
const lengths = {
  cpu: { passes: 30, least: 600, most: 2500 },
  gpu: { passes: 100, least: 3000, most: 20_000 },
} as const;

/** A length in steps, with all that depends on it. */
function chooseLength(
  { labelCounts, unlabeled, isCpu }: FolderFacts,
  [height, width]: Size,
  chosen: Partial<TrainingOptions>,
): Choice {
  const { batchSize = 2, labeledBatchSize = 1, sampling, epochs, steps: saidSteps } = chosen;
  const labels = labelCounts.reduce((sum, count) => sum + count, 0);
  const primary = sampling === "two-stream-all" || sampling === "vary" ? unlabeled + labels : unlabeled;
  const chunk = sampling === "vary" ? batchSize : batchSize - labeledBatchSize;
  const stepsPerEpoch = Math.max(1, Math.floor(primary / Math.max(1, chunk)));
  const { passes, least, most } = lengths[isCpu ? "cpu" : "gpu"];
  // A step of larger images takes longer on a processor: minutes stay the same.
  const scale = isCpu ? Math.min(1, 28 * 28 / (height * width)) : 1;
  const usual = Math.round(Math.max(least, Math.min(most * scale, passes * stepsPerEpoch)) / 50) * 50;
  const isSaid = epochs !== undefined || typeof saidSteps === "number";
  const steps = Math.max(1, saidSteps ?? (epochs === undefined ? usual : Math.round(epochs * stepsPerEpoch)));
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
    reason: isSaid
      ? "as said"
      : `${(steps / stepsPerEpoch).toFixed(1)} passes over the ${
        primary === unlabeled ? "unlabelled " : ""
      }images; --steps or --epochs changes it`,
  };
}
