/**
 * Predictions as CSV or JSON.
 * @module
 */
import type { Prediction } from "../../nn/mod.ts";

/** How predictions are written: as CSV, a JSON array, or a JSON object a line. */
export type PredictionFormat = "csv" | "json" | "jsonl";

/** What is written of a prediction. */
export interface PredictionColumns {
  /** How many of the likeliest classes. */
  readonly top: number;
  /** Whether the probabilities of all classes. */
  readonly probabilities: boolean;
}

/** A text for the beginning, for each prediction, and for the end; each stands for itself. */
export interface PredictionText {
  readonly head: string;
  row(file: string, prediction: Prediction): string;
  readonly tail: string;
}

/**
 * Text of a format.
 *
 * CSV is that of RFC 4180 in UTF-8: lines end with CR LF, and a field with a comma, a quote or a line break is in quotes,
 * with its own quotes doubled. Columns are `file,class,probability`, then `class 2,probability 2` and so on, then
 * `probability of NAME`. JSON has `{"file", "class", "probability"}`, with `"top": [{"class", "probability"}]` and
 * `"probabilities": {NAME: …}`; an array has an object a line.
 */
export function predictionText(
  format: PredictionFormat,
  classes: readonly string[],
  columns: PredictionColumns,
): PredictionText {
  return format === "csv" ? csv(classes, columns) : json(classes, columns, format === "json");
}

/** Six digits: as many as float32 logits give. */
function rounded(probability: number): number {
  return Number(probability.toPrecision(6));
}

/** A class, and its probability. */
export interface RankedClass {
  readonly className: string;
  readonly probability: number;
}

/** All classes from the likeliest on; of equal ones the first comes first. */
export function rankClasses(classes: readonly string[], { probabilities }: Prediction): RankedClass[] {
  // deno-lint-ignore no-non-null-assertion -- in range by construction
  return Array.from(probabilities, (probability, c) => ({ className: classes[c]!, probability }))
    .sort((a, b) => b.probability - a.probability);
}

function csv(classes: readonly string[], { top, probabilities }: PredictionColumns): PredictionText {
  const line = (fields: readonly (string | number)[]) => `${fields.map(field).join(",")}\r\n`;
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

function json(
  classes: readonly string[],
  { top, probabilities }: PredictionColumns,
  isArray: boolean,
): PredictionText {
  let isFirst = true;
  return {
    head: isArray ? "[" : "",
    row(file, prediction) {
      const [first, ...others] = rankClasses(classes, prediction).slice(0, top).map((
        { className, probability },
      ) => ({ class: className, probability: rounded(probability) }));
      const all = [...prediction.probabilities].map((probability, c) => [classes[c], rounded(probability)]);
      const object = JSON.stringify({
        file,
        ...first,
        ...(top > 1 && { top: [first, ...others] }),
        ...(probabilities && { probabilities: Object.fromEntries(all) }),
      });
      const separator = isFirst ? "\n" : ",\n";
      isFirst = false;
      return isArray ? `${separator}${object}` : `${object}\n`;
    },
    tail: isArray ? "\n]\n" : "",
  };
}
