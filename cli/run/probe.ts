/**
 * An estimate of the error where no image is tested on: what the teacher's features say of labels left out.
 * @module
 */
import { type Dataset, NO_LABEL, readBatches } from "../../data/mod.ts";
import type { Device } from "../../kernels/mod.ts";
import { Model, type ModelContents } from "../../nn/mod.ts";
import { probeError } from "../../semisup/mod.ts";
import { errorText, type TestError } from "../command/figures.ts";

/** Labelled images that are looked at, at most: the time that it takes grows with the cube of their number. */
const mostImages = 300;

/**
 * The leave-one-out error of a linear probe on the features that a model has of labelled images; null of fewer than two.
 * @param labels Those that the run learned from; NO_LABEL (−1) = unlabelled.
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
  const part = Math.min(1, mostImages / labeled.length);
  // Evenly over all of them, as those of a class often follow each other.
  const chosen = labeled.filter((_, i) => Math.floor((i + 1) * part) > Math.floor(i * part));
  using model = await Model.create(contents, { device });
  const features: Float32Array[] = [], classIndices: number[] = [];
  for await (const { indices, pixels, aspects } of readBatches(train, chosen, model.batchSize)) {
    const predictions = await model.predictPlanes(pixels, aspects, { features: true });
    features.push(...predictions.map(({ features = new Float32Array() }) => features));
    classIndices.push(...Array.from(indices, (index) => labels[index] ?? NO_LABEL));
  }
  if (features.length < 2) return null;
  const { error, examples } = probeError({ features, labels: classIndices, classCount: classes.length });
  return { testError: error, examples };
}

/** What a probe says, and what it is. */
export function describeProbe(probe: TestError): string {
  return `A linear probe on the teacher's features errs on ${
    errorText(probe)
  } of ${probe.examples} labelled images, each left out of the probe in its turn: an estimate, and it may be too low, as the features were trained with these labels`;
}
