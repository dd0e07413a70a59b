/**
 * The text about a user's own folder printed before training: how the folder was read, and the settings
 * chosen for it.
 * @module
 */
import { largestOf, smallestOf } from "../../nn/mod.ts";
import { ENOUGH_LABELS, ENOUGH_OF_CLASS, shownName } from "../../data/internal.ts";
import { tablesAmong } from "../../data/files/mod.ts";
import { parseLength, type TrainingOptions } from "../../semisup/mod.ts";
import { augmentationText } from "./augment_option.ts";
import type { RunOptions } from "../command/options.ts";
import { runFiles } from "../run_files/run_files.ts";
import type { FolderSetup } from "./folder_plan.ts";

/** Maximum number of classes listed one by one. */
const maxListed = 20;
/** Ratio of the numbers of labels of two classes from which a note is printed. */
const imbalanceRatio = 3;

/** Describes the folder: one line for each setting, then notes. */
export function describeFolder(own: FolderSetup, training: TrainingOptions, run: RunOptions): string {
  const { folder, facts, choices: { reasons } } = own;
  const { batchSize, labeledBatchSize, architecture, excludeUnlabeled, steps, epochs, maxSteps } = training;
  const reasonFor = (option: keyof TrainingOptions, reason: string) =>
    own.userOptions[option] === undefined ? reason : "set by you";
  const isAugmented = run.augment !== null ||
    (["flip", "translate", "rotate", "randomResizedCrop", "colorJitter"] as const).some((option) =>
      own.userOptions[option] !== undefined
    );
  const length = steps === null ? `${epochs} epochs` : `${steps} steps`;
  const lines: [string, string, string?][] = [
    ["classes", `${folder.classes.length}: ${folder.origin}`],
    ["indices", indicesText(folder.classes)],
    ["labels", labelsText(own)],
    ["unlabelled", `${facts.unlabeled} images${excludeUnlabeled ? ", not used" : ""}`],
    ["test images", testText(own, run)],
    ["images", imagesText(own), reasons.canvas],
    ["network", architecture ?? "custom", reasonFor("architecture", reasons.network)],
    ["augmentation", augmentationText(training), isAugmented ? "set by you" : reasons.augmentation],
    [
      "batches",
      excludeUnlabeled
        ? `${batchSize} labelled images`
        : `${batchSize} images, ${labeledBatchSize} of them labelled${
          training.balanceClasses ? ", each class equally often" : ""
        }`,
      reasonFor("batchSize", reasonFor("labeledBatchSize", reasons.batches)),
    ],
    ...(excludeUnlabeled ? [] : [["consistency", consistencyText(training)] as [string, string]]),
    [
      "length",
      length + (maxSteps === null ? "" : `, stopped after ${maxSteps}`),
      run.minutes === null ? reasons.length : `as many as fit in --minutes ${run.minutes}`,
    ],
  ];
  const width = Math.max(...lines.map(([what]) => what.length)) + 2;
  const table = lines.map(([what, text, reason]) =>
    `  ${what.padEnd(width)}${text}${reason ? ` (${reason})` : ""}`
  );
  return [`How ${shownPath(folder.directory)} was read:`, ...table, ...notesOf(own, training)].join("\n");
}

/** Returns a path with a slash at its end if it is a folder, and without one if it is a file of a known kind. */
function shownPath(path: string): string {
  return /\.(zip|npz)$/i.test(path) || tablesAmong([path]).length > 0
    ? path
    : `${path.replace(/[\\/]+$/, "")}/`;
}

function consistencyText(
  { consistency, consistencyRampup, emaDecay }: TrainingOptions,
): string {
  const { count, unit } = parseLength(consistencyRampup);
  return `weight ${consistency} after a ramp-up of ${count} ${unit}; the teacher averages about ${
    emaDecay < 1 ? `the last ${Math.round(1 / (1 - emaDecay))}` : "all"
  } steps`;
}

/** Lists the index of each class. */
function indicesText(classes: readonly string[]): string {
  const shown = classes.slice(0, maxListed).map((name, index) => `${index} ${shownName(name)}`).join(", ");
  const last = classes.length - 1;
  return last < maxListed
    ? shown
    : `${shown}, … ${last} ${shownName(classes[last] ?? "")}; all are in ${runFiles.config}`;
}

function labelsText({ folder: { classes }, facts: { labelCounts } }: FolderSetup): string {
  const total = labelCounts.reduce((sum, count) => sum + count, 0);
  if (classes.length <= maxListed) {
    return `${total} for training: ${
      classes.map((name, i) => `${shownName(name)} ${labelCounts[i]}`).join(", ")
    }`;
  }
  const [least, most] = [smallestOf(labelCounts), largestOf(labelCounts)];
  return `${total} for training, ${least === most ? least : `${least} to ${most}`} per class`;
}

function testText({ folder: { test, testName } }: FolderSetup, { holdOut, folds }: RunOptions): string {
  if (test !== null && testName !== null) return `the ${test.labels.length} images of ${testName}`;
  if (test !== null) {
    return `${test.labels.length} labelled images held out of training, ${
      typeof holdOut === "string"
        ? `listed in ${shownName(holdOut)}`
        : "about a fifth, selected by hashes of the pictures"
    }`;
  }
  if (folds !== null) {
    return `none in this run; ${folds} runs follow, each tested on another part of the labels`;
  }
  return holdOut === null
    ? `none: too few labels to hold some out (at least ${ENOUGH_LABELS}, and ${ENOUGH_OF_CLASS} of a class); the error is estimated at the end, --folds 5 measures it`
    : "none, set by --no-hold-out; the error is estimated at the end";
}

function imagesText(
  { facts: { channels, survey }, choices: { canvas }, isReadAsColor }: FolderSetup,
): string {
  const size = ([height, width]: readonly [number, number]) => `${width}×${height}`;
  const [smallest, largest] = [size(survey.smallest), size(survey.largest)];
  const own = smallest === largest ? largest : `${smallest} to ${largest}`;
  const kept = own === size(canvas) ? "" : `, resized to ${size(canvas)}`;
  const color = channels === 3 ? "colour" : isReadAsColor ? "grey, read as colour" : "grey";
  return `${color}, ${own} pixels${kept}`;
}

function notesOf(
  { folder: { notes, classes }, facts: { labelCounts } }: FolderSetup,
  training: TrainingOptions,
) {
  const [least, most] = [smallestOf(labelCounts), largestOf(labelCounts)];
  const nameOf = (count: number) => shownName(classes[labelCounts.indexOf(count)] ?? "");
  const balance = most >= imbalanceRatio * least && !training.balanceClasses
    ? [
      `classes are unbalanced: ${nameOf(most)} has ${most} labels, ${
        nameOf(least)
      } has ${least}; --balance-classes draws all classes equally often`,
    ]
    : [];
  return [...notes, ...balance].map((note) => `  note: ${note}`);
}
