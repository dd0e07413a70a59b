/**
 * The options of `train`, one row each. Parser, help and options page follow from the rows.
 * @module
 */
import { MISSING_MARKERS } from "../../data/internal.ts";
import {
  inGroup,
  type OptionGroup,
  ownOptionRows,
  type TrainingOptions,
  trainingOptions,
} from "../../semisup/mod.ts";
import { transforms } from "../plan/augment_option.ts";
import {
  channelsRow,
  countRow,
  dataDirRow,
  datasetRow,
  debugRow,
  defaultsOf,
  downloadRow,
  helpOf,
  labelPatternRow,
  labelsRow,
  listRow,
  manyChoices,
  type OptionsOf,
  pathRow,
  placeholderOf,
  pluginRow,
  presetRow,
  reportingRows,
  type Rows,
  switchRow,
  textRow,
  tuneRow,
} from "./rows.ts";
import { markdownTable } from "../terminal/table.ts";

const common = { common: true } as const;

const runRows = {
  ...inGroup("data", {
    data: {
      ...pathRow("DIR", "your own images: a folder, .zip, .npz, or .csv of pixels"),
      ...common,
    },
    dataset: datasetRow,
    dataDir: dataDirRow,
    download: downloadRow,
    memoryLimit: {
      kind: "integer",
      default: null,
      minimum: 0,
      unit: "MiB",
      help:
        "memory for the decoded images of --data; beyond it images are decoded again for every batch (default: 2048)",
    },
    verify: switchRow(
      "hash all images, not only a sample of those in files, for the check that a resumed run has the same ones",
    ),
    imageSize: {
      kind: "integer",
      default: null,
      minimum: 1,
      unit: "pixels",
      help:
        "largest height and width of the images of a folder (default: 256; with --data chosen from the images)",
    },
    channels: channelsRow,
    findCopies: {
      kind: "choice",
      default: "bytes",
      choices: ["bytes", "pixels"],
      help:
        "how copies among the images of --data are found: by equal bytes, or by similar pixels, which also finds re-encoded copies but decodes every image",
    },
  }),
  ...inGroup("labels", {
    labels: labelsRow,
    labelPattern: labelPatternRow,
    fileColumn: textRow(
      "NAME",
      "column of the file names in label lists, name or number (default: detected)",
    ),
    labelColumn: textRow("NAME", "column of the classes in label lists, name or number (default: detected)"),
    missing: listRow(
      "WORD,…",
      textRow("WORD", ""),
      `words for "no label" in label lists, case ignored (default: ${MISSING_MARKERS.join(", ")})`,
    ),
    labelsPerClass: {
      ...countRow,
      help: "labels to draw per class (default: the dataset's)",
      ...common,
    },
    holdOut: {
      ...pathRow(
        "FILE",
        "list of the images of --data to test on, such as held-out.txt of another run (default: a fifth of the labels, chosen by file content, if there are enough)",
      ),
      off: "train on all labels of --data and test on none",
    },
  }),
  ...inGroup("augmentation", {
    augment: {
      ...listRow(
        "NAME,…",
        { kind: "name", default: null, names: transforms, help: "" },
        `random changes of the images, instead of the defaults: ${transforms.join(", ")}`,
      ),
      ...common,
    },
  }),
  ...inGroup("running", {
    preset: presetRow,
    config: {
      ...pathRow(
        "FILE",
        "options from a file, such as config.json of a run",
      ),
      ...common,
    },
    init: {
      ...textRow(
        "FILE|URL|RUN",
        "weights to start from: of a run, a file or a URL",
      ),
      isLocation: true,
      ...common,
    },
    resume: {
      ...pathRow("RUN|auto", "continue a run; auto: that of --output, or start it"),
      ...common,
    },
    minutes: {
      kind: "number",
      default: null,
      minimum: 0,
      isOpen: "below",
      unit: "minutes",
      help: "time of the whole run: as many steps as fit",
      common: true,
    },
    evaluate: switchRow("only evaluate the checkpoint of --resume on the test set"),
    baseline: {
      ...switchRow(
        "also train a supervised baseline, and compare",
      ),
      ...common,
    },
    folds: {
      kind: "integer",
      default: null,
      minimum: 2,
      help:
        "also cross-validate on the labels of --data: train this many more times, each time testing on another part of the labels, into fold-1/, fold-2/, …",
    },
    show: switchRow("print all options as JSON without training"),
    distributed: switchRow("train this run in all processes that mpirun started, which share each batch"),
    syncBatchNorm: {
      kind: "choice",
      default: "auto",
      choices: ["auto", "on", "off"],
      help:
        "with --distributed, batch normalisation by the whole batch of all processes; auto: with fewer than 32 images per process",
    },
    tune: tuneRow,
    plugin: pluginRow,
    debug: debugRow,
  }),
  ...inGroup("output", {
    output: { ...pathRow("DIR", "new or empty folder for the results (default: runs/TIME)"), ...common },
    tensorboard: switchRow("also write event files for TensorBoard into the folder of the run"),
    dashboard: {
      kind: "integer",
      default: null,
      minimum: 0,
      maximum: 65535,
      unit: "port",
      bare: 0,
      help:
        "serve a page on this machine that follows the run, pauses and stops it; without a port on any free one",
    },
    csv: switchRow("also write all records as a table for spreadsheets, log.csv"),
    keepCheckpoints: {
      kind: "integer",
      default: 2,
      minimum: 1,
      help: "number of checkpoints that stay in the folder of a run; older ones are deleted",
    },
    fallback: pathRow(
      "DIR",
      "folder for the state of the run if --output cannot be written to (default: the temporary folder)",
    ),
  }),
  ...reportingRows,
} as const satisfies Rows;

/** Options of `train` other than those of the training itself. */
export type RunOptions = OptionsOf<typeof runRows>;

/** Flags named as in the reference implementation instead of as the option. */
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

/**
 * Returns the flag of an option, dashes included: `--lr` for `learningRate`, `--fixmatch-threshold` for
 * `fixmatch.threshold`.
 */
export function flagOf(option: string): string {
  const kebab = option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replace(".", "-");
  return `--${names[option as keyof TrainingOptions] ?? kebab}`;
}

/** Returns the rows of all options of `train`, options of registered methods included. */
export function trainRows() {
  return { ...runRows, ...trainingOptions, ...ownOptionRows() };
}

/** Every option of `train`, with its row. */
export const rows: readonly NamedRow[] = Object.entries(trainRows());

/** Default values of the options that are not the training's. */
export const runDefaults: RunOptions = defaultsOf(runRows);

/** Returns whether an option belongs to the training itself. */
export function isTrainingOption(option: string): option is keyof TrainingOptions {
  return Object.hasOwn(trainingOptions, option) || Object.hasOwn(ownOptionRows(), option);
}

/** Options set by the user; nothing else. */
export interface Arguments {
  readonly run: Partial<RunOptions>;
  readonly training: Partial<TrainingOptions>;
  /** Kernels that the run of `--config` measured; none if absent. */
  readonly kernels?: Readonly<Record<string, string>>;
}

/**
 * Splits options into those of the training and all others; a length in epochs resets one in steps.
 * @throws {RangeError} if two lengths are set.
 */
export function splitOptions(chosen: Readonly<Record<string, unknown>>): Arguments {
  const { epochs } = chosen;
  const [one, other] = ["epochs", "steps", "minutes"].filter((option) => chosen[option] !== undefined);
  if (one !== undefined && other !== undefined) {
    throw new RangeError(
      `Cannot combine ${flagOf(one)} and ${flagOf(other)}: both set the length of the run`,
    );
  }
  const optionsOf = (ofTraining: boolean) =>
    Object.fromEntries(Object.entries(chosen).filter(([name]) => isTrainingOption(name) === ofTraining));
  return {
    run: optionsOf(false),
    training: { ...optionsOf(true), ...(epochs !== undefined && { steps: null }) },
  };
}

/** Titles of the groups, in the order of help. */
export const groupTitles: Readonly<Record<OptionGroup, string>> = {
  data: "Data",
  labels: "Labels",
  network: "Network",
  costs: "Costs",
  optimiser: "Optimiser",
  augmentation: "Augmentation",
  running: "Running",
  output: "Output",
};

/** A row with the name of its option. */
export type NamedRow = readonly [option: string, row: Rows[string]];

/** Rows of one group. */
export interface OptionSection {
  readonly group: OptionGroup;
  readonly title: string;
  readonly rows: readonly NamedRow[];
}

/** Returns rows by group, in the order of {@linkcode groupTitles} and without empty groups; by default those of `train`. */
export function optionGroups(rows: Rows = trainRows()): OptionSection[] {
  const entries = Object.entries(rows);
  return (Object.keys(groupTitles) as OptionGroup[]).map((group) => ({
    group,
    title: groupTitles[group],
    rows: entries.filter(([, row]) => row.group === group),
  })).filter(({ rows }) => rows.length > 0);
}

/** Returns a Markdown table of options with their defaults and meanings. */
export function optionsTable(rows: readonly NamedRow[] = Object.entries(trainRows())): string {
  return markdownTable([
    ["Option", "Default", "Meaning"],
    ...rows.map(([option, row]) => tableCells(option, row)),
  ]);
}

function tableCells(option: string, row: Rows[string]): [usage: string, value: string, help: string] {
  const value = placeholderOf(row);
  const isOff = row.kind === "switch" && row.default;
  const noFlag = flagOf(option).replace("--", "--no-");
  const flag = isOff ? noFlag : flagOf(option);
  const off = row.kind === "path" ? row.off : undefined;
  const usage = `\`${flag}${value ? ` ${value}` : ""}\`${off ? `, \`${noFlag}\`` : ""}`;
  const shown = row.kind === "switch" || row.default === null ? "" : `${row.default}`;
  const help = off ? `${row.help}; \`${noFlag}\`: ${off}` : helpOf(row);
  // Help is too short for names, which other commands list too.
  const choices = row.kind === "name" && !("known" in row) ? row.names : manyChoices(row);
  const listed = choices ? `: ${choices.join(", ")}` : "";
  const source = row.source ? ` (${row.source})` : "";
  return [usage, shown, `${help}${listed}${source}`];
}
