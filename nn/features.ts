/**
 * Features of many images.
 * @module
 */
import { sizeOf } from "../kernels/mod.ts";
import type { Model } from "./model.ts";
import type { Prediction } from "./prediction.ts";

/** A batch of images of a model's image shape, such as the batches of `readBatches` in data. */
export interface IndexedPixels {
  /** Index of each image in its set, `[B]`. */
  readonly indices: ArrayLike<number>;
  /** Bytes `[B, C, H, W]`. */
  readonly pixels: Uint8Array;
  /** Aspect ratio width / height of each original picture, `[B]`; by default the image shape's. */
  readonly aspects?: ArrayLike<number>;
}

/** Features of images, with their predictions. */
export interface ImageFeatures {
  /** Features, the input of the model's heads, `[N, F]` row by row. */
  readonly values: Float32Array<ArrayBuffer>;
  /** Number of images N and of features F. */
  readonly shape: readonly [images: number, features: number];
  /** Index of each image in its set, `[N]`. */
  readonly indices: Int32Array<ArrayBuffer>;
  /** Prediction of each image, `[N]`. */
  readonly predictions: readonly Prediction[];
}

/**
 * Computes the features of images before the model's heads, in the order of the batches. Images that the
 * source of the batches skips have no row.
 *
 * @param batches Images, such as `readBatches(set, indices, model.batchSize)`.
 * @throws {RangeError} if a batch does not have whole images, or one index per image. @throws {GpuError} if
 * the GPU failed.
 *
 * @example
 * ```ts
 * import { extractFeatures, findArchitecture, Model, stateOf } from "../mod.ts";
 *
 * const imageShape = [1, 8, 8] as const;
 * const network = findArchitecture("convnet_small").build({
 *   imageShape,
 *   classCount: 2,
 *   headCount: 1,
 *   dropout: 0,
 *   inputNoise: 0,
 *   seed: 1,
 * });
 * using model = await Model.create({
 *   architecture: "convnet_small",
 *   headCount: 1,
 *   classes: ["dark", "bright"],
 *   imageShape,
 *   randomResizedCrop: null,
 *   normalize: "channel",
 *   channelStatistics: { mean: [0.5], standardDeviation: [0.25] },
 *   temperature: 1,
 *   about: {},
 *   weights: new Map(
 *     Object.entries(stateOf(network)).map(([name, { shape, initial }]) => [
 *       name,
 *       { shape, dtype: "float32", data: initial },
 *     ]),
 *   ),
 * });
 * const { shape } = await extractFeatures(model, [{ indices: [0, 1], pixels: new Uint8Array(128) }]);
 * console.log(shape); // [2, 64]
 * ```
 */
export async function extractFeatures(
  model: Model,
  batches: Iterable<IndexedPixels> | AsyncIterable<IndexedPixels>,
): Promise<ImageFeatures> {
  const imageSize = sizeOf(model.description.imageShape);
  const rows: Float32Array[] = [], indices: number[] = [], predictions: Prediction[] = [];
  for await (const { indices: chosen, pixels, aspects } of batches) {
    if (pixels.length !== chosen.length * imageSize) {
      throw new RangeError(
        `Cannot compute features: each image must have an index, but there are ${chosen.length} indices and ${
          pixels.length / imageSize
        } images`,
      );
    }
    for (
      const { features, ...prediction } of await model.predictPlanes(pixels, aspects, { features: true })
    ) {
      rows.push(features ?? new Float32Array());
      predictions.push(prediction);
    }
    indices.push(...Array.from(chosen));
  }
  const size = rows[0]?.length ?? 0, values = new Float32Array(rows.length * size);
  rows.forEach((row, i) => values.set(row, i * size));
  return { values, shape: [rows.length, size], indices: Int32Array.from(indices), predictions };
}
