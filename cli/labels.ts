/**
 * `deno run -A cli/labels.ts`: draws labels as `train` does and writes them as a label list.
 * @module
 */
import { join } from "node:path";
import { createFolder } from "../data/files/mod.ts";
import { balancedCounts, classSplit, type Dataset, hideLabels, proportionalCounts } from "../data/mod.ts";
import { inGroup } from "../semisup/mod.ts";
import { damageReporter, loadDataset } from "./plan/inputs.ts";
import { chooseLabels, countLabels, formatLabels } from "./plan/training_labels.ts";
import { defineCommand } from "./command/command.ts";
import {
  countRow,
  dataDirRow,
  datasetRow,
  debugRow,
  downloadRow,
  listRow,
  type OptionsOf,
  pathRow,
  pluginRow,
  type Rows,
  seedRow,
  switchRow,
} from "./command/rows.ts";
import type { Outcome } from "./command/process.ts";
import { openTextSink } from "./terminal/text_sink.ts";
import { findRecipe } from "./plan/recipes.ts";
import { reportDownload } from "./terminal/download_progress.ts";
import { checkNewFile } from "./command/given_file.ts";
import { printResult } from "./terminal/output.ts";

/** Options of the command. */
const rows = {
  ...inGroup("data", {
    dataset: { ...datasetRow, help: "dataset to draw from" },
    dataDir: dataDirRow,
    download: downloadRow,
  }),
  ...inGroup("labels", {
    labelsPerClass: { ...countRow, help: "labels per class (default: as for train)" },
    labels: { ...countRow, help: "labels in total; the seed decides which classes get one more" },
    proportional: switchRow("with --labels: keep the proportions of the classes"),
  }),
  ...inGroup("running", {
    seed: { ...seedRow, help: "seed of the draw (default: 1)" },
    seeds: listRow("N,…", seedRow, "several seeds; writes one list for each into the folder --output"),
    plugin: pluginRow,
    debug: debugRow,
  }),
  ...inGroup("output", {
    output: pathRow("FILE", "new file, or with --seeds new folder (default: print the list)"),
  }),
} as const satisfies Rows;

type LabelsOptions = OptionsOf<typeof rows>;

/** Checks options. @throws {RangeError} if they contradict each other. */
function checkOptions(options: LabelsOptions): void {
  if (options.labels !== null && options.labelsPerClass !== null) {
    throw new RangeError(
      "Cannot combine --labels and --labels-per-class: both set the number of labels",
    );
  }
  if (options.seed !== null && options.seeds !== null) {
    throw new RangeError("Cannot combine --seed and --seeds: both set the seed");
  }
  if (options.proportional && options.labels === null) {
    throw new RangeError(
      "--proportional needs the total number of labels: add --labels N",
    );
  }
}

/** Returns the files to write by seed; null to print the list. @throws {RangeError} if a file exists. */
async function filesOf({ seed, seeds, output }: LabelsOptions): Promise<Map<number, string | null>> {
  if (seeds !== null && output === null) {
    throw new RangeError("--seeds needs a folder for the lists: add --output DIR");
  }
  const files = seeds === null || output === null
    ? [[seed ?? 1, output] as const]
    : seeds.map((each) => [each, join(output, `seed-${each}.txt`)] as const);
  for (const [, path] of files) if (path !== null) await checkNewFile(path, "labels");
  return new Map(files);
}

/** Returns the drawn labels; NO_LABEL (−1) for all other examples. */
async function draw(dataset: Dataset, options: LabelsOptions, seed: number): Promise<Int32Array> {
  const { labels: total, labelsPerClass, proportional } = options;
  const { train: { labels }, classes } = dataset;
  if (total === null) {
    const drawn = labelsPerClass ?? findRecipe(options.dataset).labelsPerClass;
    return await chooseLabels(dataset, { labels: null, labelsPerClass: drawn, seed });
  }
  const sizes = () => classes.map((_, label) => labels.reduce((n, each) => each === label ? n + 1 : n, 0));
  const counts = proportional
    ? proportionalCounts(total, sizes(), classes)
    : balancedCounts(total, classes.length, seed);
  return hideLabels(labels, classSplit(labels, counts, seed, classes));
}

/** Draws labels, and writes or prints them. */
async function writeLabels(options: LabelsOptions, signal: AbortSignal): Promise<Outcome> {
  checkOptions(options);
  const files = await filesOf(options);
  const dataset = await loadDataset(options, { signal, onProgress: reportDownload() });
  damageReporter(dataset)();
  const { classes, train: { names } } = dataset;
  // All lists are drawn before any is written, so that an error leaves no file behind.
  const drawn: [string | null, Int32Array][] = [];
  for (const [seed, path] of files) drawn.push([path, await draw(dataset, options, seed)]);
  if (options.seeds !== null && options.output !== null) await createFolder(options.output);
  for (const [path, labels] of drawn) {
    await using sink = await openTextSink(path);
    await sink.write(formatLabels(labels, classes, names));
    await sink.finish();
    if (path === null) continue;
    printResult(`${countLabels(labels)} labels of ${classes.length} classes of ${dataset.name}: ${path}`);
  }
  return "finished";
}

/** `labels`. */
export const labelsCommand = defineCommand({
  name: "labels",
  permissions: { read: true, env: true, write: "for --output", net: "for downloads" },
  description: "Draws labels and writes them as a label list for train --labels.",
  rows,
  operands: [],
  examples: [
    ["--labels-per-class 10", "print ten labels of each class of MNIST"],
    ["--dataset cifar10 --labels 4000 --output cifar.txt", "write a list"],
    ["--labels 100 --seeds 1,2,3 --output lists", "one list for each seed"],
  ],
  stopsAtOnce: true,
  run: ({ options }, signal) => writeLabels(options, signal),
});

if (import.meta.main) await labelsCommand.start();
