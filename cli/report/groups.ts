/**
 * Runs that differ in their seeds alone, as far as a report looks, and what they come to together.
 * @module
 */
import { basename } from "node:path";
import { methodNames } from "../../semisup/mod.ts";
import { USER_FOLDER } from "../plan/inputs.ts";
import { type Spread, spreadOf } from "./results.ts";
import { labelCountOf, lastErrorsOf, type RunRecord } from "./run_record.ts";

/** What a run is tested on: errors on other images cannot be compared. */
export function subjectOf({ dataset, config }: RunRecord): string {
  const folder = config["data"] ?? config["dataDir"];
  return (dataset === "folder" || dataset === USER_FOLDER) && typeof folder === "string" ? folder : dataset;
}

/** What {@linkcode subjectOf} says, without the folders above. */
export function subjectTitle(run: RunRecord): string {
  return basename(subjectOf(run));
}

/** Runs without those that another of them goes on from: the two are one run. */
export function withoutContinued(runs: readonly RunRecord[]): RunRecord[] {
  const continued = new Set(runs.map(({ continues }) => continues));
  return runs.filter(({ realPath, continues }) => !continued.has(realPath) || continues === realPath);
}

/** Runs of one subject, test set, number of labels and method. */
export interface RunGroup {
  readonly subject: string;
  /** What tells its test images from others. */
  readonly testSet: string | null;
  readonly labels: number;
  readonly method: string;
  readonly runs: readonly RunRecord[];
  /** Last test errors, as shares. */
  readonly student: Spread;
  readonly teacher: Spread;
  /** Test images, of the run that had the fewest. */
  readonly examples: number;
}

/** All runs, those of labels alone beside others included, none twice. */
export function withBaselines(runs: readonly RunRecord[]): RunRecord[] {
  const all = runs.flatMap((run) => run.baseline ? [run, run.baseline] : [run]);
  return [...new Map(all.map((run) => [run.realPath, run])).values()];
}

/**
 * Groups of finished runs whose numbers of labels and errors are known: by subject, then test set, labels and method. Runs that
 * stopped early are in none, as they say nothing of what their settings come to.
 */
export function groupRuns(runs: readonly RunRecord[]): RunGroup[] {
  const groups = new Map<string, Omit<RunGroup, "student" | "teacher" | "examples">>();
  for (const run of withoutContinued(withBaselines(runs))) {
    const labels = labelCountOf(run);
    if (labels === null || !run.summary || !lastErrorsOf(run)) continue;
    const about = { subject: subjectOf(run), testSet: run.testSet, labels, method: run.method };
    const key = JSON.stringify(about);
    groups.set(key, { ...about, runs: [...groups.get(key)?.runs ?? [], run] });
  }
  return [...groups.values()].map((group): RunGroup => {
    const spreadBy = (who: "student" | "teacher") =>
      spreadOf(group.runs.flatMap((run) => lastErrorsOf(run)?.[who].testError ?? []));
    const examples = Math.min(...group.runs.map((run) => lastErrorsOf(run)?.teacher.examples ?? Infinity));
    return { ...group, student: spreadBy("student"), teacher: spreadBy("teacher"), examples };
  }).sort(inOrder);
}

/** Returns a group's place in the order of the table of methods; methods that are not in it come last. */
function orderOf({ method }: RunGroup): number {
  return methodNames.includes(method) ? methodNames.indexOf(method) : methodNames.length;
}

function inOrder(one: RunGroup, other: RunGroup): number {
  return one.subject.localeCompare(other.subject, "en") ||
    (one.testSet ?? "").localeCompare(other.testSet ?? "", "en") || one.labels - other.labels ||
    orderOf(one) - orderOf(other) || one.method.localeCompare(other.method, "en");
}

/** The group of labels alone with the same subject and number of labels. */
export function twinOf(group: RunGroup, groups: readonly RunGroup[]): RunGroup | undefined {
  if (group.method === "supervised") return undefined;
  return groups.find(({ subject, testSet, labels, method }) =>
    method === "supervised" && subject === group.subject && testSet === group.testSet &&
    labels === group.labels
  );
}
