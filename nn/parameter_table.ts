/**
 * Tables of a network's parameters, as text.
 * @module
 */
import { largestOf } from "./extremes.ts";
import { formatShape, sizeOf } from "../kernels/mod.ts";
import { type Module, parameterCount } from "./module.ts";

/** Formats a whole number with its digits in groups of three: `26 193 466`. */
export function groupDigits(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, " ");
}

/**
 * Formats the trained parameters of a network as a table with name, shape and count, a heading and the total.
 * Running statistics are not included.
 * @example
 * ```ts
 * import { Initializer, Linear, parameterTable } from "./mod.ts";
 *
 * console.assert(parameterTable(new Linear(400, 10, new Initializer(1))) === `\
 * parameter  shape      count
 * weight     [10, 400]  4 000
 * bias       [10]          10
 * total                 4 010`);
 * ```
 */
export function parameterTable(network: Module<unknown>): string {
  return formatColumns([
    ["parameter", "shape", "count"],
    ...Object.entries(network.parameters).map(([name, { shape }]) => [
      name,
      formatShape(shape),
      groupDigits(sizeOf(shape)),
    ]),
    ["total", "", groupDigits(parameterCount(network))],
  ]);
}

/** Formats rows as columns, the last aligned right and the others left, with two spaces between columns. */
export function formatColumns(rows: readonly (readonly string[])[]): string {
  const last = largestOf(rows.map(({ length }) => length)) - 1;
  const widths = Array.from(
    { length: last + 1 },
    (_, column) => largestOf(rows.map((row) => (row[column] ?? "").length)),
  );
  return rows.map((row) =>
    row.map((cell, i) => i === last ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)).join("  ")
      .trimEnd()
  ).join("\n");
}
