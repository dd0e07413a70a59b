/**
 * An estimate of the error without test images: the leave-one-out error of a linear probe on the teacher's
 * features.
 * @module
 */
import { type Dataset, NO_LABEL, readBatches } from "../../data/mod.ts";
import { spread } from "../../data/internal.ts";
import type { Device } from "../../kernels/mod.ts";
import { extractFeatures, Model, type ModelContents } from "../../nn/mod.ts";
import { probeError } from "../../semisup/mod.ts";
import { errorText, type TestError } from "../terminal/figures.ts";

/** Maximum number of labelled images: the time grows with the cube of their number. */
const maxImages = 300;

/**
 * Computes the leave-one-out error of a linear probe on a model's features of labelled images; null for fewer
 * than two images.
 * @param labels The run's training labels; NO_LABEL (−1) = unlabelled.
 */
export async function probeModel(
  contents: ModelContents,
  { device, dataset: { train, classes }, labels }: {
    readonly device: Device;
    readonly dataset: Dataset;
    readonly labels: Int32Array;
  },
): Promise<TestError | null> {
  const labeled = Int32Array.from(labels.keys()).filter((index) => labels[index] !== NO_LABEL);
  const chosen = Int32Array.from(spread([...labeled], maxImages));
  using model = await Model.create(contents, { device });
  const batches = readBatches(train, chosen, model.batchSize);
  const { values, shape: [examples, size], indices } = await extractFeatures(model, batches);
  if (examples < 2) return null;
  const { error } = probeError({
    features: Array.from(indices, (_, i) => values.subarray(i * size, (i + 1) * size)),
    labels: Array.from(indices, (index) => labels[index] ?? NO_LABEL),
    classCount: classes.length,
  });
  return { testError: error, examples };
}

/** Describes the error of a probe in a sentence without its final period. */
export function describeProbe(probe: TestError): string {
  return `Estimated error: ${
    errorText(probe)
  }, by a linear probe on the teacher's features, leave-one-out over ${probe.examples} labelled images. It may be too low, because the features were trained with these labels`;
}
