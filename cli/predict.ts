/**
 * `deno run -A cli/predict.ts MODEL FOLDER|FILE…`: classes and probabilities of pictures, as CSV or JSON.
 *
 * It ends with 0 when all files were classified, with 2 when some could not be decoded and were left out (they are named
 * on stderr, with their number), and with 1 when it was impossible; then a file of `--output` is not there.
 * @module
 */
import config from "../deno.json" with { type: "json" };
import { DecodePool } from "../data/files/mod.ts";
import { describeDamage } from "../data/mod.ts";
import { Device } from "../kernels/mod.ts";
import { Model } from "../nn/mod.ts";
import { decodedBatches } from "./pictures/decoded_batches.ts";
import { imageFiles } from "./pictures/image_files.ts";
import { openModel } from "./weights/open_model.ts";
import type { Row } from "./command/options.ts";
import { parseCommand } from "./command/parse.ts";
import { type PredictionFormat, predictionText } from "./pictures/prediction_text.ts";
import { Counter } from "./command/counter.ts";
import { runCommand } from "./command/process.ts";
import { exists } from "./run/run_folder.ts";
import { openTextSink } from "./command/text_sink.ts";

/** What is asked of the program. */
interface PredictCommandOptions {
  readonly output: string | null;
  readonly json: boolean;
  readonly top: number;
  readonly probabilities: boolean;
  readonly student: boolean;
  readonly debug: boolean;
}

const rows: { readonly [K in keyof PredictCommandOptions]: Row } = {
  output: {
    kind: "path",
    default: null,
    placeholder: "FILE",
    help:
      "a new file for the predictions: .csv, .json (an array) or .jsonl (an object a line) (default: stdout, as CSV)",
  },
  json: { kind: "switch", default: false, help: "print a JSON array, with an object a line" },
  top: { kind: "integer", default: 1, minimum: 1, help: "how many of the likeliest classes" },
  probabilities: { kind: "switch", default: false, help: "the probabilities of all classes" },
  student: {
    kind: "switch",
    default: false,
    help: "the student's predictions in the place of the teacher's, of a checkpoint",
  },
  debug: { kind: "switch", default: false, help: "show where an error came from" },
};

const defaults = Object.fromEntries(
  Object.entries(rows).map(([name, { default: value }]) => [name, value]),
) as unknown as PredictCommandOptions;

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

/** Classifies what the arguments say. @returns how many files were left out. */
export async function predict(args: readonly string[]): Promise<number> {
  const said = parseCommand(
    {
      name: "cli/predict.ts",
      description:
        "Classifies pictures with a trained model: file, class and probability of each, as CSV or JSON. Ends with 0 when all " +
        "were classified, 2 when some could not be decoded and were left out, 1 when it was impossible.",
      rows: Object.entries(rows),
      operand: { name: "MODEL", help: "a model file, a checkpoint, or the folder of a run" },
      rest: {
        name: "FOLDER|FILE",
        help: "pictures, or folders with pictures in them and below: JPEG, PNG, WebP",
      },
    },
    args,
    config.version,
  );
  const options: PredictCommandOptions = { ...defaults, ...said.options };
  const format = formatOf(options);
  const { output, student } = options;
  if (output !== null && await exists(output)) {
    throw new RangeError(`Cannot write predictions to ${output} as it must be a new file: it is there`);
  }
  const files = await imageFiles(said.operands.slice(1));
  using device = await Device.request();
  const { path, contents } = await openModel(said.operand!, { student, device });
  if (options.top > contents.classes.length) {
    throw new RangeError(
      `Cannot use --top ${options.top} as ${path} must have as many classes: it has ${contents.classes.length}`,
    );
  }
  using model = await Model.create(contents, { device }, path);
  return await classify(model, files, format, options);
}

/** Classifies files, and writes what they are. @returns how many could not be decoded. */
async function classify(
  model: Model,
  files: readonly string[],
  format: PredictionFormat,
  { output, top, probabilities }: PredictCommandOptions,
): Promise<number> {
  const text = predictionText(format, model.classes, { top, probabilities });
  const { imageShape } = model.description;
  const decoder = new DecodePool();
  const sink = await openTextSink(output);
  const counter = new Counter(files.length);
  const damaged: { readonly name: string; readonly reason: string }[] = [];
  try {
    await sink.write(text.head);
    for await (const batch of decodedBatches(files, imageShape, model.batchSize, decoder)) {
      damaged.push(...batch.damaged);
      const predictions = await model.predictPlanes(batch.planes, batch.aspects);
      await sink.write(batch.files.map((file, i) => text.row(file, predictions[i]!)).join(""));
      counter.add(batch.files.length + batch.damaged.length);
    }
    counter.stop();
    if (damaged.length === files.length) {
      throw new RangeError(`Cannot classify as files must be images: ${describeDamage(damaged, 5)}`);
    }
    await sink.write(text.tail);
    await sink.finish();
  } finally {
    counter.stop();
    decoder.close();
    await sink.close();
  }
  const { temperature, about } = model.description;
  const network = about["network"] ?? "network";
  const calibration = temperature === 1
    ? "not calibrated"
    : `calibrated, temperature ${temperature.toPrecision(3)}`;
  console.error(
    `${
      files.length - damaged.length
    } of ${files.length} images classified by the ${network} (${calibration})`,
  );
  if (damaged.length > 0) console.error(describeDamage(damaged));
  return damaged.length;
}

if (import.meta.main) {
  let leftOut = 0;
  const code = await runCommand(Deno.args, async () => {
    try {
      leftOut = await predict(Deno.args);
    } catch (error) {
      // Whoever read stdout, such as head, has had enough.
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    }
    return "finished";
  }, { stopsAtOnce: true });
  Deno.exit(code === 0 && leftOut > 0 ? 2 : code);
}
