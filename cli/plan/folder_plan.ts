/**
 * The plan of a run on a user's own folder: `--data PATH`.
 * @module
 */
import { shownName } from "../../data/internal.ts";
import { balancedSplit, type Dataset, hideLabels, NO_LABEL } from "../../data/mod.ts";
import {
  countLabels,
  DecodePool,
  examineFolder,
  type ImageSurvey,
  openFolder,
  surveyImages,
  type UserFolder,
} from "../../data/files/mod.ts";
import {
  checkInitialWeights,
  chooseSettings,
  type ChosenSettings,
  defaultOptions,
  type ImageFacts,
  type TrainingOptions,
} from "../../semisup/mod.ts";
import type { PretrainedWeights } from "../../nn/mod.ts";
import { resolveTraining } from "./resolve_training.ts";
import { type Arguments, flagOf, type RunOptions } from "../command/options.ts";
import { holdOutTestImages } from "./held_out.ts";
import { checkFolds } from "./folds_option.ts";
import { readingOf, requireLabelList } from "./list_reading.ts";

/** A user's folder, with the facts about it and the settings chosen for it. */
export interface FolderSetup {
  /** Content of the folder. The training set lacks labels that are held out or not drawn. */
  readonly folder: UserFolder;
  readonly survey: ImageSurvey;
  readonly facts: ImageFacts;
  readonly choices: ChosenSettings;
  /** True if grey images are read as colour, because the weights to start from are of a network for colour. */
  readonly isReadAsColor: boolean;
  /** Options set by the user, or by the weights to start from. */
  readonly userOptions: Partial<TrainingOptions>;
}

/** Returns whether grey images must be read as colour images. Arrays are never converted. */
function isColorNeeded({ channels, areArrays }: ImageFacts, init: PretrainedWeights | undefined): boolean {
  return channels === 1 && !areArrays && init?.channels === 3;
}

/** Options that cannot be combined with `--data`. */
const conflicting = ["preset", "dataset", "dataDir", "download"] as const;

/**
 * Examines the folder and chooses all settings.
 * @throws {RangeError} if options do not fit. @throws the same as `examineFolder` and `surveyImages`.
 */
export async function planFolder(
  chosen: Arguments,
  run: RunOptions & { readonly data: string },
  device: { readonly isCpu: boolean },
  init?: PretrainedWeights,
): Promise<{ readonly own: FolderSetup; readonly training: TrainingOptions }> {
  const clash = conflicting.find((option) => chosen.run[option] !== undefined);
  if (clash !== undefined) {
    throw new RangeError(`Cannot use ${flagOf(clash)} with --data: the folder itself is the dataset`);
  }
  const seed = chosen.training.seed ?? defaultOptions.seed;
  const reading = readingOf(run);
  // Decoding workers start while the folder is read.
  using decoder = new DecodePool();
  decoder.load();
  const found = await examineFolder(run.data, {
    labels: run.labels ?? undefined,
    channels: run.channels ?? undefined,
    copies: run.findCopies,
    ignoreSetFolders: typeof run.holdOut === "string",
    decoder,
    ...reading,
  });
  if (found.lists.length === 0) requireLabelList(reading, "the folder has none");
  // With folds, the folds are the test images.
  const listed = run.folds !== null && run.holdOut === null ? false : run.holdOut;
  const folder = limitLabels(await holdOutTestImages(found, listed, seed), run.labelsPerClass, seed);
  checkFolds(run, {
    name: run.data,
    testImages: folder.test?.labels.length ?? 0,
    labels: folder.train.labels,
    classes: folder.classes,
    seed,
  });
  const survey = await surveyImages(folder, { decoder });
  const facts: ImageFacts = {
    ...countsOf(folder.train.labels, folder.classes),
    classes: folder.classes,
    channels: survey.isGrey ? 1 : 3,
    survey,
    areArrays: "images" in folder.train,
    isCpu: device.isCpu,
    init,
  };
  checkInitialWeights(chosen.training, init, flagOf);
  const isReadAsColor = isColorNeeded(facts, init);
  return chooseForFolder({ folder, survey, facts, isReadAsColor, userOptions: chosen.training }, run);
}

/**
 * Decodes the folder's images, and chooses the settings again: decoding may show that files are damaged, or
 * that images have colour.
 */
export async function openPlannedFolder(
  own: FolderSetup,
  run: RunOptions,
  signal: AbortSignal,
): Promise<{ readonly own: FolderSetup; readonly training: TrainingOptions; readonly dataset: Dataset }> {
  const { memoryLimit } = run;
  const dataset = await openFolder(own.folder, {
    canvas: own.choices.canvas,
    channels: own.isReadAsColor ? 3 : own.facts.channels,
    channelsMayGrow: true,
    signal,
    ...(memoryLimit !== null && { memoryLimit: memoryLimit * 2 ** 20 }),
  });
  const { train, test } = dataset;
  const facts: ImageFacts = {
    ...own.facts,
    ...countsOf(train.labels, own.folder.classes),
    channels: own.isReadAsColor ? own.facts.channels : train.imageShape[0] === 1 ? 1 : 3,
  };
  const { folder } = own;
  // Images that cannot be decoded are not tested on.
  const tested = folder.test && { ...folder.test, labels: test.labels };
  return { ...chooseForFolder({ ...own, folder: { ...folder, test: tested }, facts }, run), dataset };
}

function countsOf(labels: Int32Array, classes: readonly string[]) {
  const counts = countLabels(labels, classes.length);
  if (counts.every((count) => count === 0)) {
    throw new RangeError("Cannot train: no image that can be decoded has a label");
  }
  return { labelCounts: counts, unlabeled: labels.filter((label) => label === NO_LABEL).length };
}

/** Chooses all settings of a folder whose content is known. @throws {RangeError} if the user's options do not fit. */
export function chooseForFolder(own: Omit<FolderSetup, "choices">, { augment, imageSize }: RunOptions) {
  const choices = chooseSettings(own.facts, imageSize, own.userOptions, flagOf);
  const training = resolveTraining(choices.training, augment, choices.canvas, own.userOptions);
  return { own: { ...own, choices }, training };
}

function limitLabels(folder: UserFolder, labelsPerClass: number | null, seed: number): UserFolder {
  if (labelsPerClass === null) return folder;
  const { labels } = folder.train;
  for (const [label, count] of countLabels(labels, folder.classes.length).entries()) {
    if (count >= labelsPerClass) continue;
    throw new RangeError(
      `Cannot use --labels-per-class ${labelsPerClass}: class ${
        shownName(folder.classes[label] ?? `${label}`)
      } has only ${count} training labels`,
    );
  }
  const drawn = balancedSplit(labels, folder.classes.length, labelsPerClass, seed);
  return { ...folder, train: { ...folder.train, labels: hideLabels(labels, drawn) } };
}
