/**
 * Values of options, read from text.
 * @module
 */
import { faultOf } from "../../semisup/mod.ts";
import { suggestion } from "./nearest.ts";
import type { Row } from "./rows.ts";

/** Reads the value of an option. @throws {RangeError} naming the option, the rule and the text. */
export function valueOf(
  flag: string,
  row: Exclude<Row, { readonly kind: "switch" }>,
  text: string,
): string | number | (string | number)[] {
  switch (row.kind) {
    case "list":
      return text.split(",").map((part) => valueOf(flag, row.of, part.trim()) as string | number);
    case "text":
      return text;
    case "name":
      if (row.names.includes(text)) return text;
      throw fault(flag, `must be one of ${row.known ?? row.names.join(", ")}`, text, row.names);
    case "path":
      if (text === "") throw new RangeError(`${flag} must be a path, but is empty`);
      // Most likely the path was forgotten.
      if (text.startsWith("-")) throw fault(flag, `must be a path that does not begin with "-"`, text);
      return text;
    default: {
      const value = row.kind === "choice" || (row.kind === "length" && text.endsWith("steps"))
        ? text
        : row.kind === "numbers"
        ? text.split(",").map(numberIn)
        : numberIn(text);
      const rule = faultOf(row, value);
      if (rule) throw fault(flag, rule, text, row.kind === "choice" ? row.choices : []);
      return value as string | number | number[];
    }
  }
}

function fault(flag: string, rule: string, text: string, names: readonly string[] = []): RangeError {
  return new RangeError(`${flag} ${rule}, but is "${text}"${suggestion(text, names)}`);
}

/** Returns the number in a text; NaN if there is none or the text is empty. */
function numberIn(text: string): number {
  return text.trim() === "" ? NaN : Number(text);
}
