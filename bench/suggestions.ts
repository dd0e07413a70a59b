/**
 * `deno run -A bench/suggestions.ts [OPTIONS]`: compares the labels suggested by cli/suggest.ts with the same
 * number of random labels. Options are `--output DIR`, `--seeds 1,2,3,4,5`, `--labels 50`, `--steps N` and
 * `--data-dir DIR`.
 *
 * For each seed, the program trains on MNIST with random labels, drawn from all images without balancing the
 * classes. It then labels the run's suggestions with their true classes and trains twice more: with the
 * suggested labels added, and with the same number of random labels added. All runs use the recipe of
 * `cli/train.ts`. Repeating the command skips finished runs and resumes interrupted runs. The teacher's test
 * errors are written to `results.json` and `results.md` in DIR after every seed.
 * @module
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { exampleIndex, formatLabelList, hideLabels, labelListOf, parseLabelList } from "../data/mod.ts";
import { findDataset, writeAtomically } from "../data/files/mod.ts";
import { hostUniform } from "../kernels/mod.ts";
import { exists } from "../cli/command/given_file.ts";
import { isFinished, lastCheckpoint } from "../cli/run_files/run_files.ts";
import { markdownTable } from "../cli/terminal/table.ts";

const { values } = parseArgs({
  args: Deno.args,
  options: {
    output: { type: "string", default: join("runs", "suggestions") },
    seeds: { type: "string", default: "1,2,3,4,5" },
    labels: { type: "string", default: "50" },
    steps: { type: "string" },
    "data-dir": { type: "string" },
  },
});
const { output, steps } = values;
const seeds = values.seeds.split(",").map(parseCount), labelCount = parseCount(values.labels);
const dataOptions = values["data-dir"] === undefined ? [] : [`--data-dir=${values["data-dir"]}`];

function parseCount(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new RangeError(`--seeds and --labels must be whole numbers above 0, but one is ${text}`);
  }
  return value;
}

/** Stream of the random numbers that shuffle the images. */
const stream = 0xc0ffee;

const { train } = await findDataset("mnist").load(
  values["data-dir"] === undefined ? {} : { dataDirectory: values["data-dir"] },
);
const classes = findDataset("mnist").classes;

/** Returns the indices of all images in random order. */
function shuffleIndices(seed: number): number[] {
  const keys = hostUniform([seed, 0], stream, train.labels.length);
  return [...keys.entries()].sort(([, a], [, b]) => a - b).map(([index]) => index);
}

/** Formats a label list of images with their true classes. */
function formatTrueLabels(indices: readonly number[]): string {
  return formatLabelList(labelListOf(hideLabels(train.labels, Int32Array.from(indices)), classes));
}

/** Runs a program of the project, with its output shown. */
async function runProgram(name: string, ...args: string[]): Promise<void> {
  const program = new URL(`../cli/${name}.ts`, import.meta.url).href;
  const { code } = await new Deno.Command(Deno.execPath(), { args: ["run", "-A", program, ...args] }).spawn()
    .status;
  // Deno with WebGPU occasionally aborts with 134 at exit, after all its work; callers check the files it wrote.
  if (code !== 0 && code !== 134) {
    throw new Error(`Cannot continue: cli/${name}.ts failed with exit code ${code}`);
  }
}

/**
 * Trains with the true labels of some images, unless the run is finished.
 * @returns the teacher's test error.
 */
async function trainUnlessFinished(folder: string, labels: readonly number[], seed: number): Promise<number> {
  const list = `${folder}.txt`;
  if (!await exists(list)) await writeAtomically(list, formatTrueLabels(labels));
  if (await Deno.readTextFile(list) !== formatTrueLabels(labels)) {
    throw new RangeError(
      `Cannot continue in ${output}: ${list} belongs to another comparison. Use another --output.`,
    );
  }
  if (!await isFinished(folder)) {
    const last = await lastCheckpoint(folder);
    if (last !== undefined) await runProgram("train", `--resume=${last}`);
    else {
      // A run interrupted before its first checkpoint starts again.
      if (await exists(folder)) await Deno.remove(folder, { recursive: true });
      await runProgram(
        "train",
        "--dataset=mnist",
        `--labels=${list}`,
        `--seed=${seed}`,
        `--output=${folder}`,
        ...(steps === undefined ? [] : [`--steps=${steps}`]),
        ...dataOptions,
      );
    }
  }
  const config = JSON.parse(await Deno.readTextFile(join(folder, "config.json")));
  if (`${config.steps ?? undefined}` !== `${steps}`) {
    throw new RangeError(
      `Cannot continue in ${output}: ${folder} has --steps ${config.steps}, but this comparison has ${steps}. Use another --output.`,
    );
  }
  return JSON.parse(await Deno.readTextFile(join(folder, "summary.json"))).teacher.testError;
}

/** Results of a seed: the teachers' test errors, and the number of suggestions of each class. */
interface Outcome {
  readonly seed: number;
  readonly first: number;
  readonly suggested: number;
  readonly random: number;
  readonly suggestedClasses: readonly number[];
}

async function compare(seed: number): Promise<Outcome> {
  const folder = join(output, `seed-${seed}`);
  await Deno.mkdir(folder, { recursive: true });
  const order = shuffleIndices(seed);
  const [labels, more] = [order.slice(0, labelCount), order.slice(labelCount, 2 * labelCount)];
  const first = await trainUnlessFinished(join(folder, "first"), labels, seed);
  const list = join(folder, "suggestions.txt");
  if (!await exists(list)) {
    const page = list.replace(/\.txt$/, ".html");
    if (await exists(page)) await Deno.remove(page);
    await runProgram(
      "suggest",
      join(folder, "first"),
      `--count=${labelCount}`,
      `--seed=${seed}`,
      `--output=${list}`,
      ...dataOptions,
    );
  }
  const names = [...parseLabelList(await Deno.readTextFile(list), { source: list }).keys()];
  const suggestions = names.map(exampleIndex).filter((index) => index !== undefined);
  const suggestedClasses = classes.map((_, c) =>
    suggestions.filter((index) => train.labels[index] === c).length
  );
  const suggested = await trainUnlessFinished(join(folder, "suggested"), [...labels, ...suggestions], seed);
  const random = await trainUnlessFinished(join(folder, "random"), [...labels, ...more], seed);
  return { seed, first, suggested, random, suggestedClasses };
}

function computeMean(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
}

/** Returns the standard deviation of a sample; null for a single number. */
function computeDeviation(numbers: readonly number[]): number | null {
  if (numbers.length < 2) return null;
  const mean = computeMean(numbers);
  return Math.sqrt(numbers.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (numbers.length - 1));
}

async function report(outcomes: readonly Outcome[]): Promise<void> {
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  const summarize = (numbers: readonly number[]) => {
    const deviation = computeDeviation(numbers);
    return percent(computeMean(numbers)) + (deviation === null ? "" : ` ± ${(100 * deviation).toFixed(2)}`);
  };
  const gains = outcomes.map(({ suggested, random }) => random - suggested);
  const columns = ["first", "suggested", "random"] as const;
  const table = markdownTable([
    ["Seed", `${labelCount} random`, `+ ${labelCount} suggested`, `+ ${labelCount} random`, "Gain"],
    ...outcomes.map((outcome) => [
      `${outcome.seed}`,
      ...columns.map((column) => percent(outcome[column])),
      percent(outcome.random - outcome.suggested),
    ]),
    [
      "mean",
      ...columns.map((column) => summarize(outcomes.map((outcome) => outcome[column]))),
      summarize(gains),
    ],
  ]);
  const means = Object.fromEntries(
    columns.map((column) => [column, computeMean(outcomes.map((outcome) => outcome[column]))]),
  );
  const results = {
    dataset: "mnist",
    labels: labelCount,
    steps: steps ?? null,
    outcomes,
    means,
    gain: computeMean(gains),
  };
  await writeAtomically(join(output, "results.json"), `${JSON.stringify(results, null, 2)}\n`);
  await writeAtomically(join(output, "results.md"), `${table}\n`);
  console.log(`\n${table}\n`);
}

const outcomes: Outcome[] = [];
for (const seed of seeds) {
  outcomes.push(await compare(seed));
  await report(outcomes);
}
