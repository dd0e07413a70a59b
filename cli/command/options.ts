/**
 * The options of the command line: one row each. Parser, `--help` and the table of the README follow from them.
 * @module
 */
import { MISSING_MARKERS } from "../../data/mod.ts";
import { type TrainingOptions, trainingOptions } from "../../semisup/mod.ts";
import { transforms } from "../plan/augment_option.ts";
import {
  channelsRow,
  countRow,
  dataDirRow,
  datasetRow,
  debugRow,
  defaultsOf,
  downloadRow,
  labelsRow,
  listRow,
  type OptionsOf,
  pathRow,
  presetRow,
  type Row,
  type Rows,
  switchRow,
  textRow,
  tuneRow,
} from "./rows.ts";
import { markdownTable } from "./table.ts";

const runRows = {
  preset: presetRow,
  show: switchRow("print all options as JSON and train nothing"),
  data: pathRow(
    "DIR",
    "a folder of your own images, understood by itself: sub-folders of classes, a label list, or arrays; or a .zip of one, or an .npz",
  ),
  dataset: datasetRow,
  dataDir: dataDirRow,
  download: downloadRow,
  memoryLimit: {
    kind: "integer",
    default: null,
    minimum: 0,
    unit: "MiB",
    help: "memory for a folder's decoded images; more are decoded again for every batch (default: 2048)",
  },
  imageSize: {
    kind: "integer",
    default: null,
    minimum: 1,
    unit: "pixels",
    help: "height and width that a folder's images are kept at, at most (default: 256, chosen for --data)",
  },
  channels: channelsRow,
  labels: labelsRow,
  fileColumn: textRow("NAME", "the column of files in label lists, or its number (default: it is found)"),
  labelColumn: textRow("NAME", "the column of labels in label lists, or its number (default: it is found)"),
  missing: listRow(
    "WORD,…",
    textRow("WORD", ""),
    `words that stand for no label in label lists, in any case (default: ${MISSING_MARKERS.join(", ")})`,
  ),
  labelsPerClass: { ...countRow, help: "labels of each class, drawn with the seed (default: the dataset's)" },
  holdOut: {
    ...pathRow(
      "FILE",
      "a list of the pictures of --data to hold out and test on, such as held-out.txt of another run (default: a fifth of the labels, chosen by what the pictures are, where there are enough)",
    ),
    off: "train with all labels of --data, and test on none",
  },
  findCopies: {
    kind: "choice",
    default: "bytes",
    choices: ["bytes", "pixels"],
    help:
      "what makes two pictures of --data copies: equal bytes, or that they look the same, as those saved again do (all are decoded for it)",
  },
  augment: listRow(
    "NAME,…",
    { kind: "name", default: null, names: transforms, help: "" },
    `random changes of images, these and no others: ${transforms.join(", ")}`,
  ),
  output: pathRow("DIR", "folder for all that the run writes, new or empty (default: runs/TIME)"),
  resume: pathRow("FILE", "go on from a checkpoint, with its options"),
  evaluate: switchRow("only evaluate the checkpoint of --resume on the test set"),
  baseline: switchRow(
    "then train the supervised twin (same labels and steps) in baseline/ of the folder, and tell the gain; with --resume what is not finished",
  ),
  folds: {
    kind: "integer",
    default: null,
    minimum: 2,
    help:
      "then train so many times more, each without another part of --data's labels, which is tested on, in fold-1/ … of the folder; with --resume what is not finished",
  },
  tune: tuneRow,
  debug: debugRow,
} as const satisfies Rows;

/** What is asked of `train` beside how to train. */
export type RunOptions = OptionsOf<typeof runRows>;

/** Names that differ from the option's own: the reference implementation's. */
const names: Partial<Record<keyof TrainingOptions, string>> = {
  architecture: "arch",
  learningRate: "lr",
  initialLearningRate: "initial-lr",
  learningRateRampup: "lr-rampup",
  learningRateRampupShape: "lr-rampup-shape",
  learningRateRampdown: "lr-rampdown",
  learningRateRampdownShape: "lr-rampdown-shape",
  learningRateDropFactor: "lr-drop-factor",
  recordSteps: "print-freq",
};

/** The name of an option on the command line, dashes included: `learningRate` is `--lr`. */
export function flagOf(option: string): string {
  const kebab = option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return `--${names[option as keyof TrainingOptions] ?? kebab}`;
}

/** Rows of all options of `train`: of the program, then of the training. */
export const trainRows = { ...runRows, ...trainingOptions };

/** Every option of `train`, with its row. */
export const rows: readonly (readonly [option: string, row: Row])[] = Object.entries(trainRows);

/** Values of the program's options where nothing is chosen. */
export const runDefaults: RunOptions = defaultsOf(runRows);

/** Whether an option is one of the training's. */
export function isTrainingOption(option: string): option is keyof TrainingOptions {
  return Object.hasOwn(trainingOptions, option);
}

/** What was chosen for a run, and nothing that was not. */
export interface Arguments {
  readonly run: Partial<RunOptions>;
  readonly training: Partial<TrainingOptions>;
}

/**
 * Options of the training apart from those of the program; a length of the run in epochs takes back one in steps.
 * @throws {RangeError} if both are given.
 */
export function splitOptions(chosen: Readonly<Record<string, unknown>>): Arguments {
  const { epochs, steps } = chosen;
  if (epochs !== undefined && steps !== undefined) {
    throw new RangeError("Cannot use --epochs and --steps together as they are one length");
  }
  const those = (ofTraining: boolean) =>
    Object.fromEntries(Object.entries(chosen).filter(([name]) => isTrainingOption(name) === ofTraining));
  return { run: those(false), training: { ...those(true), ...(epochs !== undefined && { steps: null }) } };
}

/** The words of a choice that are too many to stand for its value. */
export function manyChoices(row: Row): readonly string[] | undefined {
  return row.kind === "choice" && row.choices.join("|").length > 32 ? row.choices : undefined;
}

/** What stands for the value in `--help`; a switch has none. */
export function placeholderOf(row: Row): string | undefined {
  switch (row.kind) {
    case "switch":
      return undefined;
    case "choice":
      return manyChoices(row) ? "NAME" : row.choices.join("|");
    case "path":
    case "text":
    case "list":
      return row.placeholder;
    case "name":
      return "NAME";
    case "length":
      return "EPOCHS|Nsteps";
    case "numbers":
      return Array.from({ length: row.count }, () => "N").join(",");
    default:
      return row.unit?.toUpperCase() ?? "N";
  }
}

/** All options as a Markdown table, for the README. */
export function optionsTable(): string {
  return markdownTable([
    ["Option", "Default", "What it does"],
    ...rows.map(([option, row]) => tableCells(option, row)),
  ]);
}

function tableCells(option: string, row: Row): [usage: string, value: string, help: string] {
  const value = placeholderOf(row);
  const off = row.kind === "switch" && row.default;
  const noFlag = flagOf(option).replace("--", "--no-");
  const flag = off ? noFlag : flagOf(option);
  const usage = `\`${flag}${value ? ` ${value}` : ""}\`${"off" in row ? `, \`${noFlag}\`` : ""}`;
  const shown = row.kind === "switch" || row.default === null ? "" : `${row.default}`;
  const help = off ? `without ${row.help}` : "off" in row ? `${row.help}; \`no\`: ${row.off}` : row.help;
  const choices = manyChoices(row);
  const listed = choices ? `: ${choices.join(", ")}` : "";
  const source = "source" in row && row.source ? ` (${row.source})` : "";
  return [usage, shown, `${help}${listed}${source}`];
}
