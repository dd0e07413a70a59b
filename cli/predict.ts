/**
 * `deno run -A cli/predict.ts MODEL FOLDER|FILE…`: prints classes and probabilities of images as CSV or JSON.
 *
 * The exit code is 0 if all images were classified, 2 if some could not be decoded and were left out (stderr names them), and
 * 1 after an error; then the file of `--output` does not exist.
 * @module
 */
import { type ArrayImages, readArrayImages } from "../data/files/mod.ts";
import { describeDamage } from "../data/internal.ts";
import type { DamagedFile } from "../data/mod.ts";
import { Model } from "../nn/mod.ts";
import { inGroup } from "../semisup/mod.ts";
import { collectImages } from "./pictures/image_files.ts";
import { FolderAccuracy } from "./pictures/folder_accuracy.ts";
import { predictArrays, predictFiles } from "./pictures/predictions.ts";
import { openModel } from "./weights/open_model.ts";
import { defineCommand } from "./command/command.ts";
import {
  channelsRow,
  debugRow,
  type OptionsOf,
  pathRow,
  pluginRow,
  reportingRows,
  type Rows,
  switchRow,
} from "./command/rows.ts";
import { createPredictionFormatter, type PredictionFormat } from "./pictures/prediction_text.ts";
import { Counter } from "./terminal/counter.ts";
import { checkNewFile } from "./command/given_file.ts";
import { openTextSink } from "./terminal/text_sink.ts";
import { printNote, printRecord, printWarning } from "./terminal/output.ts";
import { requestDevice } from "./command/device.ts";

/** Options of the command. */
const rows = {
  ...inGroup("data", { channels: channelsRow }),
  ...inGroup("network", {
    student: switchRow("use the student of a checkpoint instead of the teacher"),
  }),
  ...inGroup("running", { plugin: pluginRow, debug: debugRow }),
  ...inGroup("output", {
    output: pathRow(
      "FILE",
      "new file: .csv, .json (one array) or .jsonl (JSON lines) (default: CSV on stdout)",
    ),
    top: { kind: "integer", default: 1, minimum: 1, help: "number of most likely classes per image" },
    probabilities: switchRow("also write the probability of every class"),
    csvSafe: switchRow(
      "in CSV, put an apostrophe before names that spreadsheets would compute as formulas (=, +, -, @)",
    ),
  }),
  ...reportingRows,
} as const satisfies Rows;

type PredictCommandOptions = OptionsOf<typeof rows>;

const formats: Readonly<Record<string, PredictionFormat>> = {
  ".csv": "csv",
  ".json": "json",
  ".jsonl": "jsonl",
};

function formatOf({ output, json }: PredictCommandOptions): PredictionFormat {
  if (output === null) return json ? "jsonl" : "csv";
  const extension = /\.[^./\\]*$/.exec(output)?.[0].toLowerCase() ?? "";
  const format = formats[extension];
  if (!format) {
    throw new RangeError(
      `Cannot write predictions to ${output}: the name must end with ${Object.keys(formats).join(", ")}`,
    );
  }
  return format;
}

/** Classifies the images of some paths. @returns the number of images left out. */
async function predict(
  modelPath: string,
  paths: readonly string[],
  options: PredictCommandOptions,
): Promise<number> {
  const format = formatOf(options);
  const { output, student } = options;
  if (options.csvSafe && format !== "csv") {
    throw new RangeError("Cannot use --csv-safe with JSON: only spreadsheets compute formulas");
  }
  if (output !== null) await checkNewFile(output, "predictions");
  const { files, arrays } = await collectImages(paths);
  const images: ArrayImages[] = [];
  for (const array of arrays) {
    images.push(...await readArrayImages(array, { channels: options.channels ?? undefined }));
  }
  using device = await requestDevice();
  const { path, contents } = await openModel(modelPath, { student, device });
  if (options.top > contents.classes.length) {
    throw new RangeError(
      `--top must be at most the number of classes, ${contents.classes.length}, but is ${options.top}`,
    );
  }
  using model = await Model.create(contents, { device }, path);
  return await classify(model, { files, images }, format, options);
}

/** Classifies files and images of arrays, and writes the predictions. @returns the number of images that could not be decoded. */
async function classify(
  model: Model,
  { files, images }: { readonly files: readonly string[]; readonly images: readonly ArrayImages[] },
  format: PredictionFormat,
  { output, top, probabilities, csvSafe }: PredictCommandOptions,
): Promise<number> {
  const columns = { top, probabilities, isSafe: csvSafe };
  const text = createPredictionFormatter(format, model.classes, columns);
  const damaged: DamagedFile[] = [];
  const count = images.reduce((sum, { names }) => sum + names.length, files.length);
  await using sink = await openTextSink(output);
  const counter = new Counter(count), accuracy = new FolderAccuracy(model.classes);
  try {
    await sink.write(text.head);
    for (const batches of [predictFiles(model, files, damaged), predictArrays(model, images)]) {
      for await (const batch of batches) {
        await sink.write(batch.map(([name, prediction]) => text.row(name, prediction)).join(""));
        for (const [name, prediction] of batch) accuracy.add(name, prediction);
        counter.add(batch.length);
      }
    }
    counter.stop();
    if (damaged.length === count) {
      throw new RangeError(`Cannot classify any image: ${describeDamage(damaged, 5)}`);
    }
    await sink.write(text.tail);
    await sink.finish();
  } finally {
    counter.stop();
  }
  printSummary(model, count, damaged.length);
  if (accuracy.count > 0) printNote(accuracy.describe());
  if (damaged.length > 0) printWarning(describeDamage(damaged));
  if (output !== null) printRecord({ kind: "predictions", output, images: count, damaged: damaged.length });
  return damaged.length;
}

/** Prints the number of classified images, and the network. */
function printSummary(model: Model, images: number, damaged: number): void {
  const { temperature, about } = model.description;
  const calibration = temperature === 1
    ? "not calibrated"
    : `calibrated, temperature ${temperature.toPrecision(3)}`;
  const network = about["network"] ?? "network";
  printNote(`${images - damaged} of ${images} images classified by the ${network} (${calibration})`);
}

/** `predict`. */
export const predictCommand = defineCommand({
  name: "predict",
  permissions: { read: true, env: true, ffi: "for pictures", write: "for --output" },
  description: "Classifies images with a trained model: file, class and probability of each.",
  rows,
  operands: [
    { name: "MODEL", help: "folder of a run, checkpoint, or model" },
    {
      name: "FOLDER|FILE",
      help: "images, folders or ZIP archives of images, or arrays (.npy, .npz, idx)",
      isMany: true,
    },
  ],
  examples: [
    ["runs/a photos", "CSV on stdout"],
    ["runs/a photos --top 3 --json", "JSON lines on stdout"],
    ["model.safetensors a.jpg b.png --output classes.csv", "into a file"],
  ],
  stopsAtOnce: true,
  async run({ options, operands: [model, paths] }) {
    try {
      return await predict(model, paths, options) === 0 ? "finished" : "incomplete";
    } catch (error) {
      // The reader of stdout, such as head, has closed it.
      if (error instanceof Deno.errors.BrokenPipe) return "finished";
      throw error;
    }
  },
});

if (import.meta.main) await predictCommand.start();
