/**
 * What the networks of a run make of its test images: figures, and the mistakes that they are surest of.
 * @module
 */
import { largestOf } from "../../nn/mod.ts";
import { type Dataset, type ImageSource, readBatches } from "../../data/mod.ts";
import { type Device, sizeOf } from "../../kernels/mod.ts";
import { type EvaluationReport, ReportBuilder } from "../../semisup/mod.ts";
import { withEvaluator } from "../weights/evaluate_weights.ts";
import type { Weights } from "../weights/weights_file.ts";
import { type Thumbnail, thumbnailOf } from "./thumbnail.ts";

/** An image that the teacher takes for what it is not. */
export interface Mistake {
  /** The image's name in its dataset. */
  readonly name: string;
  /** Index of its class, and of the one that it was taken for. */
  readonly label: number;
  readonly prediction: number;
  /** The teacher's probabilities of the two. */
  readonly labelProbability: number;
  readonly predictionProbability: number;
  readonly thumbnail: Thumbnail;
}

/** How the networks of a run classify its test images. */
export interface TestResults {
  /** Completed steps of the weights. */
  readonly step: number;
  readonly classes: readonly string[];
  readonly student: EvaluationReport;
  readonly teacher: EvaluationReport;
  /** The teacher's mistakes, from the most confident on. */
  readonly mistakes: readonly Mistake[];
}

/** What is tested. */
export interface TestParts {
  readonly device: Device;
  readonly weights: Weights;
  /** With the images as they are, not normalised. */
  readonly dataset: Dataset;
  /** Mistakes to be shown at most. */
  readonly mistakeCount: number;
}

/** A mistake whose image was not looked at yet. */
type Wrong = Omit<Mistake, "name" | "thumbnail"> & { readonly index: number };

/**
 * Tests both networks of a checkpoint in one pass over the test images.
 * @throws {RangeError} if weights and dataset do not fit together, or the weights are of no checkpoint.
 */
export async function testRun({ device, weights, dataset, mistakeCount }: TestParts): Promise<TestResults> {
  const { checkpoint, path } = weights;
  if (!checkpoint) throw new RangeError(`Cannot report on ${path} as it must be a checkpoint of a run`);
  const { classes, test } = dataset;
  const builders = { student: new ReportBuilder(classes.length), teacher: new ReportBuilder(classes.length) };
  const worst = new WorstMistakes(mistakeCount);
  await withEvaluator({ device, weights, dataset, architecture: null }, async (evaluator) => {
    await evaluator.forEachExample((index, label, { student, teacher }) => {
      if (!student || !teacher) {
        throw new RangeError(`Cannot report on ${path} as it must have both networks`);
      }
      builders.student.add(student, [label]);
      builders.teacher.add(teacher, [label]);
      worst.add(index, label, teacher);
    });
  });
  return {
    step: checkpoint.step,
    classes,
    student: builders.student.report(),
    teacher: builders.teacher.report(),
    mistakes: await withImages(worst.list, test),
  };
}

/** Keeps the mistakes with the highest probabilities; of equal ones those that come first. */
export class WorstMistakes {
  readonly #count: number;
  readonly list: Wrong[] = [];

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

/** Mistakes with their images; without those whose files have vanished since. */
async function withImages(wrong: readonly Wrong[], test: ImageSource): Promise<Mistake[]> {
  const thumbnails = await thumbnailsOf(wrong.map(({ index }) => index), test);
  return wrong.flatMap(({ index, ...rest }) => {
    const thumbnail = thumbnails.get(index);
    const name = test.names?.[index] ?? `test/${String(index).padStart(5, "0")}`;
    return thumbnail ? [{ ...rest, name, thumbnail }] : [];
  });
}

/** Images decoded at once. */
const batchSize = 16;

/** Thumbnails of some images by their index, in memory or in their files. */
export async function thumbnailsOf(
  indices: readonly number[],
  source: ImageSource,
): Promise<ReadonlyMap<number, Thumbnail>> {
  const { imageShape } = source, size = sizeOf(imageShape);
  const thumbnails = new Map<number, Thumbnail>();
  for await (const batch of readBatches(source, Int32Array.from(indices), batchSize)) {
    for (const [i, index] of batch.indices.entries()) {
      const pixels = batch.pixels.subarray(i * size, (i + 1) * size);
      thumbnails.set(index, thumbnailOf(pixels, imageShape, batch.aspects[i]));
    }
  }
  return thumbnails;
}
