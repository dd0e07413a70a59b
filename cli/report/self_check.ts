/**
 * What the self-check of a run found: whether the method is at work.
 * @module
 */
import {
  chartHtml,
  lineMarks,
  Plot,
  type Point,
  type Series,
  seriesOf,
  significant,
  stepAxis,
  valueAxis,
} from "./chart.ts";
import { type Html, html, tableHtml } from "./html.ts";
import type { DiagnosticsRecord } from "./run_log.ts";
import type { RunRecord } from "./run_record.ts";

/** Figures that belong into one chart. */
interface FigureChart {
  readonly name: string;
  readonly title: string;
  readonly lines: readonly (readonly [figure: string, series: Series])[];
  readonly note: string;
}

const charts: readonly FigureChart[] = [
  {
    name: "gradients",
    title: "Gradients that reach the student",
    lines: [
      ["classificationGradient", seriesOf.classification],
      ["consistencyGradient", seriesOf.consistency],
    ],
    note: "Norms. Where that of consistency is zero, the student learns nothing from images without labels.",
  },
  {
    name: "distance",
    title: "Teacher and student",
    lines: [
      ["teacherDistance", { title: "distance", color: "var(--teacher)" }],
      ["teacherLag", { title: "lag", color: "var(--student)", dash: "6 3" }],
    ],
    note: "How far the teacher's weights are from the student's, and how far behind.",
  },
  {
    name: "agreement",
    title: "Agreement",
    lines: [["agreement", { title: "share of images that both classify alike", color: "var(--teacher)" }]],
    note: "",
  },
  {
    name: "views",
    title: "Difference of the two views",
    lines: [["viewDifference", { title: "views of an image", color: "var(--ink-2)" }]],
    note: "Where it is zero, student and teacher see the same pixels, and there is little to agree on.",
  },
];

/** The self-check of a run. @param classes Names of the classes, where they are known. */
export function selfCheckHtml(
  { log: { diagnostics } }: RunRecord,
  classes: readonly string[] | null,
  id: string,
): Html {
  const last = diagnostics.at(-1);
  if (!last) {
    return html`<p class="missing">The log has no records of the self-check.</p>`;
  }
  return html`${warningsHtml(diagnostics)}
<div class="charts">${charts.map((chart) => figureChart(chart, diagnostics, id))}
${last.teacherClasses && classChart(last.teacherClasses, last.step, classes, id)}
</div>
${
    tableHtml({
      caption: html`All figures of the last check, at step ${last.step}.`,
      head: ["figure", "value"],
      rows: Object.entries(last.figures).map(([name, value]) => [wordsOf(name), significant(value)]),
    })
  }`;
}

/** `consistencyGradient` as words. */
function wordsOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** A warning and the steps that it came at. */
export interface WarningSteps {
  readonly code: string;
  /** As it was worded last. */
  readonly message: string;
  readonly first: number;
  readonly last: number;
  readonly times: number;
  /** Whether the last check still gave it. */
  readonly holds: boolean;
}

/** All warnings, each once: those that still hold come first. */
export function warningsOf(diagnostics: readonly DiagnosticsRecord[]): WarningSteps[] {
  const found = new Map<string, WarningSteps>();
  for (const { step, warnings } of diagnostics) {
    for (const { code, message } of warnings) {
      const { first = step, times = 0 } = found.get(code) ?? {};
      found.set(code, { code, message, first, last: step, times: times + 1, holds: false });
    }
  }
  const end = diagnostics.at(-1)?.step;
  return [...found.values()].map((warning) => ({ ...warning, holds: warning.last === end }))
    .sort((one, other) => Number(other.holds) - Number(one.holds));
}

function warningsHtml(diagnostics: readonly DiagnosticsRecord[]): Html {
  const warnings = warningsOf(diagnostics);
  if (warnings.length === 0) {
    return html`<p class="good">${diagnostics.length} checks, no warnings: the method is at work.</p>`;
  }
  return html`<ul class="warnings">${
    warnings.map(({ code, message, first, last, times, holds }) =>
      html`
        <li class="${holds ? "holds" : "past"}"><b>${code}</b> ${message} <small>${times === 1
          ? `step ${first}`
          : `${times} times, steps ${first} to ${last}`}${!holds && "; no longer"}</small></li>
      `
    )
  }</ul>`;
}

function figureChart(
  { name, title, lines, note }: FigureChart,
  diagnostics: readonly DiagnosticsRecord[],
  id: string,
): Html | false {
  const drawn = lines.map(([figure, series]): [Series, Point[]] => [
    series,
    diagnostics.flatMap(({ step, figures: { [figure]: value } }) =>
      value === undefined
        ? []
        : [{ x: step, y: value, text: `${series.title}: ${significant(value)} at step ${step}` }]
    ),
  ]).filter(([, points]) => points.length > 0);
  if (drawn.length === 0) return false;
  return chartHtml({
    id: `${id}-${name}`,
    title,
    description: `Against steps; at the last check ${
      drawn.map(([series, points]) => `${series.title} is ${significant(points.at(-1)!.y)}`).join(", ")
    }.`,
    legend: drawn.map(([series]) => series),
    note: note !== "" && note,
    height: 200,
    x: stepAxis(drawn.map(([, points]) => points)),
    y: valueAxis({ values: drawn.flatMap(([, points]) => points.map(({ y }) => y)), ticks: 4 }),
    marks: drawn.flatMap(([series, points]) => lineMarks(points, series)),
  });
}

/** Classes whose names fit below their bars. */
const mostNames = 12;

function classChart(
  shares: readonly number[],
  step: number,
  classes: readonly string[] | null,
  id: string,
): Html {
  const bars = shares.map((share, index) => ({
    index,
    share: 100 * share,
    name: classes?.[index] ?? `${index}`,
  }));
  const [least, most] = [Math.min(...shares), Math.max(...shares)].map((share) =>
    `${(100 * share).toFixed(1)} %`
  );
  return chartHtml({
    id: `${id}-teacher-classes`,
    title: "Classes that the teacher predicts",
    description:
      `Shares of the classes among the teacher's predictions at step ${step}: from ${least} to ${most}.`,
    note:
      `At step ${step}. Dashed: all classes alike. A class that takes all means that the teacher has collapsed.`,
    height: 200,
    x: {
      label: "class",
      tickFormat: (index: number) => shares.length <= mostNames ? shortened(bars[index]!.name) : `${index}`,
      ...(shares.length > mostNames &&
        { ticks: bars.filter((_, i) => i % Math.ceil(shares.length / 10) === 0).map(({ index }) => index) }),
    },
    y: { label: "predictions, %", grid: true, ticks: 4, zero: true },
    marks: [
      Plot.barY(bars, {
        x: "index",
        y: "share",
        fill: seriesOf.teacher.color,
        title: ({ name, share }: (typeof bars)[number]) => `${name}: ${share.toFixed(1)} %`,
      }),
      Plot.ruleY([100 / shares.length], { strokeDasharray: "4 4" }),
    ],
  });
}

function shortened(name: string): string {
  return name.length <= 6 ? name : `${name.slice(0, 5)}…`;
}
