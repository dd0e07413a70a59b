/**
 * The section on learning: charts of errors, costs and schedules against steps.
 * @module
 */
import { largestOf, smallestOf } from "../../../nn/mod.ts";
import { errorInterval } from "../../../semisup/mod.ts";
import { describeFolds } from "../../run/folds.ts";
import { describeProbe } from "../../run/probe.ts";
import type { LoggedCosts } from "../../run_files/run_log.ts";
import { capitalized, errorText, wordsOf } from "../../terminal/figures.ts";
import {
  chartHtml,
  type ChartOptions,
  lastValuesText,
  lineMarks,
  Plot,
  type Point,
  type Series,
  seriesOf,
  significant,
  stepAxis,
  valueAxis,
} from "../chart.ts";
import { type Html, html } from "../html.ts";
import { costSeries } from "../names.ts";
import { lastErrorsOf, type RunRecord } from "../run_record.ts";

/** Returns charts of a run's errors, costs and schedules. @param id Id of the run, unique in the page. */
export function learningHtml(run: RunRecord, id: string): Html {
  const { costs, evaluations } = run.log;
  if (costs.length + evaluations.length === 0) {
    return html`<p class="missing">The log has neither costs nor errors: the run ended before the first record.</p>`;
  }
  return html`<div class="charts">
${errorChart(run, id)}
${costs.length > 0 && costChart(run, id)}
</div>
${costs.length > 0 && html`<div class="charts narrow">${rampCharts(run, id)}</div>`}`;
}

/** Returns the errors of a network at each evaluation of a run, in per cent. */
export function errorPoints(
  { log, name }: RunRecord,
  network: "student" | "teacher",
  title: string,
): Point[] {
  return log.evaluations.map(({ step, [network]: errors }) => ({
    x: step,
    y: 100 * errors.testError,
    text: `${title}: ${errorText(errors)} at step ${step}, ${name}`,
  }));
}

/** Returns the axes of a chart of errors. */
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
        class="missing">${run.summary
          ? "There were no labelled test images, so the test error is unknown."
          : "The networks were not tested in training yet."}${estimatesOf(run).map((text) => ` ${text}.`)}</p>
    `;
  }
  return chartHtml(errorChartOptions(run, last, id));
}

/** Returns the chart of the errors of a run, and of its baseline if there is one. */
export function errorChartOptions(
  run: RunRecord,
  { student, teacher, step }: NonNullable<ReturnType<typeof lastErrorsOf>>,
  id: string,
): ChartOptions {
  const lines: [Series, Point[]][] = [
    [seriesOf.student, errorPoints(run, "student", "student")],
    [seriesOf.teacher, errorPoints(run, "teacher", "teacher")],
  ];
  if (run.baseline) {
    lines.unshift([seriesOf.baseline, errorPoints(run.baseline, "teacher", "supervised baseline")]);
  }
  return {
    id: `${id}-errors`,
    title: "Test error",
    description: `Test errors against steps; at step ${step} the student's is ${
      errorText(student)
    }, the teacher's ${errorText(teacher)}.`,
    legend: lines.map(([series]) => series),
    note: `Bands: 95 % intervals.${
      run.baseline
        ? " Supervised baseline: the averaged weights of the same run without unlabelled images."
        : ""
    }`,
    ...errorAxes(lines.map(([, points]) => points)),
    marks: [
      ...(["student", "teacher"] as const).map((network) => intervalBand(run, network)),
      ...lines.flatMap(([series, points]) => lineMarks(points, series)),
    ],
  };
}

/** Returns the 95 % interval of a network's error as a band; narrower than its line for very many images. */
function intervalBand({ log }: RunRecord, network: "student" | "teacher"): Plot.Markish {
  const band = log.evaluations.map(({ step, [network]: { testError, examples } }) => {
    const [low, high] = errorInterval(testError, examples);
    return { step, low: 100 * low, high: 100 * high };
  });
  const { color } = seriesOf[network];
  return Plot.areaY(band, { x: "step", y1: "low", y2: "high", fill: color, fillOpacity: 0.12 });
}

/** Describes the estimates of a run's error without test images. */
function estimatesOf({ summary }: RunRecord): string[] {
  const { folds, probe } = summary ?? {};
  return [...(folds ? [describeFolds(folds)] : []), ...(probe ? [describeProbe(probe)] : [])];
}

function costChart({ log: { costs } }: RunRecord, id: string): Html {
  const parts = Object.entries(costSeries(namesIn(costs, "costs").filter((name) => name !== "cost")));
  const lines = parts.map(([name, series]) =>
    [series, pointsOf(costs, "costs", name, `${series.title} cost`)] as const
  ).filter(([, points]) => points.some(({ y }) => y !== 0));
  // A logarithmic axis cannot show 0, the consistency cost before the ramp-up.
  const shown = lines.map(([series, points]) => [series, points.filter(({ y }) => y > 0)] as const);
  const absent = parts.map(([, series]) => series).filter((series) =>
    !lines.some(([other]) => other === series)
  );
  if (lines.length === 0) return html`<p class="missing">All costs are zero throughout.</p>`;
  return chartHtml({
    id: `${id}-costs`,
    title: "Costs",
    description: `Mean costs of the steps between two records; in the last record, ${lastValuesText(lines)}.`,
    legend: lines.map(([series]) => series),
    note: html`Weighted, as minimised.${
      absent.length > 0 && ` Zero throughout: ${absent.map(({ title }) => title).join(", ")}.`
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
    const [minimum, maximum] = [smallestOf(values), largestOf(values)];
    return chartHtml({
      id: `${id}-${name}`,
      title,
      description: `${title} against steps: from ${significant(first.y)} to ${significant(last.y)}, between ${
        significant(minimum)
      } and ${significant(maximum)}.`,
      width: 330,
      height: 190,
      x: { ...stepAxis([points]), ticks: 4 },
      y: {
        ...valueAxis({ values: [], zero: name !== "emaDecay", ticks: 4 }),
        // Decays lie close to 1, so the axis omits 0; a constant decay gets some room below.
        ...(name === "emaDecay" &&
          { domain: [minimum === maximum ? Math.max(0, minimum - 0.01) : minimum, Math.max(maximum, 0.01)] }),
      },
      marks: lineMarks(points, seriesOf.plain),
    });
  });
}

/** Maximum number of points of a line: more are invisible, and make the file large. */
const maxPoints = 800;

/** Returns the names of all costs or hyperparameters of a log. */
function namesIn(costs: readonly LoggedCosts[], field: "costs" | "hyperparameters"): string[] {
  return [...new Set(costs.flatMap(({ [field]: values }) => Object.keys(values)))];
}

/**
 * Returns a line over the records of costs. If there are too many records, each point is the mean of several.
 */
export function pointsOf(
  costs: readonly LoggedCosts[],
  field: "costs" | "hyperparameters",
  name: string,
  title: string,
): Point[] {
  const each = Math.max(1, Math.ceil(costs.length / maxPoints));
  return Array.from({ length: Math.ceil(costs.length / each) }, (_, i) => {
    const some = costs.slice(i * each, (i + 1) * each);
    const mean = some.reduce((sum, { [field]: values }) => sum + (values[name] ?? 0), 0) / some.length;
    const step = largestOf(some.map(({ step }) => step));
    return { x: step, y: mean, text: `${title}: ${significant(mean)} at step ${step}` };
  });
}

/** Maximum number of runs with thick lines. */
const maxThick = 6;

/** Returns a chart of the teachers' errors of several runs. */
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
      `Test errors of the teachers against steps, for ${runs.length} runs. The table has the last ones.`,
    legend: [...new Map(lines.map(([series]) => [series.title, series])).values()],
    note: "Errors of the teachers. Hover over a point to see its run.",
    ...errorAxes(lines.map(([, points]) => points)),
    marks: lines.flatMap(([series, points]) => lineMarks(points, series, { isThin: runs.length > maxThick })),
  });
}
