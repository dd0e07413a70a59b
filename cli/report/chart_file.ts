/**
 * Charts as SVG files of their own, such as those of the documentation.
 * @module
 */
import { chartHeight, type ChartOptions, chartWidth, type Series, svgOf } from "./chart.ts";
import { type Html, html } from "./html.ts";
import style from "./page.css" with { type: "text" };

/** Pixels above the chart for title and legend, and around everything. */
const headHeight = 52, margin = 10;
/** Pixels of a legend's line, and of a letter on average. */
const swatchWidth = 26, letterWidth = 6.9;

/** Returns a chart as an SVG file, with its title, its legend, and the colours of a light and a dark page. */
export function chartFile(
  { id, title, description, legend = [], note: _, width = chartWidth, height = chartHeight, ...plot }:
    & ChartOptions
    & { readonly width?: number; readonly height?: number },
): string {
  const [fullWidth, fullHeight] = [width + 2 * margin, height + headHeight + 2 * margin];
  const chart = svgOf(id, title, description, { width, height, ...plot }).text
    .replace("<svg", `<svg x="${margin}" y="${margin + headHeight}"`).replace(` role="img"`, "");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${fullWidth}" height="${fullHeight}" viewBox="0 0 ${fullWidth} ${fullHeight}" role="img" aria-label="${
    html`${title}`.text
  }">
<style>
${colours()}
svg { --plot-background: var(--paper); color: var(--ink-2); font: 13px system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
text { white-space: pre; }
</style>
<rect width="100%" height="100%" rx="8" fill="var(--paper)"/>
<text x="${margin + 4}" y="${margin + 14}" fill="var(--ink)" font-size="15" font-weight="600">${
    html`${title}`.text
  }</text>
${legendSvg(legend).text}
${chart}
</svg>
`;
}

function legendSvg(legend: readonly Series[]): Html {
  let x = margin + 4;
  const y = margin + 36;
  return html`${
    legend.map(({ title, color, dash = "none" }) => {
      const start = Math.round(x);
      x += swatchWidth + 6 + letterWidth * title.length + 12;
      return html`
        <line x1="${start}" x2="${start + swatchWidth}" y1="${y}" y2="${y}" stroke="${color}"
          stroke-width="2.5" stroke-dasharray="${dash}" />
        <text x="${start + swatchWidth + 6}" y="${y + 4}" fill="currentColor">${title}</text>
      `;
    })
  }`;
}

/** Returns the rules of the page's style sheet that define its colours, light and dark. */
function colours(): string {
  return style.slice(style.indexOf(":root"), style.indexOf("\n* {")).trim();
}
