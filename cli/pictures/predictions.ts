/**
 * Predictions for pictures in files and images in arrays, batch by batch.
 * @module
 */
import { type ArrayImages, type Decoder, streamFiles } from "../../data/files/mod.ts";
import { type DamagedFile, readBatches } from "../../data/mod.ts";
import type { Model, Prediction, RgbaImage } from "../../nn/mod.ts";
import { significantBitsIn } from "../plan/about_data.ts";

/** Name of a picture, and its prediction. */
export type Predicted = readonly [name: string, prediction: Prediction];

/**
 * Predicts the classes of image files, in their order.
 * @param damaged Receives the files that cannot be decoded. These have no prediction.
 * @param decoder Decoder that stays open; if absent, one is opened and closed.
 */
export async function* predictFiles(
  model: Model,
  files: readonly string[],
  damaged: DamagedFile[],
  decoder?: Decoder,
): AsyncGenerator<Predicted[]> {
  const { imageShape, about } = model.description;
  const pictures = streamFiles({
    names: files,
    imageShape,
    significantBits: significantBitsIn(about),
    damaged,
  }, decoder && { decoder });
  for await (const batch of readBatches(pictures, Int32Array.from(files.keys()), model.batchSize)) {
    const predictions = await model.predictPlanes(batch.pixels, batch.aspects);
    yield pairs(Array.from(batch.indices, (index) => files[index] ?? ""), predictions);
  }
}

/** Predicts the classes of images in arrays, in their order. */
export async function* predictArrays(
  model: Model,
  arrays: readonly ArrayImages[],
): AsyncGenerator<Predicted[]> {
  for (const { names, planes } of arrays) {
    const { shape, isGrey } = planes, channels = isGrey ? 1 : 3;
    const bytes = planes.take(channels), size = channels * shape[0] * shape[1];
    for (let start = 0; start < names.length; start += model.batchSize) {
      const some = names.slice(start, start + model.batchSize);
      const images = some.map((_, i) =>
        pictureOf(bytes.subarray((start + i) * size, (start + i + 1) * size), shape)
      );
      yield pairs(some, await model.predict(images));
    }
  }
}

function pairs(names: readonly string[], predictions: readonly Prediction[]): Predicted[] {
  return predictions.map((prediction, i) => [names[i] ?? "", prediction]);
}

/** Converts one grey or three colour planes to RGBA, which models with any number of channels accept. */
function pictureOf(planes: Uint8Array, [height, width]: readonly [number, number]): RgbaImage {
  const plane = height * width, isGrey = planes.length === plane;
  const data = new Uint8Array(4 * plane).fill(255);
  for (let i = 0; i < plane; i++) {
    for (let c = 0; c < 3; c++) data[4 * i + c] = planes[i + (isGrey ? 0 : c * plane)] ?? 0;
  }
  return { data, width, height };
}
