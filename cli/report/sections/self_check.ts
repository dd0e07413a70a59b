/**
 * The self-check section: warnings and measurements that show whether the method works.
 * @module
 */
import {
  chartHtml,
  lastValuesText,
  lineMarks,
  type Point,
  type Series,
  seriesOf,
  significant,
  stepAxis,
  valueAxis,
} from "../chart.ts";
import { type Html, html, tableHtml } from "../html.ts";
import type { LoggedDiagnostics } from "../../run_files/run_log.ts";
import type { RunRecord } from "../run_record.ts";
import { classChart } from "./class_chart.ts";

/** Measurements shown in one chart. */
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
    note: "If the consistency gradient is zero, the student learns nothing from unlabelled images.",
  },
  {
    name: "distance",
    title: "Distance between teacher and student",
    lines: [["teacherDistance", { ...seriesOf.teacher, title: "distance" }]],
    note: "Distance of their weights, relative to the norm. At zero, the teacher is a copy of the student.",
  },
  {
    name: "lag",
    title: "Lag of the teacher",
    lines: [["teacherLag", { ...seriesOf.teacher, title: "lag in steps" }]],
    note: "Approximate number of steps by which the teacher's weights are behind the student's.",
  },
  {
    name: "movement",
    title: "Movement of the weights",
    lines: [["studentMovement", seriesOf.student], ["teacherMovement", seriesOf.teacher]],
    note: "Change since the previous check, relative to the norm. A teacher that does not move is frozen.",
  },
  {
    name: "agreement",
    title: "Agreement of teacher and student",
    lines: [
      ["agreement", { title: "same class", color: "var(--teacher)" }],
      ["gap", { title: "difference of probabilities", color: "var(--student)", dash: "6 3" }],
    ],
    note: "On augmented training images, as shares from 0 to 1.",
    isShare: true,
  },
  {
    name: "views",
    title: "Difference between the views",
    lines: [["viewDifference", { ...seriesOf.plain, title: "of normalised pixels" }]],
    note:
      "Student and teacher see different augmentations of each image. At zero both see the same, so consistency teaches little.",
  },
];

/** Returns the section of a run. @param classes Names of the classes; null if unknown. */
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
<details><summary>All measurements of the last check</summary>
${
    tableHtml({
      caption: html`At step ${last.step}.`,
      columns: [
        { title: "measurement", isText: true, cell: ([name]) => wordsOf(name) },
        { title: "value", cell: ([, value]) => significant(value) },
      ],
      rows: Object.entries(last.figures),
    })
  }</details>`;
}

/** Splits a camel-case name such as `consistencyGradient` into words. */
function wordsOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** A warning with the steps at which it was given. */
export interface WarningHistory {
  readonly code: string;
  /** Text of the last occurrence. */
  readonly message: string;
  readonly first: number;
  readonly last: number;
  readonly times: number;
  /** True if the last check gave the warning. */
  readonly isActive: boolean;
}

/** Collects all warnings without duplicates, active ones first. */
export function warningsOf(diagnostics: readonly LoggedDiagnostics[]): WarningHistory[] {
  const found = new Map<string, WarningHistory>();
  for (const { step, warnings } of diagnostics) {
    for (const { code, message } of warnings) {
      const { first = step, times = 0 } = found.get(code) ?? {};
      found.set(code, { code, message, first, last: step, times: times + 1, isActive: false });
    }
  }
  const end = diagnostics.at(-1)?.step;
  return [...found.values()].map((warning) => ({ ...warning, isActive: warning.last === end }))
    .sort((one, other) => Number(other.isActive) - Number(one.isActive));
}

/** Returns the warnings that the last check of a run gave, with their advice; false if there are none. */
export function selfCheckWarnings({ log: { diagnostics } }: Pick<RunRecord, "log">): Html | false {
  const active = warningsOf(diagnostics).filter(({ isActive }) => isActive);
  return active.length > 0 && warningList(active);
}

function warningsHtml(diagnostics: readonly LoggedDiagnostics[]): Html {
  const warnings = warningsOf(diagnostics);
  return warnings.length === 0
    ? html`<p class="good">${diagnostics.length} checks, no warnings.</p>`
    : warningList(warnings);
}

function warningList(warnings: readonly WarningHistory[]): Html {
  return html`<ul class="warnings">${
    warnings.map(({ code, message, first, last, times, isActive }) =>
      html`
        <li class="${isActive ? "holds" : "past"}"><b>${code}</b> ${message} <small>${times === 1
          ? `step ${first}`
          : `${times} times, steps ${first} to ${last}`}${!isActive && "; not at the end"}</small></li>
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
    description: `Against steps; at the last check, ${lastValuesText(drawn)}.`,
    legend: drawn.map(([series]) => series),
    note: note !== "" && note,
    ...small,
    x: { ...stepAxis(drawn.map(([, points]) => points)), ticks: 4 },
    y: valueAxis({ values: drawn.flatMap(([, points]) => points.map(({ y }) => y)), ticks: 4, isShare }),
    marks: drawn.flatMap(([series, points]) => lineMarks(points, series)),
  });
}

/** Size in pixels of charts placed three in a row. */
const small = { width: 330, height: 190 };
