/**
 * Predictions as CSV or JSON.
 * @module
 */
import type { Prediction } from "../../nn/mod.ts";
import { withoutFormula } from "../record_files/spreadsheet.ts";

/** Format of predictions: CSV, a JSON array, or one JSON object per line. */
export type PredictionFormat = "csv" | "json" | "jsonl";

/** Selection of what is written for each prediction. */
export interface PredictionColumns {
  /** Number of classes, the likeliest first. */
  readonly top: number;
  /** True to add the probabilities of all classes. */
  readonly probabilities: boolean;
  /** True if texts in CSV that begin like a formula get an apostrophe; default false. */
  readonly isSafe?: boolean;
}

/** Texts for the beginning, for each prediction and for the end, which make a file when concatenated. */
export interface PredictionFormatter {
  readonly head: string;
  row(file: string, prediction: Prediction): string;
  readonly tail: string;
}

/**
 * Creates the formatter of a format.
 *
 * CSV follows RFC 4180 in UTF-8: lines end with CR LF, and a field with a comma, a quote or a line break is
 * quoted, with inner quotes doubled. Columns are `file,class,probability`, then `class 2,probability 2` and
 * so on, then `probability of NAME`. JSON has `{"file", "class", "probability"}`, with `"top": [{"class",
 * "probability"}]` and `"probabilities": {NAME: …}`; an array has one object per line.
 */
export function createPredictionFormatter(
  format: PredictionFormat,
  classes: readonly string[],
  columns: PredictionColumns,
): PredictionFormatter {
  return format === "csv" ? csv(classes, columns) : json(classes, columns, format === "json");
}

/** Rounds to six digits, the precision of float32 logits. */
function rounded(probability: number): number {
  return Number(probability.toPrecision(6));
}

/** A class with its probability. */
export interface RankedClass {
  readonly className: string;
  readonly probability: number;
}

/** Sorts classes by probability, the likeliest first. Equal probabilities keep the order of the classes. */
export function rankClasses(classes: readonly string[], { probabilities }: Prediction): RankedClass[] {
  // deno-lint-ignore no-non-null-assertion -- in range by construction
  return Array.from(probabilities, (probability, c) => ({ className: classes[c]!, probability }))
    .sort((a, b) => b.probability - a.probability);
}

function csv(
  classes: readonly string[],
  { top, probabilities, isSafe = false }: PredictionColumns,
): PredictionFormatter {
  const safe = (value: string | number) =>
    isSafe && typeof value === "string" ? withoutFormula(value) : value;
  const line = (fields: readonly (string | number)[]) =>
    `${fields.map((value) => field(safe(value))).join(",")}\r\n`;
  const further = Array.from({ length: top - 1 }, (_, i) => [`class ${i + 2}`, `probability ${i + 2}`]);
  const all = probabilities ? classes.map((name) => `probability of ${name}`) : [];
  return {
    head: line(["file", "class", "probability", ...further.flat(), ...all]),
    row: (file, prediction) =>
      line([
        file,
        ...rankClasses(classes, prediction).slice(0, top).flatMap(({ className, probability }) => [
          className,
          rounded(probability),
        ]),
        ...(probabilities ? [...prediction.probabilities].map(rounded) : []),
      ]),
    tail: "",
  };
}

function field(value: string | number): string {
  const text = `${value}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Returns a prediction as an object for JSON: `{"class", "probability"}`, with `top` and `probabilities` as asked for. */
export function predictionObject(
  classes: readonly string[],
  prediction: Prediction,
  { top, probabilities }: Pick<PredictionColumns, "top" | "probabilities">,
): Readonly<Record<string, unknown>> {
  const [first, ...others] = rankClasses(classes, prediction).slice(0, top).map((
    { className, probability },
  ) => ({ class: className, probability: rounded(probability) }));
  const all = [...prediction.probabilities].map((probability, c) => [classes[c], rounded(probability)]);
  return {
    ...first,
    ...(top > 1 && { top: [first, ...others] }),
    ...(probabilities && { probabilities: Object.fromEntries(all) }),
  };
}

function json(
  classes: readonly string[],
  columns: PredictionColumns,
  isArray: boolean,
): PredictionFormatter {
  let isFirst = true;
  return {
    head: isArray ? "[" : "",
    row(file, prediction) {
      const object = JSON.stringify({ file, ...predictionObject(classes, prediction, columns) });
      const separator = isFirst ? "\n" : ",\n";
      isFirst = false;
      return isArray ? `${separator}${object}` : `${object}\n`;
    },
    tail: isArray ? "\n]\n" : "",
  };
}
