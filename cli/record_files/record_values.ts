/**
 * The values of a record of `log.jsonl` by name, for TensorBoard and spreadsheets.
 * @module
 */
import { isObject } from "../command/json_values.ts";

/** A record of the log, or a line of `log.jsonl`. */
export type LoggedRecord = Readonly<Record<string, unknown>> & {
  readonly kind: string;
  readonly step: number;
};

/** Fields that date a record. */
const dates = ["kind", "step", "epoch", "seconds"];

/** Names of groups of fields, in charts and columns. */
const groups: Readonly<Record<string, string>> = { diagnostics: "self-check", costs: "costs" };

/**
 * Returns the values of a record by name: numbers, and true or false. A field of an object is named
 * `object/field`, other fields `kind/field`. Lists and texts are left out, and so are values that do not exist.
 */
export function valuesOf(record: LoggedRecord): ReadonlyMap<string, number | boolean> {
  const values = new Map<string, number | boolean>();
  const add = (name: string, value: unknown) => {
    if (typeof value === "number" || typeof value === "boolean") values.set(name, value);
  };
  const group = groups[record.kind] ?? record.kind;
  for (const [field, value] of Object.entries(record)) {
    if (dates.includes(field)) continue;
    if (isObject(value)) {
      for (const [name, inner] of Object.entries(value)) add(`${field}/${name}`, inner);
    } else add(`${group}/${field}`, value);
  }
  return values;
}
