/**
 * Evaluates the networks of a file, and says how they do.
 * @module
 */
import type { Dataset } from "../../data/mod.ts";
import { type Device, Tuning } from "../../kernels/mod.ts";
import { stateOf } from "../../nn/mod.ts";
import { type EvaluationReport, Evaluator } from "../../semisup/mod.ts";
import { preprocessDataset } from "../plan/inputs.ts";
import { errorText, percent, type TestError } from "../command/figures.ts";
import { textTable } from "../command/table.ts";
import { loadNetworks, type Weights } from "./weights_file.ts";

/** Reports by the name of the network: "student" and "teacher", "model", or "weights". */
export type Reports = Readonly<Record<string, EvaluationReport>>;

/**
 * Evaluates all networks of a file on the test images of a dataset.
 * @throws {RangeError} if weights, network and dataset do not fit together. @throws {GpuError} if the GPU failed.
 */
export async function evaluateWeights(
  device: Device,
  weights: Weights,
  dataset: Dataset,
  architecture: string | null,
): Promise<Reports> {
  return await withEvaluator({ device, weights, dataset, architecture }, (evaluator) => evaluator.report());
}

/** What is evaluated on what. */
export interface EvaluationParts {
  readonly device: Device;
  readonly weights: Weights;
  readonly dataset: Dataset;
  /** Needed where the weights do not name their own. */
  readonly architecture: string | null;
}

/**
 * Calls `use` with what evaluates all networks of a file on the test images of a dataset, and frees it again.
 * @throws {RangeError} if there are no test images, or weights, network and dataset do not fit together.
 * @throws {GpuError} if the GPU failed.
 */
export async function withEvaluator<T>(
  { device, weights, dataset, architecture }: EvaluationParts,
  use: (evaluator: Evaluator) => Promise<T>,
): Promise<T> {
  if (dataset.test.labels.length === 0) {
    throw new RangeError(
      `Cannot evaluate ${weights.path} as there must be test images: its run had too few labels to hold any out, or --no-hold-out`,
    );
  }
  const { checkpoint, purpose } = weights;
  const networks = loadNetworks(device, weights, dataset, architecture);
  using held = new DisposableStack();
  held.defer(() => {
    for (const network of Object.values(networks)) {
      for (const variable of Object.values(stateOf(network))) device.release(variable);
    }
  });
  const view = {
    ...(purpose ?? dataset).channelStatistics,
    randomResizedCrop: purpose?.randomResizedCrop ?? null,
  };
  const { test } = await preprocessDataset(dataset, purpose?.normalize ?? "channel", { device });
  // The kernels that the run had, so that the figures are its own to the last bit.
  const tuning = checkpoint && new Tuning("off", checkpoint.kernels);
  return await use(held.use(await Evaluator.create(device, networks, test, view, tuning)));
}

/** Test errors in a line. */
export function testErrors(
  { name, test, heldOut }: Dataset,
  networks: Readonly<Record<string, TestError>>,
): string {
  const errors = Object.entries(networks).map(([who, error]) => `${who} ${errorText(error)}`);
  return `Test error on ${test.labels.length} ${heldOut ? "held-out " : ""}images of ${name}: ${
    errors.join(", ")
  }`;
}

/** Classes beyond which the matrix of confusions fits no screen. */
const mostClasses = 20;

/** Reports as a text. */
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
  if (classes.length <= mostClasses) {
    for (const [name, { confusion }] of Object.entries(reports)) {
      const rows = classes.map((name, label) => [name, ...(confusion[label] ?? []).map(String)]);
      parts.push(
        `What the ${name} took images of each class (rows) for\n\n${textTable([["", ...classes], ...rows])}`,
      );
    }
  }
  return parts.join("\n\n");
}
