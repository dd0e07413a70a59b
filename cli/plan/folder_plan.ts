/**
 * The plan of a run on a user's own folder: `--data PATH`.
 * @module
 */
import { balancedSplit, type Dataset, hideLabels, NO_LABEL, shownName } from "../../data/mod.ts";
import {
  countLabels,
  DecodePool,
  examineFolder,
  type ImageSurvey,
  openFolder,
  surveyImages,
  type UserFolder,
} from "../../data/files/mod.ts";
import { defaultOptions, resolveOptions, type TrainingOptions } from "../../semisup/mod.ts";
import { augmentationOf } from "./augment_option.ts";
import { type Arguments, flagOf, type RunOptions } from "../command/options.ts";
import { withHeldOut } from "./held_out.ts";
import { checkFolds } from "./folds_option.ts";
import { chooseFor, type FolderChoices, type FolderFacts } from "./folder_choices.ts";
import { checkNoReading, readingOf } from "./list_reading.ts";

/** What is known of a user's folder, and chosen for it. */
export interface FolderSetup {
  /** What it holds; labels that are held out, or not drawn, are not those of its training set. */
  readonly folder: UserFolder;
  readonly survey: ImageSurvey;
  readonly facts: FolderFacts;
  readonly choices: FolderChoices;
  /** What the user chose. */
  readonly said: Partial<TrainingOptions>;
}

/** What cannot be said together with `--data`. */
const others = ["preset", "dataset", "dataDir", "download"] as const;

/** Looks at the folder and makes all choices. @throws as `examineFolder` and `surveyImages`; {@linkcode RangeError} if options do not fit. */
export async function planFolder(
  said: Arguments,
  run: RunOptions & { readonly data: string },
  device: { readonly isCpu: boolean },
): Promise<{ readonly own: FolderSetup; readonly training: TrainingOptions }> {
  const clash = others.find((option) => said.run[option] !== undefined);
  if (clash !== undefined) {
    throw new RangeError(`Cannot use ${flagOf(clash)} with --data as the folder says what to train on`);
  }
  const seed = said.training.seed ?? defaultOptions.seed;
  const reading = readingOf(run);
  // Decoding workers start while the folder is read.
  using decoder = new DecodePool();
  decoder.load();
  const found = await examineFolder(run.data, {
    labels: run.labels ?? undefined,
    channels: run.channels ?? undefined,
    copies: run.findCopies,
    decoder,
    ...reading,
  });
  if (found.lists.length === 0) checkNoReading(reading, "the folder has no label list");
  // Folds hold out each part of the labels in its turn.
  const chosen = run.folds !== null && run.holdOut === null ? false : run.holdOut;
  const folder = withFewer(await withHeldOut(found, chosen, seed), run.labelsPerClass, seed);
  checkFolds(run, {
    name: run.data,
    testImages: folder.test?.labels.length ?? 0,
    labels: folder.train.labels,
    classes: folder.classes,
    seed,
  });
  const survey = await surveyImages(folder, { decoder });
  const facts: FolderFacts = {
    ...countsOf(folder.train.labels, folder.classes),
    classes: folder.classes,
    channels: survey.isGrey ? 1 : 3,
    survey,
    areArrays: "images" in folder.train,
    isCpu: device.isCpu,
  };
  return choose({ folder, survey, facts, said: said.training }, run);
}

/**
 * Decodes the folder's images, and makes the choices again with what that has shown: files that are damaged, images that
 * have colour.
 */
export async function openPlanned(
  own: FolderSetup,
  run: RunOptions,
  signal: AbortSignal,
): Promise<{ readonly own: FolderSetup; readonly training: TrainingOptions; readonly dataset: Dataset }> {
  const { memoryLimit } = run;
  const dataset = await openFolder(own.folder, {
    canvas: own.choices.canvas,
    channels: own.facts.channels,
    channelsMayGrow: true,
    signal,
    ...(memoryLimit !== null && { memoryLimit: memoryLimit * 2 ** 20 }),
  });
  const { train, test } = dataset;
  const facts: FolderFacts = {
    ...own.facts,
    ...countsOf(train.labels, own.folder.classes),
    channels: train.imageShape[0] === 1 ? 1 : 3,
  };
  const { folder } = own;
  // What is tested on are the images that can be decoded.
  const tested = folder.test && { ...folder.test, labels: test.labels };
  return { ...choose({ ...own, folder: { ...folder, test: tested }, facts }, run), dataset };
}

function countsOf(labels: Int32Array, classes: readonly string[]) {
  const counts = countLabels(labels, classes.length);
  if (counts.every((count) => count === 0)) {
    throw new RangeError("Cannot train as some images must have labels: none that can be decoded has");
  }
  return { labelCounts: counts, unlabeled: labels.filter((label) => label === NO_LABEL).length };
}

function choose(own: Omit<FolderSetup, "choices">, { augment, imageSize }: RunOptions) {
  const choices = chooseFor(own.facts, imageSize, own.said);
  const augmented = augment === null ? {} : augmentationOf(augment, choices.training, choices.canvas);
  const training = resolveOptions({ ...choices.training, ...augmented, ...own.said }, flagOf);
  return { own: { ...own, choices }, training };
}

function withFewer(folder: UserFolder, labelsPerClass: number | null, seed: number): UserFolder {
  if (labelsPerClass === null) return folder;
  const { labels } = folder.train;
  for (const [label, count] of countLabels(labels, folder.classes.length).entries()) {
    if (count >= labelsPerClass) continue;
    throw new RangeError(
      `Cannot use --labels-per-class ${labelsPerClass} as each class must have as many labels to train with: ${
        shownName(folder.classes[label] ?? `${label}`)
      } has ${count}`,
    );
  }
  const drawn = balancedSplit(labels, folder.classes.length, labelsPerClass, seed);
  return { ...folder, train: { ...folder.train, labels: hideLabels(labels, drawn) } };
}
