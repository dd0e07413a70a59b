// @ts-check
/**
 * The curve of the error over the rounds.
 * @module
 */

/** @typedef {{ share: number, low: number, high: number, examples: number, isEstimate: boolean }} RoundError */
/** @typedef {{ number: number, labels: number, error: RoundError | null }} Round */

const namespace = "http://www.w3.org/2000/svg";
const size = { width: 300, height: 150, left: 40, right: 10, top: 10, bottom: 34 };

/**
 * Draws errors with their intervals.
 * @param {Element} svg The empty drawing.
 * @param {readonly Round[]} rounds
 */
export function drawErrors(svg, rounds) {
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
  const tested = rounds.filter((round) => round.error !== null);
  const top = Math.max(0.1, ...tested.map(({ error }) => error?.high ?? 0));
  const highest = Math.min(1, Math.ceil(top * 10) / 10);
  /** @param {number} i */
  const x = (i) => size.left + (i + 0.5) * (size.width - size.left - size.right) / Math.max(1, tested.length);
  /** @param {number} share */
  const y = (share) => size.top + (1 - share / highest) * (size.height - size.top - size.bottom);
  for (const share of [0, highest / 2, highest]) {
    add(svg, "line", {
      class: "grid",
      x1: size.left,
      x2: size.width - size.right,
      y1: y(share),
      y2: y(share),
    });
    add(
      svg,
      "text",
      { x: size.left - 6, y: y(share) + 4, "text-anchor": "end" },
      `${Math.round(100 * share)} %`,
    );
  }
  tested.forEach(({ labels, error }, i) => {
    if (!error) return;
    add(svg, "line", { class: "interval", x1: x(i), x2: x(i), y1: y(error.low), y2: y(error.high) });
    add(svg, "text", { x: x(i), y: size.height - 18, "text-anchor": "middle" }, `${labels}`);
  });
  const points = tested.map(({ error }, i) => `${x(i)},${y(error?.share ?? 0)}`).join(" ");
  add(svg, "polyline", { class: "curve", points });
  tested.forEach(({ error }, i) =>
    add(svg, "circle", {
      class: error?.isEstimate ? "estimate" : "point",
      cx: x(i),
      cy: y(error?.share ?? 0),
      r: 4,
    })
  );
  add(
    svg,
    "text",
    { x: (size.left + size.width) / 2, y: size.height - 3, "text-anchor": "middle" },
    "labels trained with",
  );
}

/**
 * @param {Element} parent
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 * @param {string} [text]
 */
function add(parent, name, attributes, text) {
  const element = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, `${value}`);
  if (text !== undefined) element.textContent = text;
  parent.append(element);
}

/**
 * Returns an error with its interval as text.
 * @param {RoundError | null} error
 */
export function errorText(error) {
  if (error === null) return "unknown";
  /** @param {number} share */
  const percent = (share) => (100 * share).toFixed(1);
  return `${percent(error.share)} % (${percent(error.low)} to ${percent(error.high)} %)${
    error.isEstimate ? ", estimated" : ""
  }`;
}
