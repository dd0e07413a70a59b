/**
 * Results of an experiment: a table of means and standard deviations beside published results.
 * @module
 */
import { smallestOf } from "../../nn/mod.ts";
import { methodOf, resolveOptions } from "../../semisup/mod.ts";
import { type Preset, trainingOf } from "../plan/presets/presets.ts";
import type { Measure, PublishedError } from "../plan/presets/published_errors.ts";
import { intervalText } from "../terminal/figures.ts";
import { markdownTable, textTable } from "../terminal/table.ts";
import { isNumber } from "../command/json_values.ts";
import type { NetworkErrors } from "../run_files/run_log.ts";
import { readLog, readSummary } from "../run_files/run_reader.ts";

/** Errors of one network in a run, from 0 to 1. */
export interface RunErrors {
  /** Error at the end of the run. */
  readonly last: number;
  /** Lowest error of all evaluations of the run. */
  readonly best: number;
}

/** Errors of both networks, either top-1 or top-5. */
export interface RunPair {
  readonly student: RunErrors;
  readonly teacher: RunErrors;
}

/** Result of a finished run. */
export interface RunResult {
  readonly seed: number;
  /** Number of labels. */
  readonly labels: number;
  /** Number of test images. */
  readonly testImages: number;
  /** Errors by measure; the top-5 error is null for fewer than five classes. */
  readonly errors: { readonly "top-1": RunPair; readonly "top-5": RunPair | null };
}

/**
 * Reads the result of a finished run from its folder.
 * @throws {SyntaxError} if its files are not those of a run.
 */
export async function readResult(folder: string, seed: number): Promise<RunResult> {
  try {
    const { student, teacher, labels } = await readSummary(folder);
    const { evaluations } = await readLog(folder);
    if (!student || !teacher) throw new TypeError("there were no test images");
    const pairOf = (errorOf: (errors: NetworkErrors) => number): RunPair => {
      const errorsOf = (last: NetworkErrors, who: "student" | "teacher"): RunErrors => {
        const all = [last, ...evaluations.map(({ [who]: errors }) => errors)].map(errorOf);
        return { last: errorOf(last), best: smallestOf(all) };
      };
      return { student: errorsOf(student, "student"), teacher: errorsOf(teacher, "teacher") };
    };
    const hasTop5 = [{ teacher }, ...evaluations].every(({ teacher }) => isNumber(teacher.top5Error));
    const top5 = hasTop5 ? pairOf(({ top5Error }) => top5Error ?? NaN) : null;
    return {
      seed,
      labels,
      testImages: teacher.examples,
      errors: { "top-1": pairOf(({ testError }) => testError), "top-5": top5 },
    };
  } catch (error) {
    throw new SyntaxError(
      `Cannot use the run in ${folder}: summary.json or log.jsonl is missing or damaged, or has no test errors`,
      { cause: error },
    );
  }
}

/** Mean and standard deviation of some numbers. */
export interface Spread {
  readonly mean: number;
  /** Sample standard deviation, with divisor n − 1; null for a single number. */
  readonly standardDeviation: number | null;
  readonly values: readonly number[];
}

/** Computes the spread of one or more numbers. */
export function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    mean,
    standardDeviation: values.length < 2 ? null : Math.sqrt(squares / (values.length - 1)),
    values,
  };
}

/** The runs of a preset with the same number of labels. */
export interface ResultGroup {
  readonly preset: Preset;
  /** Number of labels per class; null with a label list. */
  readonly labelsPerClass: number | null;
  /** Settings of the runs by which the groups differ, such as `lr=0.01`. */
  readonly settings: readonly string[];
  /** Requested seeds. */
  readonly seeds: readonly number[];
  readonly results: readonly RunResult[];
  /** Seeds of runs that diverged. */
  readonly diverged: readonly number[];
}

/** A row of the table; errors are from 0 to 1. */
export interface ResultRow {
  readonly preset: string;
  /** Settings by which the rows of a preset differ, such as `lr=0.01`. */
  readonly settings: readonly string[];
  readonly algorithm: string;
  readonly dataset: string;
  readonly labels: number | null;
  /** Number of test images; null if no run is finished. */
  readonly testImages: number | null;
  /** Definition of an error: the preset's, if all runs have such errors; otherwise top-1. */
  readonly measure: Measure;
  readonly seeds: readonly number[];
  readonly finished: readonly number[];
  readonly diverged: readonly number[];
  /**
   * Seeds of finished runs left out of all means, because their number of test images differs from the
   * others'.
   */
  readonly leftOut: readonly number[];
  readonly studentLast: Spread | null;
  readonly studentBest: Spread | null;
  readonly teacherLast: Spread | null;
  readonly teacherBest: Spread | null;
  readonly published: PublishedError | null;
}

/**
 * Computes the row of a group, with errors as defined by the preset's published result. The published result
 * itself is included only if the number of labels and the definition of an error are the same.
 */
export function rowOf(
  { preset, labelsPerClass, settings, seeds, results: all, diverged }: ResultGroup,
): ResultRow {
  const results = onSameImages(all);
  const measured = results.flatMap(({ errors: { [preset.measure]: pair } }) => pair ?? []);
  const isMeasured = measured.length === results.length;
  const measure = isMeasured ? preset.measure : "top-1";
  const pairs = isMeasured ? measured : results.map(({ errors }) => errors["top-1"]);
  const spread = (of: (pair: RunPair) => number) => pairs.length === 0 ? null : spreadOf(pairs.map(of));
  // A user's folder may have another number of classes than the preset.
  const labels = labelsPerClass === null ? null : results[0]?.labels ?? labelsPerClass * preset.classCount;
  const isComparable = labels === preset.labelsPerClass * preset.classCount && measure === preset.measure;
  return {
    preset: preset.name,
    settings,
    algorithm: methodOf(resolveOptions(trainingOf(preset))).name,
    dataset: preset.dataset,
    labels,
    testImages: results[0]?.testImages ?? null,
    measure,
    seeds,
    finished: results.map(({ seed }) => seed),
    diverged,
    leftOut: all.filter((result) => !results.includes(result)).map(({ seed }) => seed),
    studentLast: spread(({ student }) => student.last),
    studentBest: spread(({ student }) => student.best),
    teacherLast: spread(({ teacher }) => teacher.last),
    teacherBest: spread(({ teacher }) => teacher.best),
    published: isComparable ? preset.published ?? null : null,
  };
}

/**
 * Selects the results with the most common number of test images. Errors on other images cannot be compared.
 */
function onSameImages(results: readonly RunResult[]): readonly RunResult[] {
  const sets = [...Map.groupBy(results, ({ testImages }) => testImages).values()];
  return sets.reduce<readonly RunResult[]>(
    (largest, each) => each.length > largest.length ? each : largest,
    [],
  );
}

function percentOf(spread: Spread | null, { measure, testImages }: ResultRow): string {
  if (!spread) return "–";
  const { mean, standardDeviation } = spread;
  const parts = standardDeviation === null ? [mean] : [mean, standardDeviation];
  const interval = intervalText({ testError: mean, examples: testImages ?? Infinity });
  return `${parts.map((share) => (100 * share).toFixed(2)).join(" ± ")}${
    interval === null ? "" : ` (${interval})`
  }${measureText(measure)}`;
}

/** Returns the suffix of a figure, empty for top-1. */
function measureText(measure: Measure): string {
  return measure === "top-1" ? "" : ` (${measure})`;
}

/** Formats a published result. */
export function publishedText(published: PublishedError | null): string {
  if (!published) return "–";
  const { mean, standardDeviation, measure } = published;
  return `${mean.toFixed(2)} ± ${standardDeviation.toFixed(2)}${measureText(measure)}`;
}

/** Caption of the table. */
export const caption =
  "Test error in per cent: mean ± standard deviation over seeds (with the 95 % confidence interval of the mean for fewer than 2000 test images); best: lowest error of all evaluations of a run.";

function cellsOf(rows: readonly ResultRow[]): string[][] {
  return [
    ["Preset", "Labels", "Runs", "Student", "best", "Teacher", "best", "Published"],
    ...rows.map((row) => [
      [row.preset, ...row.settings].join(", "),
      `${row.labels ?? "list"}`,
      `${row.finished.length}/${row.seeds.length}${
        row.diverged.length > 0 ? ` (${row.diverged.length} diverged)` : ""
      }`,
      ...[row.studentLast, row.studentBest, row.teacherLast, row.teacherBest].map((spread) =>
        percentOf(spread, row)
      ),
      publishedText(row.published),
    ]),
  ];
}

/**
 * Formats the table as plain text, Markdown and JSON.
 * @param overrides Options that differ from the presets.
 */
export function formatResults(
  rows: readonly ResultRow[],
  overrides: Readonly<Record<string, unknown>>,
): Record<"results.txt" | "results.md" | "results.json", string> {
  const changes = Object.entries(overrides).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  const leftOut = rows.filter((row) => row.leftOut.length > 0).map(({ preset, leftOut, testImages }) =>
    ` Left out of ${preset}, because they were not tested on ${testImages} images like the others: seeds ${
      leftOut.join(", ")
    }.`
  );
  const changed = changes.length === 0 ? "" : ` Options that differ from the presets: ${changes.join(", ")}.`;
  const title = caption + changed + leftOut.join("");
  const cells = cellsOf(rows);
  return {
    "results.txt": `${title}\n\n${textTable(cells)}\n`,
    "results.md": `${title}\n\n${markdownTable(cells)}\n`,
    "results.json": `${JSON.stringify({ caption, overrides, rows }, null, 2)}\n`,
  };
}
