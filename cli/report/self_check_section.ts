/**
 * What the self-check of a run found: whether the method is at work.
 * @module
 */
import { shownName } from "../../data/mod.ts";
import { largestOf, smallestOf } from "../../nn/mod.ts";
import {
  chartHtml,
  lastValuesText,
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
import type { LoggedDiagnostics } from "../run/run_log.ts";
import type { RunRecord } from "./run_record.ts";

/** Figures that belong into one chart. */
interface FigureChart {
  readonly name: string;
  readonly title: string;
  readonly lines: readonly (readonly [figure: string, series: Series])[];
  readonly note: string;
  readonly isShare?: boolean;
}

const charts: readonly FigureChart[] = [
  {
    name: "gradients",
    title: "Gradients at the logits",
    lines: [
      ["classificationGradient", seriesOf.classification],
      ["consistencyGradient", seriesOf.consistency],
    ],
    note: "Where that of consistency is zero, images without labels teach the student nothing.",
  },
  {
    name: "distance",
    title: "Distance of the teacher",
    lines: [["teacherDistance", { ...seriesOf.teacher, title: "from the student" }]],
    note: "Of the weights, relative to their norm. Zero would be no average at all.",
  },
  {
    name: "lag",
    title: "Lag of the teacher",
    lines: [["teacherLag", { ...seriesOf.teacher, title: "in steps of the student" }]],
    note: "How many steps ago the student was where the teacher is, about.",
  },
  {
    name: "movement",
    title: "Movement of the weights",
    lines: [["studentMovement", seriesOf.student], ["teacherMovement", seriesOf.teacher]],
    note: "Since the check before, relative to their norm. A teacher that does not move is frozen.",
  },
  {
    name: "agreement",
    title: "Agreement",
    lines: [
      ["agreement", { title: "same class", color: "var(--teacher)" }],
      ["gap", { title: "gap of probabilities", color: "var(--student)", dash: "6 3" }],
    ],
    note: "On training views: 1 is all, 0 is none.",
    isShare: true,
  },
  {
    name: "views",
    title: "Difference of the views",
    lines: [["viewDifference", { ...seriesOf.plain, title: "of normalised pixels" }]],
    note: "Of what student and teacher see of an image. At zero there is little to agree about.",
  },
];

/** The self-check of a run. @param classes Names of the classes, where they are known. */
export function selfCheckHtml(
  { log: { diagnostics } }: RunRecord,
  classes: readonly string[] | null,
  id: string,
): Html {
  const last = diagnostics.at(-1);
  if (!last) return html`<p class="missing">The log has no records of the self-check.</p>`;
  return html`${warningsHtml(diagnostics)}
<div class="charts narrow">
${charts.map((chart) => figureChart(chart, diagnostics, id))}
${classChart(last, classes, id)}
</div>
<details><summary>All figures of the last check</summary>
${
    tableHtml({
      caption: html`At step ${last.step}.`,
      columns: [
        { title: "figure", isText: true, cell: ([name]) => wordsOf(name) },
        { title: "value", cell: ([, value]) => significant(value) },
      ],
      rows: Object.entries(last.figures),
    })
  }</details>`;
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
export function warningsOf(diagnostics: readonly LoggedDiagnostics[]): WarningSteps[] {
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

function warningsHtml(diagnostics: readonly LoggedDiagnostics[]): Html {
  const warnings = warningsOf(diagnostics);
  if (warnings.length === 0) {
    return html`<p class="good">${diagnostics.length} checks, no warnings.</p>`;
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
  { name, title, lines, note, isShare = false }: FigureChart,
  diagnostics: readonly LoggedDiagnostics[],
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
    description: `Against steps; at the last check ${lastValuesText(drawn)}.`,
    legend: drawn.map(([series]) => series),
    note: note !== "" && note,
    ...small,
    x: { ...stepAxis(drawn.map(([, points]) => points)), ticks: 4 },
    y: valueAxis({ values: drawn.flatMap(([, points]) => points.map(({ y }) => y)), ticks: 4, isShare }),
    marks: drawn.flatMap(([series, points]) => lineMarks(points, series)),
  });
}

/** Pixels of charts that stand three in a row. */
const small = { width: 330, height: 190 };

/** Classes whose names fit below their bars. */
const mostNames = 10;

function classChart(
  { teacherClasses, labelClasses, step }: LoggedDiagnostics,
  classes: readonly string[] | null,
  id: string,
): Html | false {
  if (!teacherClasses) return false;
  const nameOf = (index: number) => shownName(classes?.[index] ?? `${index}`);
  const bars = teacherClasses.map((share, index) => ({ index, share: 100 * share }));
  const [least, most] = [smallestOf(teacherClasses), largestOf(teacherClasses)].map((share) =>
    `${(100 * share).toFixed(1)} %`
  );
  const every = Math.ceil(bars.length / mostNames);
  return chartHtml({
    id: `${id}-teacher-classes`,
    title: "Classes that the teacher predicts",
    description:
      `Shares of the classes among the teacher's predictions at step ${step}: from ${least} to ${most}.`,
    note: html`At step ${step}, in %${
      labelClasses && "; lines: shares among the labels"
    }. One class for all would be a collapse.`,
    ...small,
    x: {
      label: null,
      ticks: bars.flatMap(({ index }) => index % every === 0 ? [index] : []),
      tickFormat: (index: number) => every === 1 ? shortened(nameOf(index), bars.length) : `${index}`,
    },
    y: valueAxis({ values: [], ticks: 4 }),
    marks: [
      Plot.barY(bars, {
        x: "index",
        y: "share",
        fill: seriesOf.teacher.color,
        fillOpacity: 0.55,
        title: ({ index, share }: (typeof bars)[number]) => `${nameOf(index)}: ${share.toFixed(1)} %`,
      }),
      Plot.tickY((labelClasses ?? []).map((share, index) => ({ index, share: 100 * share })), {
        x: "index",
        y: "share",
        strokeWidth: 2,
      }),
    ],
  });
}

/** As much of a name as fits below one of so many bars. */
function shortened(name: string, bars: number): string {
  const length = Math.max(5, Math.floor(lettersOfAxis / bars));
  return name.length <= length ? name : `${name.slice(0, length - 1)}…`;
}

/** Letters that fit below all bars together. */
const lettersOfAxis = 45;
