/**
 * Tables of text.
 * @module
 */
import { shownName } from "../../data/internal.ts";

function widthsOf(cells: readonly (readonly string[])[]): number[] {
  const widths: number[] = [];
  for (const line of cells) {
    for (const [column, { length }] of line.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, length);
    }
  }
  return widths;
}

/** Returns cells in columns two blanks apart; the first column is aligned left, the others right. */
export function textTable(cells: readonly (readonly string[])[]): string {
  const shown = cells.map((line) => line.map(shownName)), widths = widthsOf(shown);
  return shown.map((line) =>
    line.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)
    )
      .join("  ").trimEnd()
  ).join("\n");
}

/** Returns a Markdown table with the first line as its head, aligned as by `deno fmt`. */
export function markdownTable(cells: readonly (readonly string[])[]): string {
  const escaped = cells.map((line) => line.map((cell) => shownName(cell).replaceAll(/[|<]/g, "\\$&")));
  const widths = widthsOf(escaped).map((width) => Math.max(width, 3));
  const lines = escaped.map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)));
  lines.splice(1, 0, widths.map((width) => "-".repeat(width)));
  return lines.map((line) => `| ${line.join(" | ")} |`).join("\n");
}
