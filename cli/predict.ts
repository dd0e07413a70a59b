/**
 * `deno run -A cli/predict.ts MODEL FOLDER|FILE…`: prints classes and probabilities of images as CSV or JSON, and sorts
 * pictures into folders.
 *
 * The exit code is 0 if all images were classified, 2 if some could not be decoded and were left out (stderr names them), and
 * 1 after an error; then the file of `--output` does not exist.
 * @module
 */
import { type ArrayImages, checkLabelPattern, readArrayImages } from "../data/files/mod.ts";
import { Model } from "../nn/mod.ts";
import { inGroup } from "../semisup/mod.ts";
import { classifyArrivals, classifyImages, type PredictInputs } from "./pictures/classify_pictures.ts";
import { collectImages } from "./pictures/image_files.ts";
import { PredictionResults } from "./pictures/prediction_results.ts";
import { checkSources, SortedFolder } from "./pictures/sorted_folder.ts";
import { openModel } from "./weights/open_model.ts";
import { defineCommand } from "./command/command.ts";
import {
  channelsRow,
  debugRow,
  labelPatternRow,
  type OptionsOf,
  pathRow,
  pluginRow,
  reportingRows,
  type Rows,
  switchRow,
} from "./command/rows.ts";
import { createPredictionFormatter, type PredictionFormat } from "./pictures/prediction_text.ts";
import { checkNewFile } from "./command/given_file.ts";
import { openGrowingSink, openTextSink } from "./terminal/text_sink.ts";
import { printNote } from "./terminal/output.ts";
import { requestDevice } from "./command/device.ts";
import type { Outcome } from "./command/process.ts";

/** Options of the command. */
const rows = {
  ...inGroup("data", {
    channels: { ...channelsRow, help: "channel axis of arrays (default: by their sizes)" },
    labelPattern: { ...labelPatternRow, help: "true class in names, for the accuracy, as in train" },
  }),
  ...inGroup("network", {
    student: switchRow("use the student of a checkpoint instead of the teacher"),
  }),
  ...inGroup("running", {
    watch: switchRow("classify pictures as they arrive in the folders, until Ctrl-C"),
    plugin: pluginRow,
    debug: debugRow,
  }),
  ...inGroup("output", {
    sortInto: pathRow("DIR", "copy the pictures into a folder for each class"),
    threshold: {
      kind: "number",
      default: null,
      minimum: 0,
      maximum: 1,
      help: "with --sort-into: probability below which pictures go to unsure",
    },
    link: switchRow("with --sort-into: make symbolic links, not copies"),
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

/** @throws {RangeError} if options do not fit together. */
async function checkOptions(options: PredictCommandOptions, format: PredictionFormat): Promise<void> {
  const { output, watch, sortInto, threshold, link, csvSafe, labelPattern } = options;
  if (labelPattern !== null) checkLabelPattern(labelPattern);
  if (csvSafe && format !== "csv") {
    throw new RangeError("Cannot use --csv-safe with JSON: only spreadsheets compute formulas");
  }
  if (sortInto === null && (threshold !== null || link)) {
    throw new RangeError(`Cannot use ${link ? "--link" : "--threshold"} without --sort-into`);
  }
  if (watch && format === "json") {
    throw new RangeError(
      `Cannot write ${output} with --watch: a JSON array needs an end. Name a .jsonl or .csv file.`,
    );
  }
  if (output !== null) await checkNewFile(output, "predictions");
}

/** Reads the images of paths; none if the paths are watched. */
async function readInputs(paths: readonly string[], options: PredictCommandOptions): Promise<PredictInputs> {
  const { watch, sortInto, link, channels } = options;
  if (watch) {
    await checkFolders(paths);
    return { files: [], images: [] };
  }
  const found = await collectImages(paths);
  const files = sortInto === null ? found.files : checkSources(found, sortInto, link);
  const images: ArrayImages[] = [];
  for (const array of found.arrays) {
    images.push(...await readArrayImages(array, { channels: channels ?? undefined }));
  }
  return { files, images };
}

/** @throws {RangeError} if a path is not a folder. */
async function checkFolders(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const isFolder = await Deno.stat(path).then((info) => info.isDirectory, () => false);
    if (!isFolder) throw new RangeError(`Cannot watch ${path}: it must be a folder`);
  }
}

/** Classifies the images of some paths. */
async function predict(
  modelPath: string,
  paths: readonly string[],
  options: PredictCommandOptions,
  signal: AbortSignal,
): Promise<Outcome> {
  const format = formatOf(options);
  await checkOptions(options, format);
  const inputs = await readInputs(paths, options);
  using device = await requestDevice();
  const { path, contents } = await openModel(modelPath, { student: options.student, device });
  if (options.top > contents.classes.length) {
    throw new RangeError(
      `--top must be at most the number of classes, ${contents.classes.length}, but is ${options.top}`,
    );
  }
  using model = await Model.create(contents, { device }, path);
  const sorted = await openSorted(model, options);
  const { watch, output, json, top, probabilities, csvSafe, labelPattern: pattern } = options;
  const formatter = createPredictionFormatter(format, model.classes, { top, probabilities, isSafe: csvSafe });
  // Sorting alone prints only its summary.
  const isWritten = sorted === null || output !== null || json;
  await using sink = isWritten ? await (watch ? openGrowingSink : openTextSink)(output) : null;
  const results = new PredictionResults(
    model,
    { text: sink && { sink, formatter }, sorted },
    pattern === null ? null : { pattern, paths },
  );
  await results.begin();
  return watch
    ? await classifyArrivals(model, paths, results, options, signal)
    : await classifyImages(model, inputs, results, options, signal);
}

/** Opens the folder of `--sort-into`; null if none. */
async function openSorted(
  model: Model,
  { sortInto, threshold, link }: PredictCommandOptions,
): Promise<SortedFolder | null> {
  if (sortInto === null) return null;
  const sorted = await SortedFolder.open(sortInto, model.classes, { threshold, isLinked: link });
  const names = sorted.describeNames();
  if (names !== undefined) printNote(names);
  return sorted;
}

/** `predict`. */
export const predictCommand = defineCommand({
  name: "predict",
  permissions: { read: true, env: true, ffi: "for pictures", write: "for --output and --sort-into" },
  description: "Classifies images with a trained model: file, class and probability of each.",
  rows,
  operands: [
    { name: "MODEL", help: "folder of a run, checkpoint, or model" },
    {
      name: "FOLDER|FILE",
      help: "images, folders or ZIP archives of images, or arrays (.npy, .npz, idx, .csv of pixels)",
      isMany: true,
    },
  ],
  examples: [
    ["runs/a photos --top 3 --json", "JSON lines on stdout"],
    ["runs/a photos --sort-into sorted --threshold 0.8", "folders"],
    ["runs/a inbox --watch", "pictures as they arrive"],
  ],
  // Pictures that are being copied are finished.
  stopsAtOnce: ({ watch, sortInto }) => !watch && sortInto === null,
  stopNotice: "Stopping; press again to stop at once",
  async run({ options, operands: [model, paths] }, signal) {
    try {
      return await predict(model, paths, options, signal);
    } catch (error) {
      // The reader of stdout, such as head, has closed it.
      if (error instanceof Deno.errors.BrokenPipe) return "finished";
      throw error;
    }
  },
});

if (import.meta.main) await predictCommand.start();
