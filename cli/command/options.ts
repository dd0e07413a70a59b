/**
 * The options of the command line: one row each. Parser, `--help` and the table of the README follow from them.
 * @module
 */
import { datasets } from "../../data/mod.ts";
import {
  type NumberOption,
  type OptionRow,
  type TrainingOptions,
  trainingOptions,
} from "../../semisup/mod.ts";
import { transforms } from "../plan/augment_option.ts";
import { knownPresets, presets } from "../plan/presets.ts";
import { markdownTable } from "./table.ts";

/** A file or folder. */
interface PathRow {
  readonly kind: "path";
  readonly default: null;
  readonly help: string;
  readonly placeholder: "FILE" | "DIR";
}

/** One of many words, which a table in the README lists. */
interface NameRow {
  readonly kind: "name";
  readonly default: null;
  readonly help: string;
  readonly names: readonly string[];
  /** The names in fewer words, for errors. */
  readonly known?: string;
}

/** Several values, with commas between. */
interface ListRow {
  readonly kind: "list";
  readonly default: null;
  readonly help: string;
  readonly placeholder: string;
  readonly of: NumberOption | NameRow;
}

/** A row of the command line. */
export type Row = OptionRow | PathRow | NameRow | ListRow;

/** Rows by the names of their options. */
export type Rows = Readonly<Record<string, Row>>;

/** The value of a row's option. */
type ValueOf<R extends Row> =
  | (R extends { readonly kind: "switch" } ? boolean
    : R extends { readonly kind: "list"; readonly of: infer E extends Row }
      ? readonly Exclude<ValueOf<E>, null>[]
    : R extends { readonly kind: "numbers" } ? readonly number[]
    : R extends { readonly choices: readonly (infer Word)[] } ? Word
    : R extends { readonly names: readonly (infer Word)[] } ? Word
    : R extends { readonly kind: "path" } ? string
    : number)
  | (R extends { readonly default: null } ? null : never);

/** Values of the options of rows. */
export type OptionsOf<R extends Rows> = { readonly [K in keyof R]: ValueOf<R[K]> };

/** The option of all commands that asks for a preset by name. */
export const presetRow = {
  kind: "name",
  default: null,
  names: presets.map(({ name }) => name),
  known: knownPresets,
  help: "a run of the paper, or a small one, by name; other options override it",
} as const satisfies Row;

/** The option of commands that train, of how kernels are chosen. */
export const tuneRow = {
  kind: "choice",
  default: null,
  choices: ["off", "fast", "full"],
  help:
    "measure which kernels are fastest here: none, the costliest for ten seconds, all; known ones are used again (default: fast, off on processors)",
} as const satisfies Row;

/** The option of all commands that shows more of an error. */
export const debugRow = {
  kind: "switch",
  default: false,
  help: "show where an error came from",
} as const satisfies Row;

/** The option of commands that use a dataset, of where its files are. */
export const dataDirRow = {
  kind: "path",
  default: null,
  placeholder: "DIR",
  help: "folder with the dataset's files (default: its package or cache)",
} as const satisfies Row;

/** The option of commands that use a dataset, of files that are missing. */
export const downloadRow = {
  kind: "switch",
  default: false,
  help: "fetch missing files of the dataset from their official address",
} as const satisfies Row;

/** The option of commands that need a dataset. */
export const datasetRow = {
  kind: "choice",
  default: "mnist",
  choices: datasets.map(({ name }) => name),
  help: "what to train on",
} as const satisfies Row;

/** The option of commands that draw something. */
export const seedRow = {
  kind: "integer",
  default: null,
  minimum: 0,
  maximum: 2 ** 32 - 1,
  help: "",
} as const satisfies Row;

const runRows = {
  preset: presetRow,
  show: { kind: "switch", default: false, help: "print all options as JSON and train nothing" },
  data: {
    kind: "path",
    default: null,
    placeholder: "DIR",
    help:
      "a folder of your own images, understood by itself: sub-folders of classes, a label list, or arrays",
  },
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
  labels: {
    kind: "path",
    default: null,
    placeholder: "FILE",
    help: 'label list, "name class" a line, for --data also CSV: only these examples have labels',
  },
  labelsPerClass: {
    kind: "integer",
    default: null,
    minimum: 1,
    help: "labels of each class, drawn with the seed (default: the dataset's)",
  },
  holdOut: {
    kind: "switch",
    default: true,
    help: "holding out a fifth of --data's labels to test on, where there are enough",
  },
  augment: {
    kind: "list",
    default: null,
    placeholder: "NAME,…",
    of: { kind: "name", default: null, names: transforms, help: "" },
    help: `random changes of images, these and no others: ${transforms.join(", ")}`,
  },
  output: {
    kind: "path",
    default: null,
    placeholder: "DIR",
    help: "folder for all that the run writes, new or empty (default: runs/TIME)",
  },
  resume: {
    kind: "path",
    default: null,
    placeholder: "FILE",
    help: "go on from a checkpoint, with its options",
  },
  evaluate: {
    kind: "switch",
    default: false,
    help: "only evaluate the checkpoint of --resume on the test set",
  },
  baseline: {
    kind: "switch",
    default: false,
    help:
      "then train the supervised twin (same labels and steps) in baseline/ of the folder, and tell the gain; with --resume what is not finished",
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
  learningRateRampupEpochs: "lr-rampup",
  learningRateRampupSteps: "lr-rampup-steps",
  learningRateRampupShape: "lr-rampup-shape",
  learningRateRampdownEpochs: "lr-rampdown-epochs",
  learningRateRampdownSteps: "lr-rampdown-steps",
  learningRateRampdownShape: "lr-rampdown-shape",
  consistencyRampupEpochs: "consistency-rampup",
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

/** The value of each option where nothing is chosen. */
export function defaultsOf<R extends Rows>(rows: R): OptionsOf<R> {
  return Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, row.default])) as OptionsOf<R>;
}

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

/** Options of the training apart from those of the program. */
export function splitOptions(chosen: Readonly<Record<string, unknown>>): Arguments {
  const those = (ofTraining: boolean) =>
    Object.fromEntries(Object.entries(chosen).filter(([name]) => isTrainingOption(name) === ofTraining));
  return { run: those(false), training: those(true) };
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
    case "list":
      return row.placeholder;
    case "name":
      return "NAME";
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

function tableCells(
  option: string,
  row: Row,
): [usage: string, value: string, help: string] {
  const value = placeholderOf(row);
  const off = row.kind === "switch" && row.default;
  const flag = off ? flagOf(option).replace("--", "--no-") : flagOf(option);
  const usage = `\`${flag}${value ? ` ${value}` : ""}\``;
  const shown = row.kind === "switch" || row.default === null ? "" : `${row.default}`;
  const help = off ? `without ${row.help}` : row.help;
  const choices = manyChoices(row);
  const listed = choices ? `: ${choices.join(", ")}` : "";
  const source = "source" in row && row.source ? ` (${row.source})` : "";
  return [usage, shown, `${help}${listed}${source}`];
}
