/**
 * Test results of a run: reports of both networks, and the most confident mistakes of the teacher.
 * @module
 */
import { largestOf } from "../../nn/mod.ts";
import { type Dataset, type ImageSource, readBatches } from "../../data/mod.ts";
import { type Device, sizeOf } from "../../kernels/mod.ts";
import { evaluatedOf, type EvaluationReport, ReportBuilder } from "../../semisup/mod.ts";
import { withEvaluator } from "../weights/evaluate_weights.ts";
import type { Weights } from "../weights/weights_file.ts";
import { type Thumbnail, thumbnailOf } from "./thumbnail.ts";

/** An image that the teacher classifies wrongly. */
export interface Mistake {
  /** The image's name in its dataset. */
  readonly name: string;
  /** Index of the image's class, and of the predicted class. */
  readonly label: number;
  readonly prediction: number;
  /** The teacher's probabilities of both classes. */
  readonly labelProbability: number;
  readonly predictionProbability: number;
  readonly thumbnail: Thumbnail;
}

/** Calibration of the network that the model file has. */
export interface TemperatureScaling {
  /** The network whose logits are divided by the temperature, as `predict` does. */
  readonly network: "student" | "teacher";
  readonly temperature: number;
  /** Calibration error of the network without the temperature. */
  readonly errorBefore: number;
}

/** Test results of a run, with the probabilities of its model file. */
export interface TestResults {
  /** Completed steps of the weights. */
  readonly step: number;
  readonly classes: readonly string[];
  readonly student: EvaluationReport;
  readonly teacher: EvaluationReport;
  /** Calibration of the network in the model file; null if its probabilities are not calibrated. */
  readonly scaling: TemperatureScaling | null;
  /** The teacher's mistakes, the most confident first. */
  readonly mistakes: readonly Mistake[];
}

/** Inputs of a test. */
export interface TestParts {
  readonly device: Device;
  readonly weights: Weights;
  /** The dataset with images that are not normalised. */
  readonly dataset: Dataset;
  /** Maximum number of mistakes to show. */
  readonly mistakeCount: number;
  /** Temperature of the run's model file; null if it has none. */
  readonly temperature: number | null;
}

/** A mistake without its image. */
type UnseenMistake = Omit<Mistake, "name" | "thumbnail"> & { readonly index: number };

/**
 * Tests both networks of a checkpoint in one pass over the test images.
 * @throws {RangeError} if weights and dataset do not fit together, or the weights are not from a checkpoint.
 */
export async function testRun(
  { device, weights, dataset, mistakeCount, temperature }: TestParts,
): Promise<TestResults> {
  const { checkpoint, path } = weights;
  if (!checkpoint) throw new RangeError(`Cannot report on ${path}: it is not a checkpoint of a run`);
  const { classes, test } = dataset;
  const create = () => new ReportBuilder(classes.length);
  const builders = { student: create(), teacher: create() }, unscaled = create();
  const scaled = evaluatedOf(checkpoint.options);
  const worst = new WorstMistakes(mistakeCount);
  await withEvaluator({ device, weights, dataset, architecture: null }, async (evaluator) => {
    await evaluator.forEachExample((index, label, logits) => {
      for (const name of ["student", "teacher"] as const) {
        const own = logits[name];
        if (!own) throw new RangeError(`Cannot report on ${path}: it lacks the ${name}`);
        const values = name === scaled ? own.map((logit) => logit / (temperature ?? 1)) : own;
        builders[name].add(values, [label]);
        if (name === scaled) unscaled.add(own, [label]);
        if (name === "teacher") worst.add(index, label, values);
      }
    });
  });
  return {
    step: checkpoint.step,
    classes,
    student: builders.student.report(),
    teacher: builders.teacher.report(),
    scaling: temperature === null
      ? null
      : { network: scaled, temperature, errorBefore: unscaled.report().calibrationError },
    mistakes: await withImages(worst.list, test),
  };
}

/** Keeps the mistakes with the highest probabilities; among equal ones, the first. */
export class WorstMistakes {
  readonly #count: number;
  readonly list: UnseenMistake[] = [];

  constructor(count: number) {
    this.#count = count;
  }

  add(index: number, label: number, logits: Float32Array): void {
    const largest = largestOf(logits);
    const prediction = logits.indexOf(largest);
    if (prediction === label) return;
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
    const predictionProbability = 1 / total;
    const place = this.list.findIndex((other) => other.predictionProbability < predictionProbability);
    if (place < 0 && this.list.length >= this.#count) return;
    // deno-lint-ignore no-non-null-assertion -- in range by construction
    const labelProbability = Math.exp(logits[label]! - largest) / total;
    this.list.splice(place < 0 ? this.list.length : place, 0, {
      index,
      label,
      prediction,
      labelProbability,
      predictionProbability,
    });
    if (this.list.length > this.#count) this.list.pop();
  }
}

/** Number of mistakes with large pictures, and the largest side of these in pixels. */
export const largeMistakes = 6;
const largeSide = 224;

/** Adds the images to mistakes. Mistakes whose files have disappeared are dropped. */
async function withImages(wrong: readonly UnseenMistake[], test: ImageSource): Promise<Mistake[]> {
  const indices = wrong.map(({ index }) => index);
  const [large, ordinary] = [indices.slice(0, largeMistakes), indices.slice(largeMistakes)];
  const thumbnails = new Map([
    ...await thumbnailsOf(large, test, largeSide),
    ...await thumbnailsOf(ordinary, test),
  ]);
  return wrong.flatMap(({ index, ...rest }) => {
    const thumbnail = thumbnails.get(index);
    const name = test.names?.[index] ?? `test/${String(index).padStart(5, "0")}`;
    return thumbnail ? [{ ...rest, name, thumbnail }] : [];
  });
}

/** Number of images decoded at once. */
const batchSize = 16;

/** Creates thumbnails of images in memory or in files, by index. @param maxSide Largest side in pixels. */
export async function thumbnailsOf(
  indices: readonly number[],
  source: ImageSource,
  maxSide?: number,
): Promise<ReadonlyMap<number, Thumbnail>> {
  const { imageShape } = source, size = sizeOf(imageShape);
  const thumbnails = new Map<number, Thumbnail>();
  for await (const batch of readBatches(source, Int32Array.from(indices), batchSize)) {
    for (const [i, index] of batch.indices.entries()) {
      const pixels = batch.pixels.subarray(i * size, (i + 1) * size);
      thumbnails.set(index, thumbnailOf(pixels, imageShape, batch.aspects[i], maxSide));
    }
  }
  return thumbnails;
}
