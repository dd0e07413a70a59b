/**
 * The charts of the documentation: schedules as the code computes them, and measured errors.
 * @module
 */
import { methodSeries } from "./names.ts";
import { defaultOptions, scheduleOf } from "../../semisup/mod.ts";
import { lineMarks, Plot, type Point, type Series, seriesOf, stepAxis, valueAxis } from "./chart.ts";
import { chartFile } from "./chart_file.ts";
import { errorChartOptions } from "./sections/learning.ts";
import { lastErrorsOf, type RunRecord } from "./run_record.ts";

/** Pixels of a chart that stands alone on a page. */
const size = { width: 520, height: 280 };

/** Returns the chart of a run's test errors, and of its baseline's. @throws {RangeError} if the run was not tested. */
export function errorChart(run: RunRecord, title: string): string {
  const last = lastErrorsOf(run);
  if (!last) throw new RangeError(`Cannot draw the errors of ${run.path}: the run was not tested`);
  return chartFile({ ...errorChartOptions(run, last, "run"), ...size, title });
}

/** Steps of an epoch of MNIST with 100 labels, and of the whole run. */
const stepsPerEpoch = 1198, totalSteps = 2696;

/** Returns the chart of the schedules of the default run, each as a share of its largest value. */
export function rampsChart(): string {
  const { consistency, learningRate } = defaultOptions;
  const kinds: readonly (readonly [Series, (step: number) => number])[] = [
    [
      { ...seriesOf.consistency, title: `consistency weight / ${consistency}` },
      (step) => scheduleOf(defaultOptions, step, stepsPerEpoch).consistencyWeight / consistency,
    ],
    [
      { ...seriesOf.student, title: `learning rate / ${learningRate}`, dash: "2 3" },
      (step) => scheduleOf(defaultOptions, step, stepsPerEpoch).learningRate / learningRate,
    ],
    [
      { ...seriesOf.teacher, title: "EMA decay" },
      (step) => scheduleOf(defaultOptions, step, stepsPerEpoch).emaDecay,
    ],
  ];
  const lines = kinds.map(([series, valueAt]): readonly [Series, Point[]] => [
    series,
    Array.from({ length: totalSteps / 8 }, (_, i) => ({ x: 8 * i, y: valueAt(8 * i), text: "" })),
  ]);
  return chartFile({
    id: "ramps",
    title: "Schedules of the default run: MNIST, 100 labels",
    description:
      "The consistency weight ramps up in 240 steps, the learning rate in 48 and then falls along a cosine, the EMA decay rises to 0.95 in 20 steps.",
    legend: lines.map(([series]) => series),
    ...size,
    x: stepAxis(lines.map(([, points]) => points)),
    y: valueAxis({ values: [0, 1], label: "share of the largest value", isShare: true }),
    marks: lines.flatMap(([series, points]) => lineMarks(points, series)),
  });
}

/** Columns of the table of MNIST in the results, and what they are drawn as. */
const columns: readonly (readonly [column: number, Series])[] = [
  [1, { ...methodSeries("mean-teacher"), title: "Mean Teacher (teacher)" }],
  [3, { ...methodSeries("pi"), title: "Π model" }],
  [4, { ...methodSeries("supervised"), title: "supervised baseline" }],
];

/** Returns the chart of errors by number of labels, from the table in the text of the results. */
export function labelsChart(results: string): string {
  const rows = results.split("\n").map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()))
    .filter((cells) => /^\d+$/.test(cells[0] ?? "") && /^[\d.]+ ± [\d.]+$/.test(cells[1] ?? ""));
  if (rows.length === 0) {
    throw new SyntaxError("Cannot draw errors by labels: the results have no such table");
  }
  const lines = columns.map(([column, series]) => ({
    series,
    points: rows.map((cells) => {
      const [y = NaN, deviation = NaN] = (cells[column] ?? "").split(" ± ").map(Number);
      return {
        x: Number(cells[0]),
        y,
        text: `${cells[column]} %`,
        low: Math.max(y - deviation, y / 3),
        high: y + deviation,
      };
    }),
  }));
  const points = lines.flatMap(({ points }) => points);
  return chartFile({
    id: "labels",
    title: "Test error on MNIST by number of labels",
    description: lines.map(({ series, points }) =>
      `${series.title}: ${points.map(({ x, y }) => `${y} % with ${x} labels`).join(", ")}`
    ).join("; "),
    legend: lines.map(({ series }) => series),
    ...size,
    x: {
      label: "labels",
      type: "log",
      ticks: rows.map((cells) => Number(cells[0])),
      tickFormat: "~s",
      domain: [15, 333],
    },
    y: valueAxis({ values: points.map(({ y }) => y), label: "test error, %" }),
    marks: lines.flatMap(({ series, points }) => [
      Plot.ruleX(points, { x: "x", y1: "low", y2: "high", stroke: series.color, strokeOpacity: 0.5 }),
      ...lineMarks(points, series),
    ]),
  });
}
