/**
 * Evaluation of the networks in a file, and texts of the results.
 * @module
 */
import type { Dataset } from "../../data/mod.ts";
import { type Device, Tuning } from "../../kernels/mod.ts";
import { stateOf } from "../../nn/mod.ts";
import { type EvaluationReport, Evaluator } from "../../semisup/mod.ts";
import { preprocessDataset } from "../plan/inputs.ts";
import { errorText, percent, type TestError } from "../terminal/figures.ts";
import { textTable } from "../terminal/table.ts";
import { loadNetworks, type Weights } from "./weights_file.ts";

/** Reports by name of the network: "student" and "teacher", "model", or "weights". */
export type Reports = Readonly<Record<string, EvaluationReport>>;

/**
 * Evaluates all networks of a file on the test images of a dataset.
 * @throws {RangeError} if weights, network and dataset do not fit together.
 * @throws {GpuError} if the GPU failed.
 */
export async function evaluateWeights(
  device: Device,
  weights: Weights,
  dataset: Dataset,
  architecture: string | null,
): Promise<Reports> {
  return await withEvaluator({ device, weights, dataset, architecture }, (evaluator) => evaluator.report());
}

/** Inputs of an evaluation. */
export interface EvaluationParts {
  readonly device: Device;
  readonly weights: Weights;
  readonly dataset: Dataset;
  /** Name of the network; needed if the file of the weights does not have it. */
  readonly architecture: string | null;
}

/**
 * Creates an evaluator of all networks of a file on the test images of a dataset, passes it to `use`, and
 * frees it.
 * @throws {RangeError} if there are no test images, or weights, network and dataset do not fit together.
 * @throws {GpuError} if the GPU failed.
 */
export async function withEvaluator<T>(
  { device, weights, dataset, architecture }: EvaluationParts,
  use: (evaluator: Evaluator) => Promise<T>,
): Promise<T> {
  if (dataset.test.labels.length === 0) {
    throw new RangeError(
      `Cannot evaluate ${weights.path}: there are no test images. Its run had too few labels to hold any out, or used --no-hold-out.`,
    );
  }
  const { checkpoint, description } = weights;
  const networks = loadNetworks(device, weights, dataset, architecture);
  using held = new DisposableStack();
  held.defer(() => {
    for (const network of Object.values(networks)) {
      for (const variable of Object.values(stateOf(network))) device.release(variable);
    }
  });
  const view = {
    ...(description ?? dataset).channelStatistics,
    randomResizedCrop: description?.randomResizedCrop ?? null,
  };
  const { test } = await preprocessDataset(dataset, description?.normalize ?? "channel", { device });
  // The same kernels as in the run give the same results, bit for bit.
  const tuning = checkpoint && new Tuning("off", checkpoint.kernels);
  return await use(held.use(await Evaluator.create(device, networks, test, view, tuning)));
}

/** Describes the test errors of networks in one line. */
export function testErrors(
  { name, test, heldOut }: Dataset,
  networks: Readonly<Record<string, TestError>>,
): string {
  const errors = Object.entries(networks).map(([name, error]) => `${name} ${errorText(error)}`);
  return `Test error on ${test.labels.length} ${heldOut ? "held-out " : ""}images of ${name}: ${
    errors.join(", ")
  }`;
}

/** Maximum number of classes for which the confusion matrix is printed. */
const maxClasses = 20;

/** Formats reports as plain-text tables. */
export function formatReports(reports: Reports, dataset: Dataset): string {
  const { classes } = dataset, names = Object.keys(reports), all = Object.values(reports), [first] = all;
  const line = (what: string, of: (report: EvaluationReport) => string) => [what, ...all.map(of)];
  const shareOrNone = (share: number | null = null) => share === null ? "–" : percent(share);
  const parts = [
    `${first?.examples} test images of ${dataset.name}\n\n${
      textTable([
        ["", ...names],
        line("top-1 error", errorText),
        line(
          "top-5 error",
          ({ top5Error, examples }) =>
            top5Error === null ? "–" : errorText({ testError: top5Error, examples }),
        ),
        line("cross-entropy", ({ testCost }) => testCost.toFixed(4)),
        line("calibration error", ({ calibrationError }) => percent(calibrationError)),
      ])
    }`,
    `Accuracy by class\n\n${
      textTable([
        ["class", "images", ...names],
        ...classes.map((name, c) => [
          name,
          `${first?.classes[c]?.examples}`,
          ...all.map(({ classes }) => shareOrNone(classes[c]?.accuracy)),
        ]),
      ])
    }`,
  ];
  if (classes.length <= maxClasses) {
    for (const [name, { confusion }] of Object.entries(reports)) {
      const rows = classes.map((name, label) => [name, ...(confusion[label] ?? []).map(String)]);
      parts.push(
        `Confusion matrix of the ${name}: true classes in rows, predicted classes in columns\n\n${
          textTable([["", ...classes], ...rows])
        }`,
      );
    }
  }
  return parts.join("\n\n");
}
