/**
 * What the runs of an experiment came to: a table of means and standard deviations beside what was published.
 * @module
 */
import { smallestOf } from "../../nn/mod.ts";
import { methodOf, resolveOptions } from "../../semisup/mod.ts";
import { type Measure, type Preset, type PublishedError, trainingOf } from "../plan/presets.ts";
import { intervalText } from "../command/figures.ts";
import { markdownTable, textTable } from "../command/table.ts";
import { isNumber } from "../run/json_values.ts";
import type { NetworkErrors } from "../run/run_log.ts";
import { readLog, readSummary } from "../run/run_reader.ts";

/** Errors of one network in a run, as shares. */
export interface RunErrors {
  /** At the end. */
  readonly last: number;
  /** The lowest of all evaluations of the run. */
  readonly best: number;
}

/** Errors of both networks, counted one way. */
export interface RunPair {
  readonly student: RunErrors;
  readonly teacher: RunErrors;
}

/** What a finished run came to. */
export interface RunResult {
  readonly seed: number;
  /** How many labels it had. */
  readonly labels: number;
  /** How many images it was tested on. */
  readonly testImages: number;
  /** By what counts as wrong; there is no top-5 error of fewer than five classes. */
  readonly errors: { readonly "top-1": RunPair; readonly "top-5": RunPair | null };
}

/** Reads the result of a finished run from its folder. @throws {SyntaxError} if its files are not those of a run. */
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
      `Cannot use the run in ${folder} as summary.json and log.jsonl must be those of a finished run`,
      { cause: error },
    );
  }
}

/** Mean and standard deviation of some numbers. */
export interface Spread {
  readonly mean: number;
  /** Of the sample (divided by one less than its size); null for a single number. */
  readonly standardDeviation: number | null;
  readonly values: readonly number[];
}

/** The spread of at least one number. */
export function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    mean,
    standardDeviation: values.length < 2 ? null : Math.sqrt(squares / (values.length - 1)),
    values,
  };
}

/** The runs of one preset and number of labels. */
export interface ResultGroup {
  readonly preset: Preset;
  /** Labels of each class; null where a list says them. */
  readonly labelsPerClass: number | null;
  /** Seeds that were asked for. */
  readonly seeds: readonly number[];
  readonly results: readonly RunResult[];
  /** Seeds whose runs diverged. */
  readonly diverged: readonly number[];
}

/** A line of the table; errors are shares. */
export interface ResultRow {
  readonly preset: string;
  readonly algorithm: string;
  readonly dataset: string;
  readonly labels: number | null;
  /** Test images; null where none is finished. */
  readonly testImages: number | null;
  /** What the errors count as wrong: what the preset's published figure does, where all runs tell it. */
  readonly measure: Measure;
  readonly seeds: readonly number[];
  readonly finished: readonly number[];
  readonly diverged: readonly number[];
  /** Seeds of finished runs that were tested on another number of images than most, and are in no figure. */
  readonly leftOut: readonly number[];
  readonly studentLast: Spread | null;
  readonly studentBest: Spread | null;
  readonly teacherLast: Spread | null;
  readonly teacherBest: Spread | null;
  readonly published: PublishedError | null;
}

/**
 * What a group comes to, counted as what was published is. That stands beside it for the published number of labels, and not
 * where runs have too few classes to be counted so.
 */
export function rowOf({ preset, labelsPerClass, seeds, results: all, diverged }: ResultGroup): ResultRow {
  const results = onSameImages(all);
  const measured = results.flatMap(({ errors: { [preset.measure]: pair } }) => pair ?? []);
  const isMeasured = measured.length === results.length;
  const measure = isMeasured ? preset.measure : "top-1";
  const pairs = isMeasured ? measured : results.map(({ errors }) => errors["top-1"]);
  const spread = (of: (pair: RunPair) => number) => pairs.length === 0 ? null : spreadOf(pairs.map(of));
  // The preset's number of classes is not that of any folder.
  const labels = labelsPerClass === null ? null : results[0]?.labels ?? labelsPerClass * preset.classCount;
  const isComparable = labels === preset.labelsPerClass * preset.classCount && measure === preset.measure;
  return {
    preset: preset.name,
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

/** The results that most runs share the number of test images with: errors on other images cannot be compared. */
function onSameImages(results: readonly RunResult[]): readonly RunResult[] {
  const sets = [...Map.groupBy(results, ({ testImages }) => testImages).values()];
  return sets.reduce<readonly RunResult[]>((most, each) => each.length > most.length ? each : most, []);
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

/** What follows a figure that is not of top-1. */
function measureText(measure: Measure): string {
  return measure === "top-1" ? "" : ` (${measure})`;
}

/** A published figure as a text. */
export function publishedText(published: PublishedError | null): string {
  if (!published) return "–";
  const { mean, standardDeviation, measure } = published;
  return `${mean.toFixed(2)} ± ${standardDeviation.toFixed(2)}${measureText(measure)}`;
}

/** What the numbers of the table are. */
export const caption =
  "Test error in per cent, mean ± standard deviation over seeds, of fewer than 2000 test images (95 % interval of the mean); best: the lowest of all evaluations of a run.";

function cellsOf(rows: readonly ResultRow[]): string[][] {
  return [
    ["Preset", "Labels", "Runs", "Student", "best", "Teacher", "best", "Published"],
    ...rows.map((row) => [
      row.preset,
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

/** The table as the texts of its three files. */
export function formatResults(
  rows: readonly ResultRow[],
  overrides: Readonly<Record<string, unknown>>,
): Record<"results.txt" | "results.md" | "results.json", string> {
  const changes = Object.entries(overrides).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  const leftOut = rows.filter((row) => row.leftOut.length > 0).map(({ preset, leftOut, testImages }) =>
    ` Left out of ${preset}, as not tested on ${testImages} images like the rest: seeds ${
      leftOut.join(", ")
    }.`
  );
  const changed = changes.length === 0 ? "" : ` Not as the presets: ${changes.join(", ")}.`;
  const title = caption + changed + leftOut.join("");
  const cells = cellsOf(rows);
  return {
    "results.txt": `${title}\n\n${textTable(cells)}\n`,
    "results.md": `${title}\n\n${markdownTable(cells)}\n`,
    "results.json": `${JSON.stringify({ caption, overrides, rows }, null, 2)}\n`,
  };
}
