/**
 * `deno run -A cli/evaluate.ts FILE`: how a checkpoint, a model, or weights saved by PyTorch classify a test set.
 * @module
 */
import { datasets, writeAtomically } from "../data/files/mod.ts";
import { Device } from "../kernels/mod.ts";
import { architectures } from "../nn/mod.ts";
import { evaluateWeights, formatReports } from "./weights/evaluate_weights.ts";
import { damageReporter, loadDataset, loadDatasetOf, OWN } from "./plan/inputs.ts";
import { defineCommand } from "./command/command.ts";
import { dataDirRow, debugRow, downloadRow, type OptionsOf, pathRow, type Rows } from "./command/rows.ts";
import { withInterval } from "./command/figures.ts";
import type { Outcome } from "./command/process.ts";
import { reportDownload } from "./command/download_progress.ts";
import { checkNewFile } from "./command/given_file.ts";
import { runFiles } from "./run/run_folder.ts";
import { readWeights } from "./weights/weights_file.ts";

/** What is asked of the program. */
const rows = {
  dataset: {
    kind: "name",
    default: null,
    names: datasets.map(({ name }) => name),
    help: `what to test on: ${datasets.map(({ name }) => name).join(", ")} (default: what the file says)`,
  },
  dataDir: dataDirRow,
  download: downloadRow,
  architecture: {
    kind: "name",
    default: null,
    names: architectures.map(({ name }) => name),
    help: `network that the weights are of, where the file does not say it: ${
      architectures.map(({ name }) => name).join(", ")
    }`,
  },
  json: pathRow("FILE", "a new file for all figures, as JSON"),
  debug: debugRow,
} as const satisfies Rows;

/** Tests the networks of a file. */
async function evaluate(
  path: string,
  options: OptionsOf<typeof rows>,
  signal: AbortSignal,
): Promise<Outcome> {
  if (options.json !== null) await checkNewFile(options.json, "the figures");
  const weights = await readWeights(path);
  const about = weights.purpose?.about ?? {};
  const name = options.dataset ?? about["dataset"];
  if (name === undefined) {
    throw new RangeError(
      `Cannot evaluate ${path} as --dataset must say on what: it is neither a checkpoint nor a model`,
    );
  }
  if (name === OWN && !weights.checkpoint) {
    throw new RangeError(
      `Cannot evaluate ${path} on the pictures of its run as it must be the checkpoint beside it, ${runFiles.final}, that knows which were held out: it is a model`,
    );
  }
  const { dataDir, download, architecture } = options;
  const reading = { signal, onProgress: reportDownload() };
  // The checkpoint's folder is that of its own dataset, and so is what it held out.
  const dataset = weights.checkpoint && name === about["dataset"]
    ? await loadDatasetOf(weights.checkpoint, {
      directory: dataDir,
      download,
      testOnly: weights.checkpoint.options.normalize === "channel",
      ...reading,
    })
    : await loadDataset(
      { dataset: name, dataDir, download, imageSize: weights.purpose?.imageSize ?? null },
      reading,
    );
  using device = await Device.request();
  const reports = await evaluateWeights(device, weights, dataset, architecture);
  damageReporter(dataset)();
  console.log(`${path}: ${formatReports(reports, dataset)}`);
  if (options.json !== null) {
    const { classes } = dataset;
    const figures = {
      file: path,
      step: weights.checkpoint?.step,
      dataset: name,
      classNames: classes,
      ...Object.fromEntries(Object.entries(reports).map(([who, report]) => [who, withInterval(report)])),
    };
    await writeAtomically(options.json, `${JSON.stringify(figures, null, 2)}\n`);
  }
  return "finished";
}

/** The command. */
export const evaluateCommand = defineCommand({
  name: "cli/evaluate.ts",
  description:
    "Tests the networks of a file: error, accuracy by class, confusions and calibration of student and teacher.",
  rows,
  operands: [{
    name: "FILE",
    help: "a checkpoint, a model, or any safetensors file with weights under PyTorch's names",
  }],
  stopsAtOnce: true,
  run: ({ options, operands: [path] }, signal) => evaluate(path, options, signal),
});

if (import.meta.main) await evaluateCommand.start();
