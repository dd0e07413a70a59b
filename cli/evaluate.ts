/**
 * `deno run -A cli/evaluate.ts RUN|FILE [DIR|LIST]`: how a checkpoint, a model, or weights saved by PyTorch classify a test set.
 * @module
 */
import { datasets, writeAtomically } from "../data/files/mod.ts";
import type { Dataset } from "../data/mod.ts";
import { Device } from "../kernels/mod.ts";
import { architectures } from "../nn/mod.ts";
import { evaluateWeights, formatReports } from "./weights/evaluate_weights.ts";
import { damageReporter, loadDataset, loadDatasetOf, significantBitsIn, USER_FOLDER } from "./plan/inputs.ts";
import { defineCommand } from "./command/command.ts";
import { dataDirRow, debugRow, downloadRow, type OptionsOf, pathRow, type Rows } from "./command/rows.ts";
import { withInterval } from "./command/figures.ts";
import type { Outcome } from "./command/process.ts";
import { reportDownload } from "./command/download_progress.ts";
import { flagOf } from "./command/options.ts";
import { checkNewFile } from "./command/given_file.ts";
import { runFiles } from "./run/run_folder.ts";
import { loadLabelledPictures } from "./weights/labelled_pictures.ts";
import { findRunFile } from "./weights/open_model.ts";
import { readWeights, type Weights } from "./weights/weights_file.ts";

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
  given: string,
  pictures: string | undefined,
  options: OptionsOf<typeof rows>,
  signal: AbortSignal,
): Promise<Outcome> {
  if (options.json !== null) await checkNewFile(options.json, "the figures");
  const path = await findRunFile(given, [runFiles.final, runFiles.model]);
  const weights = await readWeights(path);
  const dataset = pictures === undefined
    ? await loadOwn(weights, options, signal)
    : await loadGiven(pictures, weights, options, signal);
  using device = await Device.request();
  const reports = await evaluateWeights(device, weights, dataset, options.architecture);
  damageReporter(dataset)();
  console.log(`${path}: ${formatReports(reports, dataset)}`);
  if (options.json !== null) {
    const figures = {
      file: path,
      step: weights.checkpoint?.step,
      dataset: pictures ?? options.dataset ?? weights.description?.about["dataset"],
      classNames: dataset.classes,
      ...Object.fromEntries(Object.entries(reports).map(([who, report]) => [who, withInterval(report)])),
    };
    await writeAtomically(options.json, `${JSON.stringify(figures, null, 2)}\n`);
  }
  return "finished";
}

/** Pictures that the file knows nothing of. */
async function loadGiven(
  pictures: string,
  weights: Weights,
  options: OptionsOf<typeof rows>,
  signal: AbortSignal,
): Promise<Dataset> {
  const clash = (["dataset", "dataDir"] as const).find((option) => options[option] !== null);
  if (clash === undefined) return await loadLabelledPictures(pictures, weights, signal);
  throw new RangeError(`Cannot use ${flagOf(clash)} with ${pictures} as both say what to test on`);
}

/** The dataset that is asked for, or that of the file's own run. */
async function loadOwn(
  weights: Weights,
  options: OptionsOf<typeof rows>,
  signal: AbortSignal,
): Promise<Dataset> {
  const { path, description } = weights, about = description?.about ?? {};
  const name = options.dataset ?? about["dataset"];
  if (name === undefined) {
    throw new RangeError(
      `Cannot evaluate ${path} as --dataset must say on what: it is neither a checkpoint nor a model`,
    );
  }
  if (name === USER_FOLDER && !weights.checkpoint) {
    throw new RangeError(
      `Cannot evaluate ${path} on the pictures of its run as it must be the checkpoint beside it, ${runFiles.final}, that knows which were held out: it is a model`,
    );
  }
  const { dataDir, download } = options;
  const reading = { signal, onProgress: reportDownload() };
  // The checkpoint's folder is that of its own dataset, and so is what it held out.
  return weights.checkpoint && name === about["dataset"]
    ? await loadDatasetOf(weights.checkpoint, {
      directory: dataDir,
      download,
      testOnly: weights.checkpoint.options.normalize === "channel",
      ...reading,
    })
    : await loadDataset(
      { dataset: name, dataDir, download, imageSize: weights.description?.imageSize ?? null },
      // As the images of its run were scaled, so are these.
      { ...reading, ...(weights.description && { significantBits: significantBitsIn(about) }) },
    );
}

/** The command. */
export const evaluateCommand = defineCommand({
  name: "cli/evaluate.ts",
  description:
    "Tests the networks of a file: error, accuracy by class, confusions and calibration of student and teacher.",
  rows,
  operands: [
    {
      name: "RUN|FILE",
      help:
        "the folder of a run, a checkpoint, a model, or any safetensors file with weights under PyTorch's names",
    },
    {
      name: "DIR|LIST",
      help:
        "labelled pictures to test on: a folder with sub-folders of classes, a label list or arrays, or a label list beside its pictures (default: the test images of the run)",
      isOptional: true,
    },
  ],
  stopsAtOnce: true,
  run: ({ options, operands: [path, pictures] }, signal) => evaluate(path, pictures, options, signal),
});

if (import.meta.main) await evaluateCommand.start();
