/**
 * Several runs beside each other.
 * @module
 */
import { percent } from "../progress.ts";
import type { Spread } from "../results.ts";
import { chartHtml, lineMarks, Plot, type Point, seriesOf } from "./chart.ts";
import { groupRuns, type RunGroup, subjectOf, twinOf, withBaselines } from "./groups.ts";
import { type Content, type Html, html, nameHtml, tableHtml } from "./html.ts";
import { comparisonChart, errorAxes } from "./learning.ts";
import type { ReportedRun } from "./reported_run.ts";
import { warningsOf } from "./self_check.ts";
import { labelCountOf, lastErrorsOf, methodTitles, type RunRecord, stepsOf } from "./run_record.ts";
import { valueText } from "./settings.ts";

/** A table of all runs, charts of them, and how errors fall with labels. */
export function overviewHtml(runs: readonly ReportedRun[]): Html {
  const records = runs.map(({ record }) => record);
  return html`${runsTable(runs)}
${differencesTable(records)}
${efficiencyHtml(records)}
<div class="charts">${
    subjectsOf(records).map((subject, i) =>
      comparisonChart({
        id: `comparison-${i}`,
        title: `Test error, ${subject}`,
        runs: withBaselines(records).filter((run) => subjectOf(run) === subject),
        seriesOfRun: ({ method }) => seriesOf[method],
      })
    )
  }</div>`;
}

/** What the runs are tested on; those that were never tested are in no chart. */
function subjectsOf(runs: readonly RunRecord[]): string[] {
  return [...new Set(runs.filter((run) => lastErrorsOf(run)).map(subjectOf))];
}

function runsTable(runs: readonly ReportedRun[]): Html {
  const hasBaselines = runs.some(({ record }) => record.baseline);
  return tableHtml({
    caption: "Errors are shares of the test images, of the last test of each run.",
    head: [
      "run",
      "dataset",
      "method",
      "labels",
      "seed",
      "steps",
      "student",
      "teacher",
      ...(hasBaselines ? ["labels alone"] : []),
      "calibration error",
      "state",
    ],
    rows: runs.map(({ id, record, results }): Content[] => {
      const errors = lastErrorsOf(record);
      const twin = record.baseline && lastErrorsOf(record.baseline);
      return [
        html`<a href="#${id}">${nameHtml(record.name)}</a>`,
        nameHtml(subjectOf(record)),
        methodTitles[record.method],
        labelCountOf(record) ?? "–",
        record.seed,
        stepsOf(record),
        errors ? percent(errors.student) : "–",
        html`<b>${errors ? percent(errors.teacher) : "–"}</b>`,
        ...(hasBaselines ? [twin ? percent(twin.teacher) : "–"] : []),
        results ? percent(results.teacher.calibrationError) : "–",
        stateOf(record),
      ];
    }),
  });
}

function stateOf(record: RunRecord): string {
  const warnings = warningsOf(record.log.diagnostics).filter(({ holds }) => holds).length;
  const state = record.summary ? "finished" : "not finished";
  return warnings === 0 ? state : `${state}, ${warnings} warning${warnings === 1 ? "" : "s"}`;
}

/** Options that are not the same in all runs: errors differ for these reasons too. */
export function differingOptions(runs: readonly RunRecord[]): string[] {
  const told = new Set(["seed", "labelsPerClass", "labels", "dataset", "resume", "version", "preset"]);
  const names = new Set(runs.flatMap(({ config }) => Object.keys(config)));
  return [...names].filter((name) =>
    !told.has(name) && new Set(runs.map(({ config }) => JSON.stringify(config[name] ?? null))).size > 1
  );
}

function differencesTable(runs: readonly RunRecord[]): Html | false {
  const names = differingOptions(runs);
  if (names.length === 0) return false;
  return html`<details><summary>${names.length} option${
    names.length === 1 ? " is" : "s are"
  } not the same in all runs</summary>${
    tableHtml({
      caption: "Only options that differ.",
      head: ["run", ...names.map((name) => html`<code>${name}</code>`)],
      numeric: false,
      rows: runs.map(({ name, config }) => [nameHtml(name), ...names.map((each) => valueText(config[each]))]),
    })
  }</details>`;
}

function efficiencyHtml(runs: readonly RunRecord[]): Html | false {
  const groups = groupRuns(runs);
  if (groups.length === 0) return false;
  const subjects = [...new Set(groups.map(({ subject }) => subject))];
  return html`<h3 id="labels">Errors and labels</h3>
<div class="charts">${
    subjects.map((subject, i) =>
      efficiencyChart(subject, groups.filter((group) => group.subject === subject), i)
    )
  }</div>
${
    tableHtml({
      caption: "Finished runs by dataset, number of labels and method: mean ± standard deviation over runs.",
      head: ["dataset", "labels", "method", "runs", "student", "teacher", "of the error of labels alone"],
      rows: groups.map((group): Content[] => {
        const twin = twinOf(group, groups);
        return [
          nameHtml(group.subject),
          group.labels,
          methodTitles[group.method],
          group.runs.length,
          spreadText(group.student),
          html`<b>${spreadText(group.teacher)}</b>`,
          twin && twin.teacher.mean > 0 ? percent(group.teacher.mean / twin.teacher.mean) : "–",
        ];
      }),
    })
  }`;
}

/** A mean of shares and their deviation, in per cent. */
function spreadText({ mean, standardDeviation }: Spread): string {
  return standardDeviation === null
    ? percent(mean)
    : `${(100 * mean).toFixed(2)} ± ${(100 * standardDeviation).toFixed(2)} %`;
}

/** A run, or the mean of a group, in a chart. */
interface GroupPoint extends Point {
  readonly low: number;
  readonly high: number;
}

function efficiencyChart(subject: string, groups: readonly RunGroup[], index: number): Html {
  const counts = [...new Set(groups.map(({ labels }) => labels))].sort((one, other) => one - other);
  const methods = [...new Set(groups.map(({ method }) => method))];
  const lines = methods.map((method) => {
    const own = groups.filter((group) => group.method === method);
    return { series: seriesOf[method], means: own.map(meanPoint), runs: own.flatMap(runPoints) };
  });
  const { y } = errorAxes(lines.map(({ runs }) => runs));
  return chartHtml({
    id: `labels-${index}`,
    title: `Test error by number of labels, ${subject}`,
    description: `Mean test errors of the averaged weights: ${
      lines.flatMap(({ means }) => means.map(({ text }) => text)).join("; ")
    }.`,
    legend: lines.map(({ series }) => series),
    note: "Small points: runs. Bars: one standard deviation to either side of the mean.",
    x: {
      label: "labels",
      type: "log",
      domain: [counts[0]! / 1.5, counts.at(-1)! * 1.5],
      ticks: counts,
      tickFormat: "~s",
    },
    ...(y && { y }),
    marks: lines.flatMap(({ series, means, runs }) => [
      Plot.dot(runs, { x: "x", y: "y", r: 2.5, fill: series.color, fillOpacity: 0.45, title: "text" }),
      Plot.ruleX(means.filter(({ low, high }) => high > low), {
        x: "x",
        y1: "low",
        y2: "high",
        stroke: series.color,
        strokeWidth: 1.5,
      }),
      ...lineMarks(means, series),
    ]),
  });
}

function meanPoint({ labels, method, runs, teacher }: RunGroup): GroupPoint {
  const { mean, standardDeviation, values } = teacher;
  const deviation = standardDeviation ?? 0;
  return {
    x: labels,
    y: 100 * mean,
    // Not below the best run, where there may be nothing, or zero on a logarithmic scale.
    low: 100 * Math.max(mean - deviation, Math.min(...values) / 2),
    high: 100 * (mean + deviation),
    text: `${methodTitles[method]}, ${labels} labels: ${spreadText(teacher)}, ${runs.length} run${
      runs.length === 1 ? "" : "s"
    }`,
  };
}

function runPoints({ labels, runs, teacher }: RunGroup): Point[] {
  return runs.map(({ name }, i) => ({
    x: labels,
    y: 100 * teacher.values[i]!,
    text: `${name}: ${percent(teacher.values[i]!)}`,
  }));
}
