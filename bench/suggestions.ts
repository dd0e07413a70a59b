/**
 * `deno run -A bench/suggestions.ts [--output DIR] [--seeds 1,2,3,4,5] [--labels 50] [--steps N] [--data-dir DIR]`: whether
 * the labels that cli/suggest.ts asks for are worth more than as many random ones.
 *
 * On MNIST, for each seed: a run with random labels (of all images alike, not so many of each class); its suggestions, which
 * get their true classes; then a run with those labels more, and one with as many random ones more. All have the recipe of
 * `cli/train.ts`. Runs that are finished are not repeated and interrupted ones go on, so that the same command can be given
 * again. `results.json` and `results.md` in DIR have the teacher's test errors; they are written after every seed.
 * @module
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { exampleIndex, formatLabelList, hideLabels, labelListOf, parseLabelList } from "../data/mod.ts";
import { findDataset, writeAtomically } from "../data/files/mod.ts";
import { hostUniform } from "../kernels/mod.ts";
import { exists } from "../cli/command/given_file.ts";
import { isFinished, lastCheckpoint } from "../cli/run/run_folder.ts";
import { markdownTable } from "../cli/command/table.ts";

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
const seeds = values.seeds.split(",").map(wholeNumber), labelCount = wholeNumber(values.labels);
const place = values["data-dir"] === undefined ? [] : [`--data-dir=${values["data-dir"]}`];

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new RangeError(`Cannot compare suggestions as numbers must be whole ones above 0: one is ${text}`);
  }
  return value;
}

/** Stream of random numbers of this comparison. */
const stream = 0xc0ffee;

const { train } = await findDataset("mnist").load(
  values["data-dir"] === undefined ? {} : { dataDirectory: values["data-dir"] },
);
const classes = findDataset("mnist").classes;

/** The indices of all images in a random order. */
function shuffled(seed: number): number[] {
  const keys = hostUniform([seed, 0], stream, train.labels.length);
  return [...keys.entries()].sort(([, a], [, b]) => a - b).map(([index]) => index);
}

/** A label list of images with their true classes. */
function listOf(indices: readonly number[]): string {
  return formatLabelList(labelListOf(hideLabels(train.labels, Int32Array.from(indices)), classes));
}

/** Runs a program of the project; what it prints is shown. */
async function command(name: string, ...args: string[]): Promise<void> {
  const program = new URL(`../cli/${name}.ts`, import.meta.url).href;
  const { code } = await new Deno.Command(Deno.execPath(), { args: ["run", "-A", program, ...args] }).spawn()
    .status;
  // 134: Deno with WebGPU now and then aborts when all its work is done; what it left says whether it was.
  if (code !== 0 && code !== 134) {
    throw new Error(`Cannot go on as cli/${name}.ts must succeed: it ended with ${code}`);
  }
}

/** Trains with the labels of a list, unless that is done. @returns the teacher's test error. */
async function trained(folder: string, labels: readonly number[], seed: number): Promise<number> {
  const list = `${folder}.txt`;
  if (!await exists(list)) await writeAtomically(list, listOf(labels));
  if (await Deno.readTextFile(list) !== listOf(labels)) {
    throw new RangeError(
      `Cannot go on in ${output} as it must be of the same comparison: ${list} has other labels`,
    );
  }
  if (!await isFinished(folder)) {
    const last = await lastCheckpoint(folder);
    if (last !== undefined) await command("train", `--resume=${last}`);
    else {
      // What was interrupted before its first checkpoint begins anew.
      if (await exists(folder)) await Deno.remove(folder, { recursive: true });
      await command(
        "train",
        "--dataset=mnist",
        `--labels=${list}`,
        `--seed=${seed}`,
        `--output=${folder}`,
        ...(steps === undefined ? [] : [`--steps=${steps}`]),
        ...place,
      );
    }
  }
  const config = JSON.parse(await Deno.readTextFile(join(folder, "config.json")));
  if (`${config.steps ?? undefined}` !== `${steps}`) {
    throw new RangeError(
      `Cannot go on in ${output} as runs must be of --steps ${steps}: ${folder} has ${config.steps}`,
    );
  }
  return JSON.parse(await Deno.readTextFile(join(folder, "summary.json"))).teacher.testError;
}

/** What came of a seed: errors, and how many suggestions were of each class. */
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
  const order = shuffled(seed);
  const [labels, more] = [order.slice(0, labelCount), order.slice(labelCount, 2 * labelCount)];
  const first = await trained(join(folder, "first"), labels, seed);
  const list = join(folder, "suggestions.txt");
  if (!await exists(list)) {
    const page = list.replace(/\.txt$/, ".html");
    if (await exists(page)) await Deno.remove(page);
    await command(
      "suggest",
      join(folder, "first"),
      `--count=${labelCount}`,
      `--seed=${seed}`,
      `--output=${list}`,
      ...place,
    );
  }
  const names = [...parseLabelList(await Deno.readTextFile(list), { source: list }).keys()];
  const suggestions = names.map(exampleIndex).filter((index) => index !== undefined);
  const suggestedClasses = classes.map((_, c) =>
    suggestions.filter((index) => train.labels[index] === c).length
  );
  const suggested = await trained(join(folder, "suggested"), [...labels, ...suggestions], seed);
  const random = await trained(join(folder, "random"), [...labels, ...more], seed);
  return { seed, first, suggested, random, suggestedClasses };
}

function meanOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
}

/** Standard deviation of a sample; none of one. */
function deviationOf(numbers: readonly number[]): number | null {
  if (numbers.length < 2) return null;
  const mean = meanOf(numbers);
  return Math.sqrt(numbers.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (numbers.length - 1));
}

async function report(outcomes: readonly Outcome[]): Promise<void> {
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  const summed = (numbers: readonly number[]) => {
    const deviation = deviationOf(numbers);
    return percent(meanOf(numbers)) + (deviation === null ? "" : ` ± ${(100 * deviation).toFixed(2)}`);
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
    ["mean", ...columns.map((column) => summed(outcomes.map((outcome) => outcome[column]))), summed(gains)],
  ]);
  const means = Object.fromEntries(
    columns.map((column) => [column, meanOf(outcomes.map((outcome) => outcome[column]))]),
  );
  const results = {
    dataset: "mnist",
    labels: labelCount,
    steps: steps ?? null,
    outcomes,
    means,
    gain: meanOf(gains),
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
