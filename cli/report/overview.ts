/**
 * The overview: tables and charts that compare several runs.
 * @module
 */
import { methodSeries, methodTitle } from "./names.ts";
import { largestOf, smallestOf } from "../../nn/mod.ts";
import { errorText, intervalText } from "../terminal/figures.ts";
import type { Spread } from "./results.ts";
import { chartHtml, lineMarks, Plot, type Point } from "./chart.ts";
import { findBaseline, groupRuns, type RunGroup, withBaselines } from "./groups.ts";
import { type Html, html, nameHtml, tableHtml } from "./html.ts";
import { comparisonChart, errorAxes } from "./sections/learning.ts";
import type { ReportedRun } from "./reported_run.ts";
import type { RunRecord } from "./run_record.ts";
import { errorHtml, runsTable } from "./runs_table.ts";
import { continuedHtml, type TestSet, testSetsHtml, testSetsOf } from "./test_sets.ts";
import { optionHtml, valueText } from "./sections/settings.ts";

/** Returns tables and charts of all runs, with the test error by number of labels. */
export function overviewHtml(runs: readonly ReportedRun[]): Html {
  const records = runs.map(({ record }) => record);
  const groups = groupRuns(records), sets = testSetsOf(withBaselines(records));
  return html`${runsTable(runs, sets)}
${testSetsHtml(sets)}
${continuedHtml(records)}
${differencesTable(records)}
<div class="charts">
${
    sets.map(({ title, runs }, i) => [
      efficiencyChart(title, groups.filter((group) => group.runs.some((run) => runs.includes(run))), i),
      comparisonChart({
        id: `comparison-${i}`,
        title: `Test error, ${title}`,
        runs,
        seriesOfRun: ({ method }) => methodSeries(method),
      }),
    ])
  }
</div>
${groupsTable(groups, sets)}`;
}

/** Returns the names of options that differ between runs, except those that the table of runs shows. */
export function differingOptions(runs: readonly RunRecord[]): string[] {
  const shownElsewhere = new Set([
    "seed",
    "labelsPerClass",
    "labels",
    "dataset",
    "resume",
    "version",
    "preset",
  ]);
  const names = new Set(runs.flatMap(({ options }) => Object.keys(options)));
  return [...names].filter((name) =>
    !shownElsewhere.has(name) &&
    new Set(runs.map(({ options }) => JSON.stringify(options[name] ?? null))).size > 1
  );
}

function differencesTable(runs: readonly RunRecord[]): Html | false {
  const names = differingOptions(runs);
  if (names.length === 0) return false;
  return html`<details><summary>${names.length} option${
    names.length === 1 ? " differs" : "s differ"
  } between the runs</summary>${
    tableHtml<string>({
      caption: "Options that differ between the runs.",
      columns: [
        { title: "option", isText: true, cell: optionHtml },
        ...runs.map(({ name, options }) => ({
          title: nameHtml(name),
          isText: true,
          cell: (option: string) => nameHtml(valueText(options[option])),
        })),
      ],
      rows: names,
    })
  }</details>`;
}

function groupsTable(groups: readonly RunGroup[], sets: readonly TestSet[]): Html | false {
  if (groups.length === 0) return false;
  const letterOf = ({ runs }: RunGroup) =>
    sets.find((set) => runs.some((run) => set.runs.includes(run)))?.letter;
  return tableHtml<RunGroup>({
    caption:
      "Finished runs by dataset, number of labels and method: mean test error ± standard deviation over runs, with the 95 % confidence interval of the mean for fewer than 2000 test images. Last column: the teacher's mean error as a percentage of the error of supervised runs with the same labels (the better of their two networks).",
    columns: [
      {
        title: "dataset",
        isText: true,
        cell: ({ dataSource }) => nameHtml(dataSource),
      },
      sets.some(({ letter }) => letter !== "") &&
      { title: "test images", cell: (group) => letterOf(group) || "–" },
      { title: "labels", cell: ({ labels }) => labels },
      { title: "method", isText: true, cell: ({ method }) => methodTitle(method) },
      { title: "runs", cell: ({ runs }) => runs.length },
      { title: "student", cell: ({ student, examples }) => errorHtml(spreadText(student, examples)) },
      {
        title: "teacher",
        cell: ({ teacher, examples }) => html`<b>${errorHtml(spreadText(teacher, examples))}</b>`,
      },
      { title: "teacher / supervised", cell: (group) => relativeText(group, findBaseline(group, groups)) },
    ],
    rows: groups,
  });
}

/** Returns the teacher's mean error as a percentage of the mean error of the baseline's better network. */
function relativeText({ teacher }: RunGroup, baseline: RunGroup | undefined): string {
  const error = baseline ? Math.min(baseline.student.mean, baseline.teacher.mean) : 0;
  return error > 0 ? `${(100 * teacher.mean / error).toFixed(0)} %` : "–";
}

/** Formats mean and standard deviation of errors in per cent. @param examples Number of test images. */
function spreadText({ mean, standardDeviation }: Spread, examples: number): string {
  const error = { testError: mean, examples }, interval = intervalText(error);
  if (standardDeviation === null) return errorText(error);
  const text = `${(100 * mean).toFixed(2)} ± ${(100 * standardDeviation).toFixed(2)} %`;
  return interval === null ? text : `${text} (${interval} %)`;
}

/** The mean of a group in a chart, with its standard deviation. */
interface GroupPoint extends Point {
  readonly low: number;
  readonly high: number;
}

function efficiencyChart(title: string, groups: readonly RunGroup[], index: number): Html | false {
  if (groups.length === 0) return false;
  const counts = [...new Set(groups.map(({ labels }) => labels))].sort((one, other) => one - other);
  const methods = [...new Set(groups.map(({ method }) => method))];
  const lines = methods.map((method) => {
    const own = groups.filter((group) => group.method === method);
    return { series: methodSeries(method), means: own.map(meanPoint), runs: own.flatMap(runPoints) };
  });
  const { y } = errorAxes(lines.map(({ runs }) => runs));
  return chartHtml({
    id: `labels-${index}`,
    title: `Test error by number of labels, ${title}`,
    description: `Mean test errors of the teachers: ${
      lines.flatMap(({ means }) => means.map(({ text }) => text)).join("; ")
    }.`,
    legend: lines.map(({ series }) => series),
    note: "Small points: single runs. Bars: mean ± one standard deviation.",
    x: {
      label: "labels",
      type: "log",
      domain: [smallestOf(counts) / 1.5, largestOf(counts) * 1.5],
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

function meanPoint({ labels, method, runs, teacher, examples }: RunGroup): GroupPoint {
  const { mean, standardDeviation, values } = teacher;
  const deviation = standardDeviation ?? 0;
  return {
    x: labels,
    y: 100 * mean,
    // Clipped at half the best run: a logarithmic scale cannot show zero or less.
    low: 100 * Math.max(mean - deviation, smallestOf(values) / 2),
    high: 100 * (mean + deviation),
    text: `${methodTitle(method)}, ${labels} labels: ${spreadText(teacher, examples)}, ${runs.length} run${
      runs.length === 1 ? "" : "s"
    }`,
  };
}

function runPoints({ labels, runs, teacher, examples }: RunGroup): Point[] {
  return teacher.values.map((error, i) => ({
    x: labels,
    y: 100 * error,
    text: `${runs[i]?.name}: ${errorText({ testError: error, examples })}`,
  }));
}
