/**
 * Groups of runs with the same data, number of labels and method, and the mean errors of each group.
 * @module
 */
import { basename } from "node:path";
import { methodNames } from "../../semisup/mod.ts";
import { USER_FOLDER } from "../plan/about_data.ts";
import { type Spread, spreadOf } from "./results.ts";
import { labelCountOf, lastErrorsOf, type RunRecord } from "./run_record.ts";

/**
 * Returns the folder of a run's data, or the name of its dataset. Errors on different data cannot be
 * compared.
 */
export function dataSourceOf({ dataset, config }: RunRecord): string {
  const folder = config["data"] ?? config["dataDir"];
  return (dataset === "folder" || dataset === USER_FOLDER) && typeof folder === "string" ? folder : dataset;
}

/** Returns the last part of {@linkcode dataSourceOf}. */
export function dataSourceTitle(run: RunRecord): string {
  return basename(dataSourceOf(run));
}

/** Removes the runs that another one was resumed from, because both are one run. */
export function withoutContinued(runs: readonly RunRecord[]): RunRecord[] {
  const continued = new Set(runs.map(({ continues }) => continues));
  return runs.filter(({ realPath, continues }) => !continued.has(realPath) || continues === realPath);
}

/** Runs with the same data, test set, number of labels and method. */
export interface RunGroup {
  readonly dataSource: string;
  /** Identifies the test images; null if there are none. */
  readonly testSet: string | null;
  readonly labels: number;
  readonly method: string;
  readonly runs: readonly RunRecord[];
  /** Last test errors, from 0 to 1. */
  readonly student: Spread;
  readonly teacher: Spread;
  /** Number of test images, the smallest among the runs. */
  readonly examples: number;
}

/** Returns all runs and their supervised baselines, without duplicates. */
export function withBaselines(runs: readonly RunRecord[]): RunRecord[] {
  const all = runs.flatMap((run) => run.baseline ? [run, run.baseline] : [run]);
  return [...new Map(all.map((run) => [run.realPath, run])).values()];
}

/**
 * Groups finished runs with known errors and numbers of labels, sorted by data, test set, labels and method.
 * Runs that stopped early are left out, because their errors say nothing about the settings.
 */
export function groupRuns(runs: readonly RunRecord[]): RunGroup[] {
  const groups = new Map<string, Omit<RunGroup, "student" | "teacher" | "examples">>();
  for (const run of withoutContinued(withBaselines(runs))) {
    const labels = labelCountOf(run);
    if (labels === null || !run.summary || !lastErrorsOf(run)) continue;
    const about = { dataSource: dataSourceOf(run), testSet: run.testSet, labels, method: run.method };
    const key = JSON.stringify(about);
    groups.set(key, { ...about, runs: [...groups.get(key)?.runs ?? [], run] });
  }
  return [...groups.values()].map((group): RunGroup => {
    const spreadBy = (network: "student" | "teacher") =>
      spreadOf(group.runs.flatMap((run) => lastErrorsOf(run)?.[network].testError ?? []));
    const examples = Math.min(...group.runs.map((run) => lastErrorsOf(run)?.teacher.examples ?? Infinity));
    return { ...group, student: spreadBy("student"), teacher: spreadBy("teacher"), examples };
  }).sort(inOrder);
}

/** Returns a group's place in the order of the table of methods; methods that are not in it come last. */
function orderOf({ method }: RunGroup): number {
  return methodNames.includes(method) ? methodNames.indexOf(method) : methodNames.length;
}

function inOrder(one: RunGroup, other: RunGroup): number {
  return one.dataSource.localeCompare(other.dataSource, "en") ||
    (one.testSet ?? "").localeCompare(other.testSet ?? "", "en") || one.labels - other.labels ||
    orderOf(one) - orderOf(other) || one.method.localeCompare(other.method, "en");
}

/** Finds the group of supervised runs with the same data, test set and number of labels. */
export function findBaseline(group: RunGroup, groups: readonly RunGroup[]): RunGroup | undefined {
  if (group.method === "supervised") return undefined;
  return groups.find(({ dataSource, testSet, labels, method }) =>
    method === "supervised" && dataSource === group.dataSource && testSet === group.testSet &&
    labels === group.labels
  );
}
