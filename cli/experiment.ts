/**
 * `deno run -A cli/experiment.ts --preset NAME`: runs presets with several seeds and numbers of labels, and tabulates the errors.
 * @module
 */
import { join } from "node:path";
import { inGroup, ownOptionRows, trainingOptions } from "../semisup/mod.ts";
import { defineCommand } from "./command/command.ts";
import { flagOf, splitOptions } from "./command/options.ts";
import type { Parsed } from "./command/parse.ts";
import type { Outcome } from "./command/process.ts";
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
  textRow,
  tuneRow,
} from "./command/rows.ts";
import { combine } from "./experiments/grid.ts";
import { type Experiment, groupsOf } from "./experiments/groups.ts";
import { jobVariable, runJobs, stopWithParent } from "./experiments/jobs.ts";
import { trainRuns } from "./experiments/run_all.ts";
import { chooseShard, selectShare } from "./experiments/shard.ts";
import { hasDiverged, type Table, writeTable } from "./experiments/table_files.ts";
import { printRecord, printResult } from "./terminal/output.ts";

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
    grid: {
      ...listRow(
        "NAME=V,…",
        textRow("NAME=V", ""),
        "settings to try in all combinations, such as lr=0.01,0.03; may be repeated",
      ),
      adds: true,
      common: true,
    },
    jobs: {
      ...countRow,
      help: "processes on this computer that train side by side (default: 1)",
      common: true,
    },
    shard: {
      ...textRow(
        "I/N",
        "train only every N-th run, from run I on, counted from 0 (default: by the array of Slurm or the indexed Job of Kubernetes)",
      ),
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

type Options = OptionsOf<ReturnType<typeof rowsOf>>;

/** Returns the experiment of some arguments. @throws {RangeError} if options contradict each other. */
function experimentOf(
  { options, chosen }: Pick<Parsed<ReturnType<typeof rowsOf>, []>, "options" | "chosen">,
): Experiment {
  const { preset: presets, seeds, labels, labelsPerClass, dataDir, download, tune, plugin } = options;
  if (presets === null) {
    throw new RangeError("--preset is missing: name at least one run");
  }
  if (labels !== null && labelsPerClass !== null) {
    throw new RangeError(
      "Cannot combine --labels and --labels-per-class: the list already decides which examples have labels",
    );
  }
  const { training } = splitOptions(chosen);
  const combinations = combine(options.grid ?? [], { ...trainingRows, ...ownOptionRows() });
  const [{ training: varied } = { training: {} }] = combinations;
  const fixed = Object.keys(varied).find((option) => option in training);
  if (fixed !== undefined) {
    const flag = flagOf(fixed);
    throw new RangeError(`Cannot combine ${flag} and --grid ${flag.slice(2)}=…: set it in one of them`);
  }
  return {
    presets,
    seeds: seeds ?? [1, 2, 3],
    labels,
    labelsPerClass,
    combinations,
    training,
    run: { dataDir, download, tune, plugin },
    output: options.output ?? join("runs", "experiment"),
  };
}

/** Trains all unfinished runs of this process, and writes the table after each. */
async function runExperiment(
  experiment: Experiment,
  { show, jobs, shard }: Options,
  signal: AbortSignal,
): Promise<Outcome> {
  const groups = groupsOf(experiment);
  const runs = selectShare(
    groups.flatMap(({ runs }) => runs),
    chooseShard(shard, (name) => Deno.env.get(name)),
  );
  const states = await Promise.all(runs.map((run) => run.find()));
  const waiting = runs.filter((_, i) => states[i]?.state !== "finished");
  if (waiting.length === 0 || show) return printTable(await writeTable(experiment, groups));
  const isJob = Deno.env.get(jobVariable) !== undefined;
  if (!isJob && jobs !== null && jobs > 1) {
    const codes = await runJobs(Math.min(jobs, waiting.length), signal);
    printTable(await writeTable(experiment, groups));
    if (signal.aborted) return "interrupted";
    const failed = codes.filter((code) => code !== 0).length;
    if (failed > 0) throw new Error(`Cannot complete the table: ${failed} of ${codes.length} jobs failed`);
    return "finished";
  }
  const ending = await trainRuns(waiting, isJob ? stopWithParent(signal) : signal, async () => {
    await writeTable(experiment, groups);
  });
  const table = await writeTable(experiment, groups);
  if (!isJob) printTable(table);
  if (ending === "interrupted") return "interrupted";
  const diverged = (await Promise.all(waiting.map(hasDiverged))).filter((each) => each).length;
  if (diverged === 0) return "finished";
  throw new Error(`Cannot complete the table: ${diverged} of ${runs.length} runs diverged`);
}

function printTable({ text, rows }: Table): Outcome {
  for (const row of rows) printRecord({ kind: "result", ...row });
  printResult(`\n${text}`);
  return "finished";
}

/** `experiment`. */
export const experimentCommand = defineCommand({
  name: "experiment",
  permissions: {
    read: true,
    write: true,
    env: true,
    sys: true,
    ffi: "for pictures",
    net: "for downloads",
    run: "for --jobs",
  },
  description:
    "Runs presets with several seeds and numbers of labels, and tabulates the errors. Finished runs are kept, interrupted ones resumed, and several processes may share the folder.",
  get rows() {
    return rowsOf();
  },
  operands: [],
  examples: [
    ["--preset mnist-100", "three runs with seeds 1 to 3"],
    ["--preset mnist-100,mnist-100-pi --seeds 1,2", "two presets"],
    ["--preset mnist-100 --labels-per-class 1,10", "two numbers of labels"],
  ],
  run: (parsed, signal) => runExperiment(experimentOf(parsed), parsed.options, signal),
});

if (import.meta.main) await experimentCommand.start();
