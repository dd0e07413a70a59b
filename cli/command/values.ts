/**
 * Values of options, read from text.
 * @module
 */
import { type ClassWeights, faultOf, type WeightsOption } from "../../semisup/mod.ts";
import { suggestion } from "./nearest.ts";
import type { Row } from "./rows.ts";

/** Reads the value of an option. @throws {RangeError} naming the option, the rule and the text. */
export function valueOf(
  flag: string,
  row: Exclude<Row, { readonly kind: "switch" }>,
  text: string,
): string | number | (string | number)[] | ClassWeights {
  switch (row.kind) {
    case "list":
      return text.split(",").map((part) => valueOf(flag, row.of, part.trim()) as string | number);
    case "text":
      return text;
    case "name":
      if (row.names.includes(text)) return text;
      throw fault(flag, `must be one of ${row.known ?? row.names.join(", ")}`, text, row.names);
    case "weights":
      return classWeightsIn(flag, row, text);
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

/** Reads weights of classes: a word, a number for each class, or `name=number` for some. */
function classWeightsIn(flag: string, row: WeightsOption, text: string): ClassWeights {
  const parts = text.split(",").map((part) => part.trim()), areNamed = text.includes("=");
  const named = parts.map((part) => [part.slice(0, part.lastIndexOf("=")), part] as const);
  const twice = named.find(([name], i) => areNamed && named.findIndex(([other]) => other === name) < i);
  if (twice) {
    throw new RangeError(`${flag} must have one weight for each class, but has two for "${twice[0]}"`);
  }
  const weights = areNamed
    ? Object.fromEntries(
      named.map(([name, part]) => [name, name === "" ? NaN : numberIn(part.slice(name.length + 1))]),
    )
    : /^[a-z]/i.test(text)
    ? text
    : parts.map(numberIn);
  const rule = faultOf(row, weights);
  if (rule) throw fault(flag, rule, text, ["balanced"]);
  return weights as ClassWeights; // Checked by faultOf.
}

function fault(flag: string, rule: string, text: string, names: readonly string[] = []): RangeError {
  return new RangeError(`${flag} ${rule}, but is "${text}"${suggestion(text, names)}`);
}

/** Returns the number in a text; NaN if there is none or the text is empty. */
function numberIn(text: string): number {
  return text.trim() === "" ? NaN : Number(text);
}
