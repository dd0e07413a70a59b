/**
 * The options of the command line: one row each. Parser, `--help` and the table of the README follow from them.
 * @module
 */
import { datasets } from "../../data/files/mod.ts";
import type { TuningEffort } from "../../kernels/mod.ts";
import {
  type ChoiceOption,
  defaultsOf,
  type NumberOption,
  type OptionRow,
  type TrainingOptions,
  trainingOptions,
} from "../../semisup/mod.ts";
import { transforms } from "../plan/augment_option.ts";
import { knownPresets, presets } from "../plan/presets.ts";
import { markdownTable } from "./table.ts";

/** What is asked of the program beside how to train. */
export interface RunOptions {
  readonly preset: string | null;
  readonly show: boolean;
  readonly data: string | null;
  readonly dataset: string;
  readonly dataDir: string | null;
  readonly download: boolean;
  readonly memoryLimit: number | null;
  readonly imageSize: number | null;
  readonly labels: string | null;
  readonly labelsPerClass: number | null;
  readonly holdOut: boolean;
  readonly augment: readonly (typeof transforms)[number][] | null;
  readonly output: string | null;
  readonly resume: string | null;
  readonly evaluate: boolean;
  readonly baseline: boolean;
  readonly tune: TuningEffort | null;
  readonly debug: boolean;
}

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

/** The rows of some options. */
export type Rows<Options> = { readonly [K in keyof Options]: Row & { readonly default: Options[K] } };

/** The option of all commands that asks for a preset by name. */
export const presetRow: NameRow = {
  kind: "name",
  default: null,
  names: presets.map(({ name }) => name),
  known: knownPresets,
  help: "a run of the paper, or a small one, by name; other options override it",
};

/** The option of commands that train, of how kernels are chosen. */
export const tuneRow: ChoiceOption & { readonly default: null } = {
  kind: "choice",
  default: null,
  choices: ["off", "fast", "full"],
  help:
    "measure which kernels are fastest here: none, the costliest for ten seconds, all; known ones are used again (default: fast, off on processors)",
};

const runRows: Rows<RunOptions> = {
  preset: presetRow,
  show: { kind: "switch", default: false, help: "print all options as JSON and train nothing" },
  data: {
    kind: "path",
    default: null,
    placeholder: "DIR",
    help:
      "a folder of your own images, understood by itself: sub-folders of classes, a label list, or arrays",
  },
  dataset: {
    kind: "choice",
    default: "mnist",
    choices: datasets.map(({ name }) => name),
    help: "what to train on",
  },
  dataDir: {
    kind: "path",
    default: null,
    placeholder: "DIR",
    help: "folder with the dataset's files (default: its package or cache)",
  },
  download: {
    kind: "switch",
    default: false,
    help: "fetch missing files of the dataset from their official address",
  },
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
    help: 'label list, "name class" a line, or CSV: only these examples have labels',
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
  debug: { kind: "switch", default: false, help: "show where an error came from" },
};

/** Names that differ from the option's own: the reference implementation's. */
const names: Partial<Record<keyof TrainingOptions, string>> = {
  architecture: "arch",
  learningRate: "lr",
  initialLearningRate: "initial-lr",
  learningRateRampup: "lr-rampup",
  learningRateRampupShape: "lr-rampup-shape",
  learningRateRampdown: "lr-rampdown",
  learningRateRampdownShape: "lr-rampdown-shape",
  recordSteps: "print-freq",
};

/** The name of an option on the command line, dashes included: `learningRate` is `--lr`. */
export function flagOf(option: string): string {
  const kebab = option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return `--${names[option as keyof TrainingOptions] ?? kebab}`;
}

/** Every option: of the program, then of the training. */
export const rows: readonly (readonly [option: keyof TrainingOptions | keyof RunOptions, row: Row])[] = [
  ...Object.entries(runRows),
  ...Object.entries(trainingOptions),
] as [keyof TrainingOptions | keyof RunOptions, Row][];

/** Values of the program's options where nothing is said. */
export const runDefaults: RunOptions = defaultsOf(runRows);

/** Whether an option is one of the training's. */
export function isTrainingOption(option: string): option is keyof TrainingOptions {
  return Object.hasOwn(trainingOptions, option);
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

function tableCells(
  option: (typeof rows)[number][0],
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
