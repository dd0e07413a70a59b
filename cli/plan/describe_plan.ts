/**
 * Descriptions of plans: the content of `config.json`, which `--config` repeats a run from.
 * @module
 */
import { dirname, resolve } from "node:path";
import config from "../../deno.json" with { type: "json" };
import { ofCommandLine } from "../config/config_options.ts";
import { type Arguments, runDefaults, type RunOptions, trainRows } from "../command/options.ts";
import { absoluteLocation, type Row } from "../command/rows.ts";
import { USER_FOLDER } from "./about_data.ts";
import { readingOf } from "./list_reading.ts";
import type { Plan } from "./plan.ts";

/** Address of the JSON schema of `config.json`. */
const schema = new URL("../../docs/config.schema.json", import.meta.url).href;

/** Options that a run does not depend on, or that options of training say more exactly. */
const ofCall: ReadonlySet<string> = new Set([
  ...ofCommandLine,
  "output",
  "download",
  "augment",
  "minutes", // The run has the number of steps that fit.
]);

/** Options of a run that another run determines, as far as they describe its data. */
const ofData: ReadonlySet<string> = new Set<keyof RunOptions>([
  "preset",
  "dataset",
  "data",
  "dataDir",
  "imageSize",
  "plugin",
]);

/** Returns the options of a plan that are set, by name, with absolute paths; all those of training. */
export function optionsOf(plan: Plan): Record<string, unknown> {
  const rows: Readonly<Record<string, Row>> = trainRows();
  const isStarted = plan.kind === "fresh" || plan.kind === "folder";
  const defaults: Readonly<Record<string, unknown>> = runDefaults;
  const set = Object.entries(plan.run).filter(([name, value]) =>
    (isStarted ? !ofCall.has(name) : ofData.has(name)) && value !== defaults[name]
  ).map(([name, value]) => [name, absolute(rows[name], value)]);
  const { dataset, labels } = plan.run;
  return {
    ...(dataset !== USER_FOLDER && { dataset }),
    ...Object.fromEntries(set.filter(([name]) => name !== "dataset")),
    // With the checksum of the file.
    ...("init" in plan && plan.init && { init: plan.init.reference }),
    ...(plan.kind === "fresh" && labels === null && { labelsPerClass: plan.labelsPerClass }),
    ...plan.training,
  };
}

/** Options of a call that say nothing about the run that it starts. */
const ofOneCall: ReadonlySet<string> = new Set([...ofCommandLine, "output", "download"]);

/** Returns the options set by the user, by name, with absolute paths: `--resume auto` must find the same ones again. */
export function optionsGiven({ run, training }: Arguments): Record<string, unknown> {
  const rows: Readonly<Record<string, Row>> = trainRows();
  const given = Object.entries({ ...run, ...training }).filter(([name]) => !ofOneCall.has(name));
  return Object.fromEntries(given.map(([name, value]) => [name, absolute(rows[name], value)]));
}

function absolute(row: Row | undefined, value: unknown): unknown {
  if (row?.kind === "path") return typeof value === "string" ? resolve(value) : value;
  if (row?.kind === "text" && row.isLocation && typeof value === "string") return absoluteLocation("", value);
  if (row?.kind === "list" && Array.isArray(value)) return value.map((each) => absolute(row.of, each));
  return value;
}

/**
 * Returns the content of `config.json`: all options, and facts about the run, which `--config` does not read.
 * @param facts Facts that only loaded data show.
 */
export function describePlan(plan: Plan, facts: Readonly<Record<string, unknown>> = {}): {
  readonly [name: string]: unknown;
  readonly about: Readonly<Record<string, unknown>>;
} {
  const options = optionsOf(plan);
  const others = Object.entries(facts).filter(([name]) => !Object.hasOwn(options, name));
  return {
    // A plugin adds names that the schema does not know.
    ...(plan.run.plugin === null && { $schema: schema }),
    ...options,
    about: {
      version: config.version,
      ...(plan.kind === "folder" && { classes: plan.own.folder.classes }),
      ...sourceOf(plan),
      ...("given" in plan && { given: plan.given }),
      ...Object.fromEntries(others),
    },
  };
}

/** Returns the run that a run continues or belongs to; empty for a run of its own. */
function sourceOf(plan: Plan): Readonly<Record<string, string>> {
  if (plan.from) return { resume: resolve(plan.from.path) };
  if (plan.kind === "baseline") return { baselineOf: resolve(dirname(plan.original.path)) };
  if (plan.kind === "fold") return { foldOf: resolve(dirname(plan.original.path)) };
  return {};
}

/** Returns the origin of a run's labels and weights, for the log. */
export function describeOrigin(plan: Plan): Record<string, unknown> {
  const source = sourceOf(plan);
  if (Object.keys(source).length > 0) return source;
  const { labels, labelsPerClass, holdOut } = plan.run;
  const init = "init" in plan && plan.init && { init: plan.init.reference };
  const listed = labels !== null && { labels: labels.map((path) => resolve(path)).join(",") };
  if (plan.kind === "fresh") {
    return listed
      ? { ...init, ...listed, ...readingOf(plan.run) }
      : { ...init, labelsPerClass: plan.labelsPerClass };
  }
  return {
    ...init,
    ...listed,
    ...readingOf(plan.run),
    ...(labelsPerClass !== null && { labelsPerClass }),
    ...(holdOut !== null && { holdOut: holdOut && resolve(holdOut) }),
  };
}
