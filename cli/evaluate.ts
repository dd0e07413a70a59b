/**
 * `deno run -A cli/evaluate.ts FILE`: how a checkpoint, a model, or weights saved by PyTorch classify a test set.
 * @module
 */
import config from "../deno.json" with { type: "json" };
import { datasets } from "../data/files/mod.ts";
import { Device } from "../kernels/mod.ts";
import { architectures } from "../nn/mod.ts";
import { evaluateWeights, formatReports } from "./weights/evaluate_weights.ts";
import { damageReporter, loadDataset, loadDatasetOf, OWN } from "./plan/inputs.ts";
import type { Row } from "./command/options.ts";
import { parseCommand } from "./command/parse.ts";
import { type Outcome, runCommand } from "./command/process.ts";
import { reportDownload } from "./run/run.ts";
import { exists, finalName, writeAtomically } from "./run/run_folder.ts";
import { readWeights } from "./weights/weights_file.ts";

/** What is asked of the program. */
interface EvaluateOptions {
  readonly dataset: string | null;
  readonly dataDir: string | null;
  readonly download: boolean;
  readonly architecture: string | null;
  readonly json: string | null;
  readonly debug: boolean;
}

const rows: { readonly [K in keyof EvaluateOptions]: Row } = {
  dataset: {
    kind: "name",
    default: null,
    names: datasets.map(({ name }) => name),
    help: `what to test on: ${datasets.map(({ name }) => name).join(", ")} (default: what the file says)`,
  },
  dataDir: {
    kind: "path",
    default: null,
    placeholder: "DIR",
    help: "folder with the dataset's files (default: its package or cache)",
  },
  download: {
    kind: "switch",
    default: false,
    help: "fetch missing files of the dataset from their official address",
  },
  architecture: {
    kind: "name",
    default: null,
    names: architectures.map(({ name }) => name),
    help: `network that the weights are of, where the file does not say it: ${
      architectures.map(({ name }) => name).join(", ")
    }`,
  },
  json: { kind: "path", default: null, placeholder: "FILE", help: "a new file for all figures, as JSON" },
  debug: { kind: "switch", default: false, help: "show where an error came from" },
};

const defaults = Object.fromEntries(
  Object.entries(rows).map(([name, { default: value }]) => [name, value]),
) as unknown as EvaluateOptions;

/** Evaluates what the arguments say. */
export async function evaluate(args: readonly string[], signal: AbortSignal): Promise<Outcome> {
  const said = parseCommand(
    {
      name: "cli/evaluate.ts",
      description:
        "Tests the networks of a file: error, accuracy by class, confusions and calibration of student and teacher.",
      rows: Object.entries(rows),
      operand: {
        name: "FILE",
        help: "a checkpoint, a model, or any safetensors file with weights under PyTorch's names",
      },
    },
    args,
    config.version,
  );
  const options: EvaluateOptions = { ...defaults, ...said.options };
  const path = said.operand!;
  if (options.json !== null && await exists(options.json)) {
    throw new RangeError(`Cannot write the figures to ${options.json} as it must be a new file: it is there`);
  }
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
      `Cannot evaluate ${path} on the pictures of its run as it must be the checkpoint beside it, ${finalName}, that knows which were held out: it is a model`,
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
      ...reports,
    };
    await writeAtomically(options.json, new TextEncoder().encode(`${JSON.stringify(figures, null, 2)}\n`));
  }
  return "finished";
}

if (import.meta.main) {
  Deno.exit(await runCommand(Deno.args, (signal) => evaluate(Deno.args, signal), { stopsAtOnce: true }));
}
