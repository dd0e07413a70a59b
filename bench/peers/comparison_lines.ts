/**
 * Results of a comparison as lines of text.
 * @module
 */
import type { Row } from "./compare.ts";

/** Prints the rows of one piece of work: a line with the work and the device, then a line for each peer. */
export function printComparison(rows: readonly Row[]): void {
  console.log(`${rows[0]?.work} on ${rows.find(({ device }) => device)?.device ?? "no device"}`);
  const width = Math.max(16, ...rows.map(({ peer }) => peer.length)) + 1;
  for (const row of rows) console.log(`  ${row.peer.padEnd(width)}${formatFigures(row)}`);
}

function formatFigures(
  { milliseconds, ratio, ratioQuartiles, firstStepMilliseconds, peakMemoryMiB, version, note }: Row,
): string {
  const end = note ?? version ?? "";
  if (milliseconds === null) return end;
  const cell = (value: number | null, digits: number, unit: string, width: number) =>
    (value === null ? "" : `${value.toFixed(digits)}${unit}`).padStart(width);
  const spread = ratioQuartiles?.map((each) => each.toFixed(2)).join(" to ");
  return [
    cell(milliseconds, 2, " ms", 13),
    cell(ratio, 2, " × ours", 15),
    (spread === undefined ? "" : `(${spread})`).padStart(19),
    cell(firstStepMilliseconds === null ? null : firstStepMilliseconds / 1000, 1, " s to first", 18),
    cell(peakMemoryMiB, 0, " MiB peak", 15),
    `   ${end}`,
  ].join("");
}
