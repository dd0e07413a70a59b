/**
 * `--csv`: all records of a run as a table for spreadsheets.
 * @module
 */
import { join } from "node:path";
import { stringify } from "npm:csv-stringify@6.9.0/sync";
import { writeAtomically } from "../../data/files/mod.ts";
import { isObject } from "../command/json_values.ts";
import { runFiles } from "../run_files/run_files.ts";
import { writing } from "../storage/write_error.ts";
import type { RecordFile } from "./record_file.ts";
import { type LoggedRecord, valuesOf } from "./record_values.ts";
import { withoutFormula } from "./spreadsheet.ts";

/** Least milliseconds between two writings during a run. */
const interval = 10_000;

/** Least ratio of the time between two writings to the time that one takes, so that long tables slow no run. */
const rarity = 100;

/** Columns of every table, before those of values. */
const dates = ["kind", "step", "epoch", "seconds"] as const;

/** The table of a run. It is made from the log, so that it has the records of before a resumption too. */
export class CsvFile implements RecordFile {
  readonly #folder: string;
  readonly #classes: readonly string[];
  readonly #now: () => number;
  /** Time of the next writing. */
  #next: number;

  /** @param now Returns milliseconds. */
  constructor(folder: string, classes: readonly string[], now: () => number = () => performance.now()) {
    this.#folder = folder;
    this.#classes = classes;
    this.#now = now;
    this.#next = now() + interval;
  }

  /** Writes the table anew if the last writing was some seconds ago. */
  async record(): Promise<void> {
    if (this.#now() >= this.#next) await this.close();
  }

  /** Writes the table, so that a finished run has it even if the process is killed before it closes the file. */
  async end(): Promise<void> {
    await this.close();
  }

  /** Writes the table. */
  async close(): Promise<void> {
    const path = join(this.#folder, runFiles.csv), start = this.#now();
    await writing(path, async () => {
      const log = await Deno.readTextFile(join(this.#folder, runFiles.log));
      await writeAtomically(path, csvOf(log, this.#classes));
    });
    const end = this.#now();
    this.#next = end + Math.max(interval, rarity * (end - start));
  }
}

/**
 * Returns the records of a log as CSV (RFC 4180, UTF-8 with a mark that spreadsheets look for). A resumed run repeats the
 * steps after its checkpoint; earlier records of these steps are left out. Columns stand in the order in which the log
 * has them first, so they never move.
 * @param classes Names of the classes, for columns of values by class.
 */
export function csvOf(log: string, classes: readonly string[]): string {
  let records: LoggedRecord[] = [];
  for (const line of log.split("\n")) {
    const record = recordIn(line);
    if (!record) continue;
    if (record.kind === "start") records = records.filter(({ step }) => step <= record.step);
    records.push(record);
  }
  const rows = records.map((record) => cellsOf(record, classes));
  const columns = [...new Set([...dates, ...rows.flatMap((row) => [...row.keys()])])];
  const lines = rows.map((row) => columns.map((column) => row.get(column)));
  return stringify([columns.map(withoutFormula), ...lines], { bom: true, record_delimiter: "windows" });
}

/** Returns the record of a line; undefined if the line is empty, or was cut off as a process ended while writing. */
function recordIn(line: string): LoggedRecord | undefined {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Returns the cells of a record by column; values that do not exist have none. */
function cellsOf(record: LoggedRecord, classes: readonly string[]): Map<string, string | number> {
  const cells = new Map<string, string | number>();
  const { kind, device, warnings } = record;
  for (const name of dates) {
    const { [name]: value } = record;
    if (typeof value === "string" || typeof value === "number") cells.set(name, value);
  }
  if (kind === "start") return cells.set("device", withoutFormula(`${device}`));
  for (const [name, value] of valuesOf(record)) cells.set(name, Number(value));
  for (const [field, values] of Object.entries(record)) {
    if (!Array.isArray(values) || field === "warnings") continue;
    for (const [label, value] of values.entries()) {
      if (typeof value === "number") cells.set(`self-check/${field}/${classes[label] ?? label}`, value);
    }
  }
  const codes = Array.isArray(warnings) ? warnings.filter(isObject).map(({ code }) => `${code}`) : [];
  return codes.length > 0 ? cells.set("self-check/warnings", codes.join(" ")) : cells;
}
