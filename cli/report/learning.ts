/**
 * How a run went: errors, costs and ramps against steps.
 * @module
 */
import { largestOf, smallestOf } from "../../nn/mod.ts";
import { describeFolds } from "../run/folds.ts";
import { describeProbe } from "../run/probe.ts";
import type { LoggedCosts } from "../run/run_log.ts";
import { capitalized, errorText, wordsOf } from "../command/figures.ts";
import {
  chartHtml,
  type ChartOptions,
  lastValuesText,
  lineMarks,
  type Point,
  type Series,
  seriesOf,
  significant,
  stepAxis,
  valueAxis,
} from "./chart.ts";
import { type Html, html } from "./html.ts";
import { costSeries } from "./names.ts";
import { lastErrorsOf, type RunRecord } from "./run_record.ts";

/** Errors, costs and ramps of a run. @param id Of the run, unique in the page. */
export function learningHtml(run: RunRecord, id: string): Html {
  const { costs, evaluations } = run.log;
  if (costs.length + evaluations.length === 0) {
    return html`<p class="missing">The log has neither costs nor errors: the run was over before its first record of them.</p>`;
  }
  return html`<div class="charts">
${errorChart(run, id)}
${costs.length > 0 && costChart(run, id)}
</div>
${costs.length > 0 && html`<div class="charts narrow">${rampCharts(run, id)}</div>`}`;
}

/** Errors of a network over the evaluations of a run, in per cent. */
export function errorPoints({ log, name }: RunRecord, who: "student" | "teacher", title: string): Point[] {
  return log.evaluations.map(({ step, [who]: errors }) => ({
    x: step,
    y: 100 * errors.testError,
    text: `${title}: ${errorText(errors)} at step ${step}, ${name}`,
  }));
}

/** The axes of charts of errors. */
export function errorAxes(lines: readonly (readonly Point[])[]): Pick<ChartOptions, "x" | "y"> {
  return {
    x: stepAxis(lines),
    y: valueAxis({ values: lines.flat().map(({ y }) => y), label: "test error, %" }),
  };
}

function errorChart(run: RunRecord, id: string): Html {
  const last = lastErrorsOf(run);
  if (!last) {
    return html`
      <p
        class="missing">There were no images with known classes to test on, so the errors are not known.${estimatesOf(
          run,
        ).map((text) => ` ${text}.`)}</p>
    `;
  }
  const lines: [Series, Point[]][] = [
    [seriesOf.student, errorPoints(run, "student", "student")],
    [seriesOf.teacher, errorPoints(run, "teacher", "teacher")],
  ];
  if (run.baseline) lines.unshift([seriesOf.baseline, errorPoints(run.baseline, "teacher", "labels alone")]);
  const { student, teacher, step } = last;
  return chartHtml({
    id: `${id}-errors`,
    title: "Test error",
    description: `Test errors against steps; at step ${step} the student's is ${
      errorText(student)
    }, the teacher's ${errorText(teacher)}.`,
    legend: lines.map(([series]) => series),
    note: run.baseline && "Labels alone: the averaged weights of the same run without unlabelled images.",
    ...errorAxes(lines.map(([, points]) => points)),
    marks: lines.flatMap(([series, points]) => lineMarks(points, series)),
  });
}

/** What a run tells of its error without test images. */
function estimatesOf({ summary }: RunRecord): string[] {
  const { folds, probe } = summary ?? {};
  return [...(folds ? [describeFolds(folds)] : []), ...(probe ? [describeProbe(probe)] : [])];
}

function costChart({ log: { costs } }: RunRecord, id: string): Html {
  const parts = Object.entries(costSeries(namesIn(costs, "costs").filter((name) => name !== "cost")));
  const lines = parts.map(([name, series]) =>
    [series, pointsOf(costs, "costs", name, `${series.title} cost`)] as const
  ).filter(([, points]) => points.some(({ y }) => y !== 0));
  // A logarithm has no place for 0, such as that of a weight that is not yet ramped up.
  const shown = lines.map(([series, points]) => [series, points.filter(({ y }) => y > 0)] as const);
  const absent = parts.map(([, series]) => series).filter((series) =>
    !lines.some(([other]) => other === series)
  );
  if (lines.length === 0) return html`<p class="missing">All costs are zero, all along.</p>`;
  return chartHtml({
    id: `${id}-costs`,
    title: "Costs",
    description: `Mean costs of the steps between two records; at the last one ${lastValuesText(lines)}.`,
    legend: lines.map(([series]) => series),
    note: html`Weighted, as they are minimised.${
      absent.length > 0 && ` Zero all along: ${absent.map(({ title }) => title).join(", ")}.`
    }`,
    x: stepAxis(shown.map(([, points]) => points)),
    y: valueAxis({ values: shown.flatMap(([, points]) => points.map(({ y }) => y)), label: "cost" }),
    marks: shown.flatMap(([series, points]) => lineMarks(points, series)),
  });
}

/** Hyperparameters that have a chart even if they do not change. */
const charted: readonly string[] = ["learningRate", "consistencyWeight", "emaDecay"];

function rampCharts({ log: { costs } }: RunRecord, id: string): Html[] {
  return namesIn(costs, "hyperparameters").flatMap((name) => {
    const title = capitalized(wordsOf(name));
    const points = pointsOf(costs, "hyperparameters", name, title), [first] = points, last = points.at(-1);
    const values = points.map(({ y }) => y);
    const isConstant = values.every((value) => value === values[0]);
    if (!first || !last || (isConstant && !charted.includes(name))) return [];
    const [least, most] = [smallestOf(values), largestOf(values)];
    return chartHtml({
      id: `${id}-${name}`,
      title,
      description: `${title} against steps: from ${significant(first.y)} to ${significant(last.y)}, between ${
        significant(least)
      } and ${significant(most)}.`,
      width: 330,
      height: 190,
      x: { ...stepAxis([points]), ticks: 4 },
      y: {
        ...valueAxis({ values: [], zero: name !== "emaDecay", ticks: 4 }),
        // Most of what a decay does happens close to 1; one that never changes needs room around it.
        ...(name === "emaDecay" &&
          { domain: [least === most ? Math.max(0, least - 0.01) : least, Math.max(most, 0.01)] }),
      },
      marks: lineMarks(points, seriesOf.plain),
    });
  });
}

/** Points of a line at most: more are not seen, and make the file large. */
const mostPoints = 800;

/** A line over the records of costs; where these are too many, a point is the mean of several. */
export function pointsOf(
  costs: readonly LoggedCosts[],
  field: "costs" | "hyperparameters",
  name: string,
  title: string,
): Point[] {
  const each = Math.max(1, Math.ceil(costs.length / mostPoints));
  return Array.from({ length: Math.ceil(costs.length / each) }, (_, i) => {
    const some = costs.slice(i * each, (i + 1) * each);
    const mean = some.reduce((sum, { [field]: values }) => sum + (values[name] ?? 0), 0) / some.length;
    const step = largestOf(some.map(({ step }) => step));
    return { x: step, y: mean, text: `${title}: ${significant(mean)} at step ${step}` };
  });
}

/** Returns the names of all costs or hyperparameters of a log. */
function namesIn(costs: readonly LoggedCosts[], field: "costs" | "hyperparameters"): string[] {
  return [...new Set(costs.flatMap(({ [field]: values }) => Object.keys(values)))];
}

/** Runs beyond which lines are drawn thin. */
const mostThick = 6;

/** A chart of the errors of several runs' averaged weights. */
export function comparisonChart(
  { id, title, runs, seriesOfRun }: {
    readonly id: string;
    readonly title: string;
    readonly runs: readonly RunRecord[];
    readonly seriesOfRun: (run: RunRecord) => Series;
  },
): Html {
  const lines = runs.map((run) => [seriesOfRun(run), errorPoints(run, "teacher", "teacher")] as const);
  return chartHtml({
    id,
    title,
    description:
      `Test errors of the averaged weights against steps, of ${runs.length} runs. The table has their last ones.`,
    legend: [...new Map(lines.map(([series]) => [series.title, series])).values()],
    note: "Of the averaged weights; rest the pointer on a point for the run's name.",
    ...errorAxes(lines.map(([, points]) => points)),
    marks: lines.flatMap(([series, points]) =>
      lineMarks(points, series, { isThin: runs.length > mostThick })
    ),
  });
}
