/**
 * `deno run -A cli/experiment.ts --preset NAME`: runs presets with several seeds and numbers of labels, and tabulates the errors.
 * @module
 */
import { join } from "node:path";
import { createFolder, writeAtomically } from "../data/files/mod.ts";
import {
  DivergenceError,
  inGroup,
  ownOptionRows,
  type TrainingOptions,
  trainingOptions,
} from "../semisup/mod.ts";
import { defineCommand } from "./command/command.ts";
import { splitOptions } from "./command/options.ts";
import {
  countRow,
  dataDirRow,
  debugRow,
  downloadRow,
  labelsRow,
  listRow,
  type OptionsOf,
  pathRow,
  pluginRow,
  presetRow,
  reportingRows,
  type Rows,
  seedRow,
  switchRow,
  tuneRow,
} from "./command/rows.ts";
import type { Parsed } from "./command/parse.ts";
import type { Outcome } from "./command/process.ts";
import { planInFolder, type PlannedRun } from "./plan/planned_run.ts";
import { findPreset, type Preset } from "./plan/presets.ts";
import { formatResults, readResult, type ResultRow, rowOf, type RunResult } from "./report/results.ts";
import { executePlan } from "./run/run.ts";
import { printProgress, printRecord, printResult, printWarning } from "./terminal/output.ts";
import { FolderClaims } from "./storage/folder_claims.ts";
import { requestDevice } from "./command/device.ts";

const { seed: _, ...trainingRows } = trainingOptions;

/** Returns the options of the command, options of registered methods included. */
const rowsOf = () => ({
  ...inGroup("data", { dataDir: dataDirRow, download: downloadRow }),
  ...inGroup("labels", {
    labelsPerClass: {
      ...listRow("N,…", countRow, "labels per class, one run for each number (default: the preset's)"),
      common: true,
    },
    labels: labelsRow,
  }),
  ...trainingRows,
  ...ownOptionRows(),
  ...inGroup("running", {
    preset: {
      ...listRow("NAME,…", presetRow, "presets to run; other options override their settings"),
      common: true,
    },
    seeds: {
      ...listRow("N,…", seedRow, "seeds of each run, also used to draw its labels (default: 1,2,3)"),
      common: true,
    },
    show: { ...switchRow("only print the table of finished runs, train nothing"), common: true },
    tune: tuneRow,
    plugin: pluginRow,
    debug: debugRow,
  }),
  ...inGroup("output", {
    output: {
      ...pathRow("DIR", "folder of the runs and the table (default: runs/experiment)"),
      common: true,
    },
  }),
  ...reportingRows,
} as const satisfies Rows);

/** Options of an experiment and settings of all its runs. */
interface Experiment {
  readonly options: OptionsOf<ReturnType<typeof rowsOf>>;
  readonly presets: readonly string[];
  readonly training: Partial<TrainingOptions>;
  readonly output: string;
}

/** Returns the experiment of some arguments. @throws {RangeError} if options contradict each other. */
function experimentOf(
  { options, chosen }: Pick<Parsed<ReturnType<typeof rowsOf>, []>, "options" | "chosen">,
): Experiment {
  const { preset: presets } = options;
  if (presets === null) {
    throw new RangeError("--preset is missing: name at least one run");
  }
  if (options.labels !== null && options.labelsPerClass !== null) {
    throw new RangeError(
      "Cannot combine --labels and --labels-per-class: the list already decides which examples have labels",
    );
  }
  const { training } = splitOptions(chosen);
  return { options, presets, training, output: options.output ?? join("runs", "experiment") };
}

/** Runs with the same preset and number of labels. */
interface Group {
  readonly preset: Preset;
  /** Null if a list decides which examples have labels. */
  readonly labelsPerClass: number | null;
  readonly runs: readonly (PlannedRun & { readonly seed: number })[];
}

/** Returns the groups of runs of an experiment, each run with its plan. */
async function planGroups({ options, presets, training, output }: Experiment): Promise<Group[]> {
  const { labels, dataDir, download, tune, plugin } = options;
  const seeds = new Set(options.seeds ?? [1, 2, 3]);
  const groups: Group[] = [];
  for (const preset of [...new Set(presets)].map(findPreset)) {
    const counts = labels === null ? options.labelsPerClass ?? [preset.labelsPerClass] : [null];
    for (const labelsPerClass of new Set(counts)) {
      const drawn = labelsPerClass === null ? { labels } : { labelsPerClass };
      const run = {
        preset: preset.name,
        ...drawn,
        download,
        tune,
        plugin,
        ...(dataDir !== null && { dataDir }),
      };
      const name = labelsPerClass === preset.labelsPerClass
        ? preset.name
        : `${preset.name}-${labelsPerClass === null ? "list" : `${labelsPerClass}-per-class`}`;
      const runs: Group["runs"][number][] = [];
      for (const seed of seeds) {
        const chosen = { run, training: { ...training, seed } };
        runs.push({ ...await planInFolder(chosen, join(output, name, `seed-${seed}`)), seed });
      }
      groups.push({ preset, labelsPerClass, runs });
    }
  }
  return groups;
}

/** Executes all unfinished runs, and writes the table after each. */
async function runExperiment(experiment: Experiment, signal: AbortSignal): Promise<Outcome> {
  const groups = await planGroups(experiment);
  const results = new Map<string, RunResult>(), diverged = new Set<string>();
  const all = groups.flatMap(({ preset, runs }) => runs.map((run) => ({ preset, ...run })));
  const waiting = all.filter(({ state }) => state !== "finished");
  for (const { folder, seed, state } of all) {
    if (state === "finished") results.set(folder, await readResult(folder, seed));
  }
  const write = () => writeTable(experiment, groups, results, diverged);
  if (waiting.length === 0 || experiment.options.show) return printTable(await write());
  await using claims = new FolderClaims();
  await claims.claim(experiment.output);
  using device = await requestDevice();
  for (const [i, { preset, seed, folder, plan }] of waiting.entries()) {
    printProgress(`\n${i + 1} of ${waiting.length}: ${preset.name}, seed ${seed}`);
    try {
      if (await executePlan(await plan(claims), signal, device) === "interrupted") {
        printTable(await write());
        return "interrupted";
      }
      results.set(folder, await readResult(folder, seed));
    } catch (error) {
      if (!(error instanceof DivergenceError)) throw error;
      printWarning(error.message);
      diverged.add(folder);
    }
    await write();
  }
  printTable(await write());
  if (diverged.size === 0) return "finished";
  throw new Error(
    `Cannot complete the table: ${diverged.size} of ${all.length} runs diverged`,
  );
}

/** The table of an experiment. */
interface Table {
  readonly text: string;
  readonly rows: readonly ResultRow[];
}

async function writeTable(
  { output, training, options: { labels } }: Experiment,
  groups: readonly Group[],
  results: ReadonlyMap<string, RunResult>,
  diverged: ReadonlySet<string>,
): Promise<Table> {
  const rows = groups.map(({ runs, ...group }) =>
    rowOf({
      ...group,
      seeds: runs.map(({ seed }) => seed),
      results: runs.flatMap(({ folder }) => results.get(folder) ?? []),
      diverged: runs.filter(({ folder }) => diverged.has(folder)).map(({ seed }) => seed),
    })
  );
  const texts = formatResults(rows, { ...training, ...(labels !== null && { labels: labels.join(",") }) });
  await createFolder(output);
  for (const [name, text] of Object.entries(texts)) await writeAtomically(join(output, name), text);
  const files = ["txt", "md", "json"].map((kind) => join(output, `results.${kind}`)).join(", ");
  return { text: `${texts["results.txt"]}\nTable: ${files}`, rows };
}

function printTable({ text, rows }: Table): Outcome {
  for (const row of rows) printRecord({ kind: "result", ...row });
  printResult(`\n${text}`);
  return "finished";
}

/** `experiment`. */
export const experimentCommand = defineCommand({
  name: "experiment",
  permissions: { read: true, write: true, env: true, sys: true, ffi: "for pictures", net: "for downloads" },
  description:
    "Runs presets with several seeds and numbers of labels, and tabulates the errors. Finished runs are kept, interrupted ones resumed.",
  get rows() {
    return rowsOf();
  },
  operands: [],
  examples: [
    ["--preset mnist-100", "three runs with seeds 1 to 3"],
    ["--preset mnist-100,mnist-100-pi --seeds 1,2", "two presets"],
    ["--preset mnist-100 --labels-per-class 1,10", "two numbers of labels"],
  ],
  run: (parsed, signal) => runExperiment(experimentOf(parsed), signal),
});

if (import.meta.main) await experimentCommand.start();
