/** Tables of JSON objects. */

import { quoteOf } from "../text.ts";
import { MOST_FIELDS } from "./delimited.ts";
import type { ListRecord } from "./records.ts";

/** Maximum number of cells: with empty ones, a file of 32 MB could have billions. */
const MOST_CELLS = 2 ** 24;
/** Maximum number of records of a JSON document. */
export const LONGEST_LIST: number = 2 ** 23;

/** An object and the number of its line. */
export interface ObjectLine {
  readonly object: Readonly<Record<string, unknown>>;
  readonly line: number;
}

/**
 * Returns objects as a table: first the keys, in order of appearance.
 *
 * @throws {SyntaxError} when there are too many keys or cells.
 */
export function tableOfObjects(objects: Iterable<ObjectLine>, source: string): ListRecord[] {
  const keys = new Map<string, number>();
  const records: ListRecord[] = [];
  let cells = 0;
  for (const { object, line } of objects) {
    const fields: string[] = [];
    for (const [key, value] of Object.entries(object)) {
      const at = keys.get(key) ?? keys.size;
      if (at === MOST_FIELDS) {
        throw new SyntaxError(
          `Cannot read ${source}: its objects may have at most ${MOST_FIELDS} different keys, but line ${line} ` +
            `has one more, ${quoteOf(key)}`,
        );
      }
      keys.set(key, at);
      while (fields.length < at) fields.push("");
      fields[at] = textOf(value);
    }
    records.push({ fields, line });
    cells += fields.length;
    if (cells > MOST_CELLS) {
      throw new SyntaxError(`Cannot read ${source}: it has more than ${MOST_CELLS} cells`);
    }
  }
  return [{ fields: [...keys.keys()], line: 1 }, ...records];
}

/**
 * Returns a JSON value as a field of a table: a list of one element is that element, nested values are empty.
 */
function textOf(value: unknown): string {
  const words = (Array.isArray(value) ? value : [value]).filter((each) => each !== null);
  if (words.some((each) => typeof each === "object")) return "";
  return words.length < 2 ? String(words[0] ?? "") : JSON.stringify(words);
}
