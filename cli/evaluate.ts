/**
 * `deno run -A cli/evaluate.ts RUN|FILE [DIR|LIST]`: tests a checkpoint, a model, or weights saved by PyTorch.
 * @module
 */
import { datasetNames, writeAtomically } from "../data/files/mod.ts";
import type { Dataset } from "../data/mod.ts";
import { architectureNames } from "../nn/mod.ts";
import { inGroup } from "../semisup/mod.ts";
import { evaluateWeights, formatReports } from "./weights/evaluate_weights.ts";
import { significantBitsIn, USER_FOLDER } from "./plan/about_data.ts";
import { damageReporter, loadDataset, loadDatasetOf } from "./plan/inputs.ts";
import { defineCommand } from "./command/command.ts";
import {
  dataDirRow,
  debugRow,
  downloadRow,
  labelPatternRow,
  type OptionsOf,
  pathRow,
  pluginRow,
  reportingRows,
  type Rows,
} from "./command/rows.ts";
import { withInterval } from "./terminal/figures.ts";
import type { Outcome } from "./command/process.ts";
import { reportDownload } from "./terminal/download_progress.ts";
import { flagOf } from "./command/options.ts";
import { checkNewFile } from "./command/given_file.ts";
import { runFiles } from "./run_files/run_files.ts";
import { loadLabelledPictures } from "./weights/labelled_pictures.ts";
import { findRunFile } from "./weights/open_model.ts";
import { readWeights, type Weights } from "./weights/weights_file.ts";
import { printResult } from "./terminal/output.ts";
import { requestDevice } from "./command/device.ts";

/** Options of the command. */
const rows = {
  ...inGroup("data", {
    dataset: {
      kind: "name",
      default: null,
      names: datasetNames,
      help: "dataset to test on (default: that of the run)",
    },
    dataDir: dataDirRow,
    download: downloadRow,
  }),
  ...inGroup("labels", {
    labelPattern: { ...labelPatternRow, help: `with DIR: ${labelPatternRow.help}` },
  }),
  ...inGroup("network", {
    architecture: {
      kind: "name",
      default: null,
      names: architectureNames,
      help: "network of the weights, if the file does not name it",
    },
  }),
  ...inGroup("running", { plugin: pluginRow, debug: debugRow }),
  ...inGroup("output", { output: pathRow("FILE", "new JSON file for all figures") }),
  ...reportingRows,
} as const satisfies Rows;

/** Tests the networks of a file. */
async function evaluate(
  given: string,
  pictures: string | undefined,
  options: OptionsOf<typeof rows>,
  signal: AbortSignal,
): Promise<Outcome> {
  if (options.output !== null) await checkNewFile(options.output, "the figures");
  const path = await findRunFile(given, ["checkpoint", "model"]);
  const weights = await readWeights(path);
  const dataset = pictures === undefined
    ? await loadOwn(weights, options, signal)
    : await loadGiven(pictures, weights, options, signal);
  using device = await requestDevice();
  const reports = await evaluateWeights(device, weights, dataset, options.architecture);
  damageReporter(dataset)();
  const figures = {
    file: path,
    step: weights.checkpoint?.step,
    dataset: pictures ?? options.dataset ?? weights.description?.about["dataset"],
    classNames: dataset.classes,
    ...Object.fromEntries(Object.entries(reports).map(([name, report]) => [name, withInterval(report)])),
  };
  printResult(`${path}: ${formatReports(reports, dataset)}`, { kind: "evaluation", ...figures });
  if (options.output !== null) {
    await writeAtomically(options.output, `${JSON.stringify(figures, null, 2)}\n`);
  }
  return "finished";
}

/** Loads labelled images that the user names. */
async function loadGiven(
  pictures: string,
  weights: Weights,
  options: OptionsOf<typeof rows>,
  signal: AbortSignal,
): Promise<Dataset> {
  const { labelPattern } = options;
  const clash = (["dataset", "dataDir"] as const).find((option) => options[option] !== null);
  if (clash === undefined) return await loadLabelledPictures(pictures, weights, { labelPattern, signal });
  throw new RangeError(
    `Cannot combine ${flagOf(clash)} with ${pictures}: both name test images. Leave out one of them.`,
  );
}

/** Loads the dataset of the options, or else that of the run. */
async function loadOwn(
  weights: Weights,
  options: OptionsOf<typeof rows>,
  signal: AbortSignal,
): Promise<Dataset> {
  const { path, description } = weights, about = description?.about ?? {};
  if (options.labelPattern !== null) {
    throw new RangeError(
      "Cannot use --label-pattern without DIR: the labels of a run's own test images are those of the run",
    );
  }
  const name = options.dataset ?? about["dataset"];
  if (name === undefined) {
    throw new RangeError(
      `--dataset is missing: ${path} is neither a checkpoint nor a model, so it names no dataset`,
    );
  }
  if (name === USER_FOLDER && !weights.checkpoint) {
    throw new RangeError(
      `Cannot evaluate the model ${path} on the images of its run: only the checkpoint ${runFiles.final} beside it lists the held-out ones. Evaluate that checkpoint.`,
    );
  }
  const { dataDir, download } = options;
  const reading = { signal, onProgress: reportDownload() };
  // The folder and the held-out images of a checkpoint belong to its own dataset.
  return weights.checkpoint && name === about["dataset"]
    ? await loadDatasetOf(weights.checkpoint, {
      directory: dataDir,
      download,
      testOnly: weights.checkpoint.options.normalize === "channel",
      ...reading,
    })
    : await loadDataset(
      { dataset: name, dataDir, download, imageSize: weights.description?.imageSize ?? null },
      // The images are scaled as those of the run.
      { ...reading, ...(weights.description && { significantBits: significantBitsIn(about) }) },
    );
}

/** `evaluate`. */
export const evaluateCommand = defineCommand({
  name: "evaluate",
  permissions: { read: true, env: true, ffi: "for pictures", write: "for --output", net: "for downloads" },
  description: "Tests student and teacher: errors, accuracy by class, confusions and calibration.",
  rows,
  operands: [
    {
      name: "RUN|FILE",
      help: "folder of a run, checkpoint, model, or safetensors file with PyTorch's weight names",
    },
    {
      name: "DIR|LIST",
      help: "labelled images: class folders, a label list, or arrays (default: the run's test images)",
      isOptional: true,
    },
  ],
  examples: [
    ["runs/a", "the test images of the run"],
    ["runs/a photos", "your own labelled images"],
    ["w.safetensors --dataset mnist --arch convnet13", "from PyTorch"],
  ],
  stopsAtOnce: true,
  run: ({ options, operands: [path, pictures] }, signal) => evaluate(path, pictures, options, signal),
});

if (import.meta.main) await evaluateCommand.start();
