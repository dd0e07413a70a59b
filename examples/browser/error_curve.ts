/**
 * The curve of test errors.
 * @module
 */
import type { Errors } from "./training.ts";
import { byId, percent } from "./page_elements.ts";

const widest = 640, narrowest = 300, height = 260, left = 46, right = 130, top = 12, bottom = 34;
const names = ["teacher", "student", "baseline"] as const;
const namespace = "http://www.w3.org/2000/svg";

/** Draws the last curve again. */
let redraw = () => {};
addEventListener("resize", () => redraw());

/** Draws the errors of all networks by step, as wide as the page. @param totalSteps Last step of the run. */
export function drawCurve(errors: readonly Errors[], totalSteps: number): void {
  redraw = () => drawCurve(errors, totalSteps);
  const figure = byId("curve", HTMLElement);
  figure.hidden = errors.length === 0;
  const width = Math.max(narrowest, Math.min(widest, figure.clientWidth));
  const svg = make("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": describe(errors) });
  const largest = Math.max(0.1, ...errors.flatMap((each) => names.map((name) => each[name] ?? 0)));
  // A whole number of per cent for each of four lines.
  const most = Math.ceil(25 * largest) / 25;
  const x = (step: number) => left + (width - left - right) * step / totalSteps;
  const y = (error: number) => top + (height - top - bottom) * (1 - error / most);
  for (let i = 0; i <= 4; i++) {
    const error = most * i / 4;
    svg.append(
      make("line", { class: "axis", x1: left, x2: width - right, y1: y(error), y2: y(error) }),
      make("text", { x: left - 6, y: y(error) + 4, "text-anchor": "end" }, `${(100 * error).toFixed(0)} %`),
    );
  }
  svg.append(make("text", { x: left, y: height - 8 }, `test error by step, to step ${totalSteps}`));
  const ends: number[] = [];
  for (const name of names) {
    const points = errors.flatMap((each) =>
      each[name] === undefined ? [] : [[each.step, each[name]] as const]
    );
    const end = points.at(-1);
    if (!end) continue;
    const line = points.map(([step, error]) => `${x(step).toFixed(1)},${y(error).toFixed(1)}`).join(" ");
    svg.append(make("polyline", { class: name, points: line }));
    for (const [step, error] of points) {
      svg.append(make("circle", { class: name, cx: x(step), cy: y(error), r: 3 }));
    }
    // Names keep a distance of a line.
    let at = y(end[1]) + 4;
    while (ends.some((other) => Math.abs(other - at) < 14)) {
      at += 14 - Math.min(...ends.map((other) => Math.abs(other - at)));
    }
    ends.push(at);
    svg.append(make("text", { class: name, x: x(end[0]) + 8, y: at }, `${name} ${percent(end[1])}`));
  }
  figure.replaceChildren(svg);
}

/** Describes the last errors in a sentence. */
export function describe(errors: readonly Errors[]): string {
  const last = errors.at(-1);
  if (!last) return "No errors yet.";
  const baseline = errors.findLast((each) => each.baseline !== undefined)?.baseline;
  const parts = [`teacher ${percent(last.teacher)}`, `student ${percent(last.student)}`];
  return `Test error after step ${last.step}: ${parts.join(", ")}${
    baseline === undefined ? "" : `; baseline, from the labels alone, ${percent(baseline)}`
  }.`;
}

function make(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  text?: string,
): SVGElement {
  const element = document.createElementNS(namespace, name) as SVGElement;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, `${value}`);
  if (text !== undefined) element.textContent = text;
  return element;
}
