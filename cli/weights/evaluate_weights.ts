/**
 * Evaluates the networks of a file, and says how they do.
 * @module
 */
import type { OpenedDataset } from "../../data/mod.ts";
import { type Device, Tuning } from "../../kernels/mod.ts";
import { stateOf } from "../../nn/mod.ts";
import { type EvaluationReport, Evaluator } from "../../semisup/mod.ts";
import { prepared } from "../plan/inputs.ts";
import { percent } from "../command/progress.ts";
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
  dataset: OpenedDataset,
  architecture: string | null,
): Promise<Reports> {
  return await withEvaluator({ device, weights, dataset, architecture }, (evaluator) => evaluator.report());
}

/** What is evaluated on what. */
export interface EvaluationParts {
  readonly device: Device;
  readonly weights: Weights;
  readonly dataset: OpenedDataset;
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
  const { test } = await prepared(dataset, purpose?.normalize ?? "channel", { device });
  // The kernels that the run had, so that the figures are its own to the last bit.
  const tuning = checkpoint && new Tuning("off", checkpoint.kernels);
  return await use(held.use(await Evaluator.create(device, networks, test, view, tuning)));
}

/** Classes beyond which the matrix of confusions fits no screen. */
const mostClasses = 20;

/** Reports as a text. */
export function formatReports(reports: Reports, dataset: OpenedDataset): string {
  const entries = Object.entries(reports);
  const line = (what: string, of: (report: EvaluationReport) => string) => [
    what,
    ...entries.map(([, report]) => of(report)),
  ];
  const shareOrNone = (share: number | null) => share === null ? "–" : percent(share);
  const parts = [
    `${entries[0]![1].examples} test images of ${dataset.name}\n\n${
      textTable([
        ["", ...entries.map(([name]) => name)],
        line("top-1 error", ({ testError }) => percent(testError)),
        line("top-5 error", ({ top5Error }) => shareOrNone(top5Error)),
        line("cross-entropy", ({ testCost }) => testCost.toFixed(4)),
        line("calibration error", ({ calibrationError }) => percent(calibrationError)),
      ])
    }`,
    `Accuracy by class\n\n${
      textTable([
        ["class", "images", ...entries.map(([name]) => name)],
        ...dataset.classes.map((name, c) => [
          name,
          `${entries[0]![1].classes[c]!.examples}`,
          ...entries.map(([, { classes }]) => shareOrNone(classes[c]!.accuracy)),
        ]),
      ])
    }`,
  ];
  if (dataset.classes.length <= mostClasses) {
    for (const [name, { confusion }] of entries) {
      parts.push(
        `What the ${name} took images of each class (rows) for\n\n${
          textTable([
            ["", ...dataset.classes],
            ...confusion.map((row, label) => [dataset.classes[label]!, ...row.map(String)]),
          ])
        }`,
      );
    }
  }
  return parts.join("\n\n");
}
