/**
 * The runs of an experiment: presets, numbers of labels, settings and seeds.
 * @module
 */
import { join } from "node:path";
import type { TrainingOptions } from "../../semisup/mod.ts";
import { planInFolder, type PlannedRun } from "../plan/planned_run.ts";
import { findPreset, type Preset } from "../plan/presets/presets.ts";
import type { Combination } from "./grid.ts";

/** Presets, seeds, numbers of labels and settings of an experiment. */
export interface Experiment {
  readonly presets: readonly string[];
  readonly seeds: readonly number[];
  /** Numbers of labels per class; null selects the presets'. */
  readonly labelsPerClass: readonly number[] | null;
  /** Label lists, instead of numbers of labels. */
  readonly labels: readonly string[] | null;
  /** Settings to be combined with all presets. */
  readonly combinations: readonly Combination[];
  /** Settings of all runs. */
  readonly training: Partial<TrainingOptions>;
  /** Options of all runs other than those of training. */
  readonly run: {
    readonly dataDir: string | null;
    readonly download: boolean;
    readonly tune: "off" | "fast" | "full" | null;
    readonly plugin: string | null;
  };
  /** Folder of the runs and the table. */
  readonly output: string;
}

/** A run of an experiment. */
export interface ExperimentRun {
  readonly title: string;
  readonly seed: number;
  readonly folder: string;
  /** Looks for the run in its folder. */
  find(): Promise<PlannedRun>;
}

/** Runs that differ only in their seeds. */
export interface Group {
  readonly preset: Preset;
  /** Null if a list decides which examples have labels. */
  readonly labelsPerClass: number | null;
  /** Settings of `--grid`. */
  readonly settings: readonly string[];
  readonly runs: readonly ExperimentRun[];
}

/** Returns the groups of runs of an experiment. @throws {RangeError} if a preset is unknown. */
export function groupsOf(experiment: Experiment): Group[] {
  const { presets, labels, combinations } = experiment;
  return [...new Set(presets)].map(findPreset).flatMap((preset) => {
    const counts = labels === null ? experiment.labelsPerClass ?? [preset.labelsPerClass] : [null];
    return [...new Set(counts)].flatMap((count) =>
      combinations.map((combination) => groupOf(experiment, preset, count, combination))
    );
  });
}

function groupOf(
  { labels, run: { dataDir, ...run }, training, seeds, output }: Experiment,
  preset: Preset,
  labelsPerClass: number | null,
  { training: settings, words }: Combination,
): Group {
  const common = {
    preset: preset.name,
    ...(labelsPerClass === null ? { labels } : { labelsPerClass }),
    ...run,
    ...(dataDir !== null && { dataDir }),
  };
  const suffixes = [
    ...(labelsPerClass === preset.labelsPerClass
      ? []
      : [labelsPerClass === null ? "list" : `${labelsPerClass}-per-class`]),
    ...words.map((word) => word.replace(/^--/, "").replaceAll(/[^\w.=+-]/g, "_")),
  ];
  const name = [preset.name, ...suffixes].join("-");
  const runs = [...new Set(seeds)].map((seed) => {
    const chosen = { run: common, training: { ...training, ...settings, seed } };
    const folder = join(output, name, `seed-${seed}`);
    const title = [preset.name, ...words, `seed ${seed}`].join(", ");
    return { title, seed, folder, find: () => planInFolder(chosen, folder) };
  });
  return { preset, labelsPerClass, settings: words, runs };
}
