/**
 * Charts: static SVG with title, legend and description. Colours are CSS variables of the page, so that they
 * follow its dark or light mode.
 * @module
 */
import { largestOf, smallestOf } from "../../nn/mod.ts";
import * as Plot from "npm:@observablehq/plot@0.6.17";
import { parseHTML } from "npm:linkedom@0.18.12";
import { type Content, Html, html } from "./html.ts";

export { Plot };

/** Title, colour and line style of a data series. */
export interface Series {
  readonly title: string;
  readonly color: string;
  /** Lengths of dashes and gaps, so that lines differ without colours too; none if solid. */
  readonly dash?: string;
}

/** Data series, the same in all charts. */
export const seriesOf = {
  student: { title: "student", color: "var(--student)", dash: "6 3" },
  teacher: { title: "teacher", color: "var(--teacher)" },
  baseline: { title: "supervised baseline", color: "var(--baseline)", dash: "2 3" },
  classification: { title: "classification", color: "var(--classification)" },
  consistency: { title: "consistency", color: "var(--consistency)", dash: "6 3" },
  plain: { title: "", color: "var(--ink-2)" },
} as const satisfies Record<string, Series>;

/** Options of a chart. */
export interface ChartOptions extends Omit<Plot.PlotOptions, "document" | "className" | "title" | "caption"> {
  /** Unique in the page. */
  readonly id: string;
  readonly title: string;
  /** Content of the chart in a sentence, for screen readers. */
  readonly description: string;
  readonly legend?: readonly Series[];
  /** Note below the chart, on how to read it. */
  readonly note?: Content;
}

/** Size in pixels, narrow enough that a phone shows the text at nearly full size. */
export const chartWidth = 430, chartHeight = 250;

/** Returns a chart as HTML. */
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

/** Returns the SVG of a chart, without its title and legend. */
export function svgOf(id: string, title: string, description: string, options: Plot.PlotOptions): Html {
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
  // page.css has the rules that Plot would repeat in each chart.
  svg.querySelector("style")?.remove();
  // The marks of an image have no names of their own.
  for (const mark of svg.querySelectorAll("[aria-label]")) mark.removeAttribute("aria-label");
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

/** A point of a line, with its tooltip. */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

/**
 * Returns the marks of a line, with dots if there are few points.
 * @param isThin True if there are many lines.
 */
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
  if (points.length > maxDots) return [line];
  return [line, Plot.dot(points, { ...place, fill: color, r: isThin ? 2 : 3, title: "text" })];
}

const maxDots = 30;

/** Options of a numeric axis. */
export interface AxisOptions {
  /** All values that the axis must show. */
  readonly values: readonly number[];
  /** Label at the end of the axis, unless the chart's title is enough. */
  readonly label?: string;
  /** True if a linear axis includes zero. */
  readonly zero?: boolean;
  readonly ticks?: number;
  /** True for shares from 0 to 1, which are never shown on a logarithmic axis. */
  readonly isShare?: boolean;
}

/** Returns a vertical axis: logarithmic if positive values span more than one order of magnitude. */
export function valueAxis(
  { values, label, zero = true, ticks = 5, isShare = false }: AxisOptions,
): NonNullable<Plot.PlotOptions["y"]> & object {
  const minimum = smallestOf(values), maximum = largestOf(values);
  const isLog = !isShare && values.length > 0 && minimum > 0 && maximum > 15 * minimum;
  return {
    label: label ?? null,
    grid: true,
    tickSize: 0,
    tickFormat: (value: number) => significant(value),
    ...(isLog ? { type: "log", ticks: logTicks(minimum, maximum) } : { zero, ticks }),
  };
}

/** Describes the last value of each line. */
export function lastValuesText(lines: readonly (readonly [Series, readonly Point[]])[]): string {
  return lines.flatMap(([{ title }, points]) =>
    points.slice(-1).map(({ y }) => `${title} is ${significant(y)}`)
  ).join(", ");
}

/**
 * Returns ticks for a logarithmic axis: fewer per order of magnitude if there are many orders, so that labels
 * fit.
 */
function logTicks(minimum: number, maximum: number): number[] {
  const first = Math.floor(Math.log10(minimum)), last = Math.floor(Math.log10(maximum));
  const orders = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const digits = orders.length > 3 ? [1] : orders.length > 2 ? [1, 3] : [1, 2, 5];
  // Parsed from text, because computed powers of ten below one are inexact.
  return orders.flatMap((order) => digits.map((digit) => Number(`${digit}e${order}`)))
    .filter((value) => value >= minimum && value <= maximum);
}

/** Returns a horizontal axis of steps, from the start of the run. */
export function stepAxis(lines: readonly (readonly Point[])[]): NonNullable<Plot.PlotOptions["x"]> & object {
  return {
    label: "steps",
    ticks: 5,
    tickFormat: (value: number) => value.toLocaleString("en"),
    domain: [0, Math.max(1, ...lines.flat().map(({ x }) => x))],
  };
}

/** Formats a number with three significant digits. */
export function significant(value: number): string {
  return Number(value.toPrecision(3)).toString();
}
