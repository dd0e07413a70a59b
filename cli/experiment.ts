/**
 * `deno run -A cli/experiment.ts --preset NAME`: runs presets over seeds and numbers of labels, and makes a table of it.
 * @module
 */
import { join } from "node:path";
import config from "../deno.json" with { type: "json" };
import { Device, type TuningEffort } from "../kernels/mod.ts";
import { defaultsOf, DivergenceError, type TrainingOptions, trainingOptions } from "../semisup/mod.ts";
import { presetRow, type Rows, tuneRow } from "./command/options.ts";
import { argumentsOf, parseCommand } from "./command/parse.ts";
import { planInFolder, type PlannedRun } from "./plan/planned_run.ts";
import { findPreset, type Preset } from "./plan/presets.ts";
import { type Outcome, runCommand } from "./command/process.ts";
import { formatResults, readResult, type ResultGroup, rowOf, type RunResult } from "./report/results.ts";
import { carryOut } from "./run/run.ts";
import { writeAtomically } from "./run/run_folder.ts";

/** What is asked of the program beside how to train. */
interface ExperimentOptions {
  readonly preset: readonly string[] | null;
  readonly seeds: readonly number[] | null;
  readonly labelsPerClass: readonly number[] | null;
  readonly labels: string | null;
  readonly output: string | null;
  readonly dataDir: string | null;
  readonly download: boolean;
  readonly tune: TuningEffort | null;
  readonly show: boolean;
  readonly debug: boolean;
}

const ownRows: Rows<ExperimentOptions> = {
  preset: {
    kind: "list",
    default: null,
    placeholder: "NAME,…",
    of: presetRow,
    help: "the runs, by name; other options override what all of them choose",
  },
  seeds: {
    kind: "list",
    default: null,
    placeholder: "N,…",
    of: { kind: "integer", default: null, minimum: 0, maximum: 2 ** 32 - 1, help: "" },
    help: "seeds of each run, which also draw its labels (default: 1,2,3)",
  },
  labelsPerClass: {
    kind: "list",
    default: null,
    placeholder: "N,…",
    of: { kind: "integer", default: null, minimum: 1, help: "" },
    help: "numbers of labels of each class (default: the preset's)",
  },
  labels: {
    kind: "path",
    default: null,
    placeholder: "FILE",
    help: 'label list, "name class" a line: only these examples have labels',
  },
  output: {
    kind: "path",
    default: null,
    placeholder: "DIR",
    help: "folder of all runs and of the table (default: runs/experiment)",
  },
  dataDir: { kind: "path", default: null, placeholder: "DIR", help: "folder with the datasets' files" },
  download: { kind: "switch", default: false, help: "fetch missing files from their official address" },
  tune: tuneRow,
  show: {
    kind: "switch",
    default: false,
    help: "make the table of the runs that are there and train nothing",
  },
  debug: { kind: "switch", default: false, help: "show where an error came from" },
};

const defaults = defaultsOf(ownRows);

/** An experiment: its options, and what all its runs are told. */
interface Experiment {
  readonly options: ExperimentOptions;
  readonly training: Partial<TrainingOptions>;
  readonly output: string;
}

function parseExperiment(args: readonly string[]): Experiment {
  const { options: said } = parseCommand(
    {
      name: "cli/experiment.ts",
      description:
        "Runs presets over seeds and numbers of labels. Finished runs are not repeated, interrupted ones go on.",
      rows: [
        ...Object.entries(ownRows),
        ...Object.entries(trainingOptions).filter(([option]) => option !== "seed"),
      ],
    },
    args,
    config.version,
  );
  const { run, training } = argumentsOf(said);
  const options: ExperimentOptions = { ...defaults, ...run };
  if (options.preset === null) {
    throw new RangeError("Cannot experiment as --preset must say with which runs: none is given");
  }
  if (options.labels !== null && options.labelsPerClass !== null) {
    throw new RangeError(
      "Cannot use --labels and --labels-per-class together as the list says what is labelled",
    );
  }
  return { options, training, output: options.output ?? join("runs", "experiment") };
}

/** The groups of runs that an experiment asks for, each run with its plan. */
async function planGroups({ options, training, output }: Experiment): Promise<[Group, PlannedRun[]][]> {
  const { labels, dataDir, download, tune } = options;
  const seeds = [...new Set(options.seeds ?? [1, 2, 3])];
  const groups = [...new Set(options.preset!)].map(findPreset).flatMap((preset): Group[] => {
    if (labels !== null) return [{ preset, labelsPerClass: null, seeds }];
    const counts = new Set(options.labelsPerClass ?? [preset.labelsPerClass]);
    return [...counts].map((labelsPerClass) => ({ preset, labelsPerClass, seeds }));
  });
  const planned: [Group, PlannedRun[]][] = [];
  for (const group of groups) {
    const { preset, labelsPerClass } = group;
    const drawn = labelsPerClass === null ? { labels: labels! } : { labelsPerClass };
    const run = { preset: preset.name, ...drawn, download, tune, ...(dataDir !== null && { dataDir }) };
    const name = labelsPerClass === preset.labelsPerClass
      ? preset.name
      : `${preset.name}-${labelsPerClass === null ? "list" : `${labelsPerClass}-per-class`}`;
    const runs: PlannedRun[] = [];
    for (const seed of seeds) {
      const said = { run, training: { ...training, seed } };
      runs.push(await planInFolder(said, join(output, name, `seed-${seed}`)));
    }
    planned.push([group, runs]);
  }
  return planned;
}

/** Runs of one preset and number of labels. */
interface Group {
  readonly preset: Preset;
  readonly labelsPerClass: number | null;
  readonly seeds: readonly number[];
}

/** Runs what is not finished; the table is written again after each run. */
export async function experiment(args: readonly string[], signal: AbortSignal): Promise<Outcome> {
  const asked = parseExperiment(args);
  const groups = await planGroups(asked);
  const results = new Map<PlannedRun, RunResult>(), diverged = new Set<PlannedRun>();
  const all = groups.flatMap(([group, runs]) =>
    runs.map((run, i) => ({ group, run, seed: group.seeds[i]! }))
  );
  for (const { run, seed } of all) {
    if (run.state === "finished") results.set(run, await readResult(run.folder, seed));
  }
  const write = () => writeTable(asked, groups, results, diverged);
  const waiting = all.filter(({ run }) => run.state !== "finished");
  if (waiting.length === 0 || asked.options.show) return show(await write());
  using device = await Device.request();
  for (const [i, { group, run, seed }] of waiting.entries()) {
    console.log(`\n${i + 1} of ${waiting.length}: ${group.preset.name}, seed ${seed}`);
    try {
      if (await carryOut(await run.plan(), signal, device) === "interrupted") {
        show(await write());
        return "interrupted";
      }
      results.set(run, await readResult(run.folder, seed));
    } catch (error) {
      if (!(error instanceof DivergenceError)) throw error;
      console.error(error.message);
      diverged.add(run);
    }
    await write();
  }
  show(await write());
  if (diverged.size === 0) return "finished";
  throw new Error(
    `Cannot fill the table as all runs must come to their end: ${diverged.size} of ${all.length} diverged`,
  );
}

async function writeTable(
  { output, training, options: { labels } }: Experiment,
  groups: readonly (readonly [Group, readonly PlannedRun[]])[],
  results: ReadonlyMap<PlannedRun, RunResult>,
  diverged: ReadonlySet<PlannedRun>,
): Promise<string> {
  const rows = groups.map(([group, runs]) => {
    const those: ResultGroup = {
      ...group,
      results: runs.flatMap((run) => results.get(run) ?? []),
      diverged: group.seeds.filter((_, i) => diverged.has(runs[i]!)),
    };
    return rowOf(those);
  });
  const texts = formatResults(rows, { ...training, ...(labels !== null && { labels }) });
  await Deno.mkdir(output, { recursive: true });
  for (const [name, text] of Object.entries(texts)) {
    await writeAtomically(join(output, name), new TextEncoder().encode(text));
  }
  return `${texts["results.txt"]}\nTable: ${
    ["txt", "md", "json"].map((kind) => join(output, `results.${kind}`)).join(", ")
  }`;
}

function show(text: string): Outcome {
  console.log(`\n${text}`);
  return "finished";
}

if (import.meta.main) Deno.exit(await runCommand(Deno.args, (signal) => experiment(Deno.args, signal)));
