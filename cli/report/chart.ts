/**
 * One chart: a static SVG with its title, legend and description. Colours are the page's, so that they follow its dark and
 * its light form.
 * @module
 */
import { largestOf, smallestOf } from "../../nn/mod.ts";
import * as Plot from "npm:@observablehq/plot@0.6.17";
import { parseHTML } from "npm:linkedom@0.18.12";
import { type Content, Html, html } from "./html.ts";

export { Plot };

/** What a colour, and the dashes of its lines, stand for. */
export interface Series {
  readonly title: string;
  readonly color: string;
  /** Lengths of dashes and gaps: lines must be told apart without colours too. */
  readonly dash?: string;
}

/** The same in all charts. */
export const seriesOf = {
  student: { title: "student", color: "var(--student)", dash: "6 3" },
  teacher: { title: "teacher", color: "var(--teacher)" },
  baseline: { title: "labels alone", color: "var(--baseline)", dash: "2 3" },
  classification: { title: "classification", color: "var(--classification)" },
  consistency: { title: "consistency", color: "var(--consistency)", dash: "6 3" },
  plain: { title: "", color: "var(--ink-2)" },
} as const satisfies Record<string, Series>;

/** A chart and what is said of it. */
export interface ChartOptions extends Omit<Plot.PlotOptions, "document" | "className" | "title" | "caption"> {
  /** Unique in the page. */
  readonly id: string;
  readonly title: string;
  /** What it shows, in a sentence, for those who cannot see it. */
  readonly description: string;
  readonly legend?: readonly Series[];
  /** What must be known to read it. */
  readonly note?: Content;
}

/** Pixels: so narrow that a telephone shows the text at nearly its own size. */
const chartWidth = 430, chartHeight = 250;

/** A chart as HTML. */
export function chartHtml({ id, title, description, legend = [], note, ...plot }: ChartOptions): Html {
  return html`<figure class="chart">
<figcaption><b>${title}</b>${legend.length > 0 && legendHtml(legend)}</figcaption>
${svgOf(id, title, description, plot)}
${note && html`<p class="note">${note}</p>`}
</figure>`;
}

function legendHtml(legend: readonly Series[]): Html {
  return html`<ul class="legend">${
    legend.map(({ title, color, dash }) =>
      html`<li><svg width="26" height="8" aria-hidden="true"><line x1="1" x2="25" y1="4" y2="4" stroke="${color}" stroke-width="2.5" stroke-dasharray="${
        dash ?? "none"
      }"/></svg>${title}</li>`
    )
  }</ul>`;
}

function svgOf(id: string, title: string, description: string, options: Plot.PlotOptions): Html {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const svg = Plot.plot({
    width: chartWidth,
    height: chartHeight,
    marginLeft: 52,
    marginRight: 18,
    marginTop: 26,
    marginBottom: 38,
    ...options,
    document,
    className: "plot",
  });
  // The page has the few rules that Plot would repeat in each chart.
  svg.querySelector("style")?.remove();
  const name = document.createElementNS("http://www.w3.org/2000/svg", "desc");
  name.id = `${id}-description`;
  name.textContent = description;
  svg.prepend(name);
  svg.id = id;
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", title);
  svg.setAttribute("aria-describedby", name.id);
  return new Html(svg.outerHTML);
}

/** A point of a line; its text is shown where a pointer rests on it. */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

/** A line, with its points where there are few enough of them to be seen apart. @param isThin Beside many others. */
export function lineMarks(
  points: readonly Point[],
  { color, dash }: Series,
  { isThin = false }: { readonly isThin?: boolean } = {},
): Plot.Markish[] {
  if (points.length === 0) return [];
  const place = { x: "x", y: "y" } as const;
  const line = Plot.line(points, {
    ...place,
    stroke: color,
    strokeWidth: isThin ? 1 : 2,
    ...(dash !== undefined && { strokeDasharray: dash }),
  });
  // One point makes no line, and must be seen.
  if (points.length > mostDots) return [line];
  return [line, Plot.dot(points, { ...place, fill: color, r: isThin ? 2 : 3, title: "text" })];
}

const mostDots = 30;

/** What an axis of numbers needs to know. */
export interface AxisOptions {
  /** All values that it has to show. */
  readonly values: readonly number[];
  /** What stands at its end, where the chart's title does not say it already. */
  readonly label?: string;
  /** Whether zero is on it, where it is not logarithmic. */
  readonly zero?: boolean;
  readonly ticks?: number;
  /** Whether the values are shares of something, which are never shown on a logarithmic axis. */
  readonly isShare?: boolean;
}

/** An axis from the bottom up: logarithmic where numbers above zero are of different orders of magnitude. */
export function valueAxis(
  { values, label, zero = true, ticks = 5, isShare = false }: AxisOptions,
): NonNullable<Plot.PlotOptions["y"]> & object {
  const least = smallestOf(values), most = largestOf(values);
  const isLog = !isShare && values.length > 0 && least > 0 && most > 15 * least;
  return {
    label: label ?? null,
    grid: true,
    tickSize: 0,
    tickFormat: (value: number) => significant(value),
    ...(isLog ? { type: "log", ticks: logTicks(least, most) } : { zero, ticks }),
  };
}

/** The last value of each line that has any. */
export function lastValuesText(lines: readonly (readonly [Series, readonly Point[]])[]): string {
  return lines.flatMap(([{ title }, points]) =>
    points.slice(-1).map(({ y }) => `${title} is ${significant(y)}`)
  ).join(", ");
}

/** Some digits of each order of magnitude in a range: fewer, the more orders there are, or labels would be left out. */
function logTicks(least: number, most: number): number[] {
  const first = Math.floor(Math.log10(least)), last = Math.floor(Math.log10(most));
  const orders = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const digits = orders.length > 3 ? [1] : orders.length > 2 ? [1, 3] : [1, 2, 5];
  // Through a text, as powers of ten below one are not exact.
  return orders.flatMap((order) => digits.map((digit) => Number(`${digit}e${order}`)))
    .filter((value) => value >= least && value <= most);
}

/** The axis of steps, from the beginning of the run. */
export function stepAxis(lines: readonly (readonly Point[])[]): NonNullable<Plot.PlotOptions["x"]> & object {
  return {
    label: "steps",
    ticks: 5,
    tickFormat: (value: number) => value.toLocaleString("en"),
    domain: [0, Math.max(1, ...lines.flat().map(({ x }) => x))],
  };
}

/** A number with three significant digits. */
export function significant(value: number): string {
  return Number(value.toPrecision(3)).toString();
}
