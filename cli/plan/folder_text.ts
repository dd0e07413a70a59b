/**
 * What was understood of a user's own folder, and what is chosen for it, before training begins.
 * @module
 */
import { largestOf, smallestOf } from "../../nn/mod.ts";
import { ENOUGH_LABELS, ENOUGH_OF_CLASS, shownName } from "../../data/mod.ts";
import { parseLength, type TrainingOptions } from "../../semisup/mod.ts";
import { augmentationText } from "./augment_option.ts";
import type { RunOptions } from "../command/options.ts";
import { runFiles } from "../run/run_folder.ts";
import type { FolderSetup } from "./folder_plan.ts";

/** Classes that are listed one by one. */
const mostListed = 20;
/** Times that one class may have the labels of another before it is said. */
const unbalanced = 3;

/** The text: a line for each choice, then notes. */
export function describeFolder(own: FolderSetup, training: TrainingOptions, run: RunOptions): string {
  const { folder, facts, choices: { reasons } } = own;
  const { batchSize, labeledBatchSize, architecture, excludeUnlabeled, steps, epochs, maxSteps } = training;
  const said = (option: keyof TrainingOptions, reason: string) =>
    own.said[option] === undefined ? reason : "as said";
  const isAugmented = run.augment !== null ||
    (["flip", "translate", "rotate", "randomResizedCrop", "colorJitter"] as const).some((option) =>
      own.said[option] !== undefined
    );
  const length = steps === null ? `${epochs} epochs` : `${steps} steps`;
  const lines: [string, string, string?][] = [
    ["classes", `${folder.classes.length}: ${folder.origin}`],
    ["indices", indicesText(folder.classes)],
    ["labels", labelsText(own)],
    ["unlabelled", `${facts.unlabeled} images${excludeUnlabeled ? ", which are not used" : ""}`],
    ["tested on", testText(own, run)],
    ["images", imagesText(own), reasons.canvas],
    ["network", architecture ?? "custom", said("architecture", reasons.network)],
    ["augmentation", augmentationText(training), isAugmented ? "as said" : reasons.augmentation],
    [
      "batches",
      excludeUnlabeled
        ? `${batchSize} labelled images`
        : `${batchSize} images, ${labeledBatchSize} of them labelled${
          training.balanceClasses ? ", each class equally often" : ""
        }`,
      said("batchSize", said("labeledBatchSize", reasons.batches)),
    ],
    ...(excludeUnlabeled ? [] : [["consistency", consistencyText(training)] as [string, string]]),
    ["length", length + (maxSteps === null ? "" : `, stopped after ${maxSteps}`), reasons.length],
  ];
  const width = Math.max(...lines.map(([what]) => what.length)) + 2;
  const table = lines.map(([what, text, reason]) =>
    `  ${what.padEnd(width)}${text}${reason ? ` (${reason})` : ""}`
  );
  return [`${folder.directory} is understood so:`, ...table, ...notesOf(own, training)].join("\n");
}

function consistencyText(
  { consistency, consistencyRampup, emaDecay }: TrainingOptions,
): string {
  const { count, unit } = parseLength(consistencyRampup);
  return `weight ${consistency} after ${count} ${unit}, with a teacher that averages about ${
    emaDecay < 1 ? Math.round(1 / (1 - emaDecay)) : "all"
  } steps`;
}

/** Which index stands for which class. */
function indicesText(classes: readonly string[]): string {
  const shown = classes.slice(0, mostListed).map((name, index) => `${index} ${shownName(name)}`).join(", ");
  const last = classes.length - 1;
  return last < mostListed
    ? shown
    : `${shown}, and so on to ${last} ${shownName(classes[last] ?? "")}; ${runFiles.config} has all`;
}

function labelsText({ folder: { classes }, facts: { labelCounts } }: FolderSetup): string {
  const total = labelCounts.reduce((sum, count) => sum + count, 0);
  if (classes.length <= mostListed) {
    return `${total} to train with: ${
      classes.map((name, i) => `${shownName(name)} ${labelCounts[i]}`).join(", ")
    }`;
  }
  const [least, most] = [smallestOf(labelCounts), largestOf(labelCounts)];
  return `${total} to train with, ${least === most ? least : `${least} to ${most}`} of each class`;
}

function testText({ folder: { test, testName } }: FolderSetup, { holdOut, folds }: RunOptions): string {
  if (test !== null && testName !== null) return `the ${test.labels.length} images of ${testName}`;
  if (test !== null) {
    return `${test.labels.length} labelled images that are held out of training, ${
      typeof holdOut === "string"
        ? `those of ${shownName(holdOut)}`
        : "about a fifth, chosen by what the pictures are"
    }`;
  }
  if (folds !== null) {
    return `${folds} parts of the labels, each held out of another run that follows this one`;
  }
  return holdOut === null
    ? `nothing, as ${ENOUGH_LABELS} labels are needed to hold some out, and ${ENOUGH_OF_CLASS} of a class: the error is estimated at the end, --folds 5 measures it`
    : "nothing, as --no-hold-out says: the error is estimated at the end";
}

function imagesText({ facts: { channels, survey }, choices: { canvas } }: FolderSetup): string {
  const size = ([height, width]: readonly [number, number]) => `${width}×${height}`;
  const [smallest, largest] = [size(survey.smallest), size(survey.largest)];
  const own = smallest === largest ? largest : `${smallest} to ${largest}`;
  const kept = own === size(canvas) ? "" : `, kept at ${size(canvas)}`;
  return `${channels === 1 ? "grey" : "colour"}, ${own} pixels${kept}`;
}

function notesOf(
  { folder: { notes, classes }, facts: { labelCounts } }: FolderSetup,
  training: TrainingOptions,
) {
  const [least, most] = [smallestOf(labelCounts), largestOf(labelCounts)];
  const nameOf = (count: number) => shownName(classes[labelCounts.indexOf(count)] ?? "");
  const balance = most >= unbalanced * least && !training.balanceClasses
    ? [
      `classes are unbalanced, ${nameOf(most)} has ${most} labels, ${
        nameOf(least)
      } ${least}: --balance-classes draws all equally often`,
    ]
    : [];
  return [...notes, ...balance].map((note) => `  note: ${note}`);
}
