/**
 * The chart of the classes that the teacher predicts.
 * @module
 */
import { shownName } from "../../../data/internal.ts";
import { largestOf, smallestOf } from "../../../nn/mod.ts";
import type { LoggedDiagnostics } from "../../run_files/run_log.ts";
import { chartHtml, type ChartOptions, Plot, seriesOf, valueAxis } from "../chart.ts";
import { type Html, html } from "../html.ts";

/** Maximum number of classes with a bar and a name each. */
const maxNames = 25;

/** Maximum width of a name beside its bar, in letters, and the width of a letter in pixels. */
const nameLetters = 17, letterWidth = 7;

/** Height of a bar with its gap, and of the axis with the margins, in pixels. */
const barHeight = 18, axisHeight = 56;

/** Share of a class in per cent. */
interface ClassShare {
  readonly index: number;
  readonly share: number;
}

/** Returns the shares of classes among the teacher's predictions; false if they were not measured. */
export function classChart(
  { teacherClasses, labelClasses, step }: LoggedDiagnostics,
  classes: readonly string[] | null,
  id: string,
): Html | false {
  if (!teacherClasses) return false;
  const nameOf = (index: number) => shownName(classes?.[index] ?? `${index}`);
  const sharesOf = (values: readonly number[]) =>
    values.map((share, index): ClassShare => ({ index, share: 100 * share }));
  const bars = sharesOf(teacherClasses), labels = sharesOf(labelClasses ?? []);
  const isNamed = bars.length <= maxNames;
  const [minimum, maximum] = [smallestOf(teacherClasses), largestOf(teacherClasses)];
  const textOf = (share: number) => `${nameOf(teacherClasses.indexOf(share))} ${(100 * share).toFixed(1)} %`;
  return chartHtml({
    id: `${id}-teacher-classes`,
    title: "Classes predicted by the teacher",
    description: `Shares of the classes among the teacher's predictions at step ${step}: from ${
      textOf(minimum)
    } to ${textOf(maximum)}.`,
    note: html`Shares at step ${step}, in %${labelClasses && "; lines: shares among the labels"}.${
      !isNamed && ` Least: ${textOf(minimum)}; most: ${textOf(maximum)}.`
    } A single bar means that the teacher predicts one class for all images.`,
    width: 330,
    ...(isNamed ? namedBars(bars, labels, nameOf) : numberedBars(bars, labels, nameOf)),
  });
}

type Drawing = Omit<ChartOptions, "id" | "title" | "description">;

const fill = { fill: seriesOf.teacher.color, fillOpacity: 0.55 };

function titleOf(nameOf: (index: number) => string) {
  return ({ index, share }: ClassShare) => `${nameOf(index)}: ${share.toFixed(1)} %`;
}

/** Returns a row for each class, with its name before its bar. */
function namedBars(
  bars: readonly ClassShare[],
  labels: readonly ClassShare[],
  nameOf: (index: number) => string,
): Drawing {
  const names = bars.map(({ index }) => fitName(nameOf(index), nameLetters));
  return {
    height: axisHeight + barHeight * bars.length,
    marginLeft: 12 + letterWidth * Math.max(3, ...names.map(lettersOf)),
    marginTop: 8,
    x: { ...valueAxis({ values: [], ticks: 4 }), label: null },
    y: { label: null, tickSize: 0, tickFormat: (index: number) => names[index] ?? "", grid: false },
    marks: [
      Plot.barX(bars, { x: "share", y: "index", ...fill, title: titleOf(nameOf) }),
      Plot.tickX(labels, { x: "share", y: "index", strokeWidth: 2 }),
    ],
  };
}

/** Returns narrow bars side by side, with some of their numbers below. */
function numberedBars(
  bars: readonly ClassShare[],
  labels: readonly ClassShare[],
  nameOf: (index: number) => string,
): Drawing {
  const every = Math.ceil(bars.length / 8);
  return {
    height: 190,
    x: {
      label: "number of the class",
      ticks: bars.flatMap(({ index }) => index % every === 0 ? [index] : []),
    },
    y: valueAxis({ values: [], ticks: 4 }),
    marks: [
      Plot.barY(bars, { x: "index", y: "share", ...fill, title: titleOf(nameOf) }),
      Plot.tickY(labels, { x: "index", y: "share", strokeWidth: 1 }),
    ],
  };
}

/** Returns the width of a text in letters; characters of East Asian scripts and emoji count as two. */
export function lettersOf(text: string): number {
  return Array.from(text).reduce((sum, each) => sum + ((each.codePointAt(0) ?? 0) >= 0x1100 ? 2 : 1), 0);
}

/** Shortens a name to a number of letters. */
export function fitName(name: string, letters: number): string {
  if (lettersOf(name) <= letters) return name;
  let text = "";
  for (const each of name) {
    if (lettersOf(text + each) >= letters) break;
    text += each;
  }
  return `${text.trimEnd()}…`;
}
