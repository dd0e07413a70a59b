/**
 * `deno run -A cli/predict.ts MODEL FOLDER|FILE…`: classes and probabilities of pictures, as CSV or JSON.
 *
 * It ends with 0 when all files were classified, with 2 when some could not be decoded and were left out (they are named
 * on stderr, with their number), and with 1 when it was impossible; then a file of `--output` is not there.
 * @module
 */
import { type ArrayImages, readArrayImages } from "../data/files/mod.ts";
import { type DamagedFile, describeDamage } from "../data/mod.ts";
import { Device } from "../kernels/mod.ts";
import { Model } from "../nn/mod.ts";
import { collectImages } from "./pictures/image_files.ts";
import { FolderAccuracy } from "./pictures/folder_accuracy.ts";
import { predictArrays, predictFiles } from "./pictures/predictions.ts";
import { openModel } from "./weights/open_model.ts";
import { defineCommand } from "./command/command.ts";
import { channelsRow, debugRow, type OptionsOf, pathRow, type Rows, switchRow } from "./command/rows.ts";
import { createPredictionFormatter, type PredictionFormat } from "./pictures/prediction_text.ts";
import { Counter } from "./command/counter.ts";
import { checkNewFile } from "./command/given_file.ts";
import { openTextSink } from "./command/text_sink.ts";

/** What is asked of the program. */
const rows = {
  output: pathRow(
    "FILE",
    "a new file for the predictions: .csv, .json (an array) or .jsonl (an object a line) (default: stdout, as CSV)",
  ),
  json: switchRow("print a JSON array, with an object a line"),
  top: { kind: "integer", default: 1, minimum: 1, help: "how many of the likeliest classes" },
  probabilities: switchRow("the probabilities of all classes"),
  channels: channelsRow,
  student: switchRow("the student's predictions in the place of the teacher's, of a checkpoint"),
  debug: debugRow,
} as const satisfies Rows;

type PredictCommandOptions = OptionsOf<typeof rows>;

const formats: Readonly<Record<string, PredictionFormat>> = {
  ".csv": "csv",
  ".json": "json",
  ".jsonl": "jsonl",
};

function formatOf({ output, json }: PredictCommandOptions): PredictionFormat {
  if (output === null) return json ? "json" : "csv";
  const extension = /\.[^./\\]*$/.exec(output)?.[0].toLowerCase() ?? "";
  const format = formats[extension];
  if (!format) {
    throw new RangeError(
      `Cannot write predictions to ${output} as its name must end with ${Object.keys(formats).join(", ")}`,
    );
  }
  if (json && format === "csv") {
    throw new RangeError(`Cannot use --json with ${output} as its name says CSV`);
  }
  return format;
}

/** Classifies the images of paths. @returns how many files were left out. */
async function predict(
  modelPath: string,
  paths: readonly string[],
  options: PredictCommandOptions,
): Promise<number> {
  const format = formatOf(options);
  const { output, student } = options;
  if (output !== null) await checkNewFile(output, "predictions");
  const { files, arrays } = await collectImages(paths);
  const images: ArrayImages[] = [];
  for (const array of arrays) {
    images.push(...await readArrayImages(array, { channels: options.channels ?? undefined }));
  }
  using device = await Device.request();
  const { path, contents } = await openModel(modelPath, { student, device });
  if (options.top > contents.classes.length) {
    throw new RangeError(
      `Cannot use --top ${options.top} as ${path} must have as many classes: it has ${contents.classes.length}`,
    );
  }
  using model = await Model.create(contents, { device }, path);
  return await classify(model, { files, images }, format, options);
}

/** Classifies files and images of arrays, and writes what they are. @returns how many could not be decoded. */
async function classify(
  model: Model,
  { files, images }: { readonly files: readonly string[]; readonly images: readonly ArrayImages[] },
  format: PredictionFormat,
  { output, top, probabilities }: PredictCommandOptions,
): Promise<number> {
  const text = createPredictionFormatter(format, model.classes, { top, probabilities });
  const { temperature, about } = model.description;
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
      throw new RangeError(`Cannot classify as files must be images: ${describeDamage(damaged, 5)}`);
    }
    await sink.write(text.tail);
    await sink.finish();
  } finally {
    counter.stop();
  }
  const network = about["network"] ?? "network";
  const calibration = temperature === 1
    ? "not calibrated"
    : `calibrated, temperature ${temperature.toPrecision(3)}`;
  console.error(
    `${count - damaged.length} of ${count} images classified by the ${network} (${calibration})`,
  );
  if (accuracy.count > 0) console.error(accuracy.describe());
  if (damaged.length > 0) console.error(describeDamage(damaged));
  return damaged.length;
}

/** The command. */
export const predictCommand = defineCommand({
  name: "cli/predict.ts",
  description:
    "Classifies pictures with a trained model: file, class and probability of each, as CSV or JSON. Ends with 0 when all " +
    "were classified, 2 when some could not be decoded and were left out, 1 when it was impossible.",
  rows,
  operands: [
    { name: "MODEL", help: "a model file, a checkpoint, or the folder of a run" },
    {
      name: "FOLDER|FILE",
      help:
        "pictures, or folders or ZIP archives with pictures in them and below: JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF; or arrays: .npy, .npz, idx, or a folder of them",
      isMany: true,
    },
  ],
  stopsAtOnce: true,
  async run({ options, operands: [model, paths] }) {
    try {
      return await predict(model, paths, options) === 0 ? "finished" : "incomplete";
    } catch (error) {
      // Whoever read stdout, such as head, has had enough.
      if (error instanceof Deno.errors.BrokenPipe) return "finished";
      throw error;
    }
  },
});

if (import.meta.main) await predictCommand.start();
