/**
 * `deno run -A cli/labels.ts`: draws labels as `train` does, and writes them as a list for `--labels`.
 * @module
 */
import { join } from "node:path";
import config from "../deno.json" with { type: "json" };
import { balancedCounts, classSplit, type Dataset, hideLabels, proportionalCounts } from "../data/mod.ts";
import { datasets } from "../data/files/mod.ts";
import { chooseLabels, countLabels, damageReporter, formatLabels, loadDataset } from "./plan/inputs.ts";
import type { Row } from "./command/options.ts";
import { parseCommand } from "./command/parse.ts";
import { type Outcome, runCommand } from "./command/process.ts";
import { reasonOf } from "./command/reason.ts";
import { recipes } from "./plan/recipes.ts";
import { reportDownload } from "./run/run.ts";
import { exists, writeAtomically } from "./run/run_folder.ts";

/** What is asked of the program. */
interface LabelsOptions {
  readonly dataset: string;
  readonly dataDir: string | null;
  readonly download: boolean;
  readonly labelsPerClass: number | null;
  readonly labels: number | null;
  readonly proportional: boolean;
  readonly seed: number | null;
  readonly seeds: readonly number[] | null;
  readonly output: string | null;
  readonly debug: boolean;
}

const seedRow = { kind: "integer", default: null, minimum: 0, maximum: 2 ** 32 - 1 } as const;

const rows: { readonly [K in keyof LabelsOptions]: Row } = {
  dataset: {
    kind: "choice",
    default: "mnist",
    choices: datasets.map(({ name }) => name),
    help: "whose training examples to draw from",
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
  labelsPerClass: {
    kind: "integer",
    default: null,
    minimum: 1,
    help: "labels of each class (default: those of train)",
  },
  labels: {
    kind: "integer",
    default: null,
    minimum: 1,
    help: "labels in all, of each class as many as of any other or one more, which the seed decides",
  },
  proportional: {
    kind: "switch",
    default: false,
    help: "labels in the proportion of the classes, with --labels",
  },
  seed: { ...seedRow, help: "what is drawn follows from it (default: 1)" },
  seeds: {
    kind: "list",
    default: null,
    placeholder: "N,…",
    of: { ...seedRow, help: "" },
    help: "several seeds, with a list of each in the folder --output",
  },
  output: {
    kind: "path",
    default: null,
    placeholder: "FILE",
    help: "a new file, or with --seeds a folder (default: the list is printed)",
  },
  debug: { kind: "switch", default: false, help: "show where an error came from" },
};

const defaults = Object.fromEntries(
  Object.entries(rows).map(([name, { default: value }]) => [name, value]),
) as unknown as LabelsOptions;

function parseLabels(args: readonly string[]): LabelsOptions {
  const { options: said } = parseCommand(
    {
      name: "cli/labels.ts",
      description: 'Draws labels and writes them as a list, "name class" a line, for the --labels of train.',
      rows: Object.entries(rows),
    },
    args,
    config.version,
  );
  const options: LabelsOptions = { ...defaults, ...said };
  const refuse = (what: string, why: string) => {
    throw new RangeError(`Cannot use ${what} together as ${why}`);
  };
  if (options.labels !== null && options.labelsPerClass !== null) {
    refuse("--labels and --labels-per-class", "both say how many labels to draw");
  }
  if (options.seed !== null && options.seeds !== null) {
    refuse("--seed and --seeds", "both say what to draw with");
  }
  if (options.proportional && options.labels === null) {
    throw new RangeError(
      "Cannot use --proportional as --labels must say how many labels in all: it does not",
    );
  }
  if (options.seeds !== null && options.output === null) {
    throw new RangeError("Cannot draw several lists as --output must name their folder: it is not given");
  }
  return options;
}

/** The files to write, each with its seed; none where the list is printed. @throws {RangeError} if one is there. */
async function filesOf({ seed, seeds, output }: LabelsOptions): Promise<Map<number, string | null>> {
  const files = new Map(
    seeds === null ? [[seed ?? 1, output]] : seeds.map((each) => [each, join(output!, `seed-${each}.txt`)]),
  );
  for (const path of files.values()) {
    if (path === null || !await exists(path)) continue;
    throw new RangeError(`Cannot write labels to ${path} as it must be a new file: it is there`);
  }
  return files;
}

/** The labels that the options ask for; NO_LABEL (−1) for all other examples. */
async function draw(dataset: Dataset, options: LabelsOptions, seed: number): Promise<Int32Array> {
  const { labels: total, labelsPerClass, proportional } = options;
  const { train: { labels }, classes } = dataset;
  if (total === null) {
    const drawn = labelsPerClass ?? recipes[options.dataset]!.labelsPerClass;
    return await chooseLabels(dataset, { labels: null, labelsPerClass: drawn, seed });
  }
  const sizes = () => classes.map((_, label) => labels.reduce((n, each) => each === label ? n + 1 : n, 0));
  const counts = proportional
    ? proportionalCounts(total, sizes(), classes)
    : balancedCounts(total, classes.length, seed);
  return hideLabels(labels, classSplit(labels, counts, seed, classes));
}

async function makeFolder(path: string): Promise<void> {
  try {
    await Deno.mkdir(path, { recursive: true });
  } catch (error) {
    throw new RangeError(`Cannot write labels to ${path} as it must be a folder: ${reasonOf(error)}`);
  }
}

/** Writes what the arguments say. */
async function writeLabels(args: readonly string[], signal: AbortSignal): Promise<Outcome> {
  const options = parseLabels(args);
  const files = await filesOf(options);
  const dataset = await loadDataset(options, { signal, onProgress: reportDownload() });
  damageReporter(dataset)();
  const { classes, train: { names } } = dataset;
  // All are drawn before any is written, so that what cannot be drawn leaves nothing behind.
  const drawn: [string | null, Int32Array][] = [];
  for (const [seed, path] of files) drawn.push([path, await draw(dataset, options, seed)]);
  if (options.seeds !== null) await makeFolder(options.output!);
  for (const [path, labels] of drawn) {
    const bytes = new TextEncoder().encode(formatLabels(labels, classes, names));
    if (path === null) await new Blob([bytes]).stream().pipeTo(Deno.stdout.writable, { preventClose: true });
    else {
      await writeAtomically(path, bytes);
      console.log(`${countLabels(labels)} labels of ${classes.length} classes of ${dataset.name}: ${path}`);
    }
  }
  return "finished";
}

if (import.meta.main) {
  Deno.exit(await runCommand(Deno.args, (signal) => writeLabels(Deno.args, signal), { stopsAtOnce: true }));
}
