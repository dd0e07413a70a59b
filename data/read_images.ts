/** Reads the pixels of selected images from any image source. */

import { sizeOf } from "../kernels/mod.ts";
import { type ImageSet, type ImageSource, NO_LABEL, type PixelReader } from "./dataset.ts";
import { exampleName } from "./lists/label_list.ts";

/** A batch of images read by {@linkcode readBatches}. */
export interface ReadBatch {
  /** Index of each image in the source `[N]`. */
  readonly indices: Int32Array;
  /** Bytes `[N, C, H, W]`, valid until the next batch. */
  readonly pixels: Uint8Array;
  /** Width / height at which each image is displayed `[N]`. */
  readonly aspects: Float32Array;
}

/**
 * Reads the images at the given indices, in that order, batch by batch. Images that cannot be read are
 * skipped.
 *
 * @param batchSize Number of images read at once.
 * @throws {RangeError} when the images are floats. @throws as the source's `take`
 */
export async function* readBatches(
  source: ImageSource,
  indices: Int32Array,
  batchSize: number,
): AsyncGenerator<ReadBatch> {
  const [, height, width] = source.imageShape;
  const size = sizeOf(source.imageShape), count = Math.ceil(indices.length / batchSize);
  const chosenOf = (step: number) => indices.subarray(step * batchSize, (step + 1) * batchSize);
  const indicesOf = (step: number) => {
    if (step >= count) return undefined;
    const padded = new Int32Array(batchSize).fill(-1);
    padded.set(chosenOf(step));
    return padded;
  };
  if (count === 0) return;
  const batches = readerOf(source).open({ batchSize, indicesOf });
  try {
    for (let step = 0; step < count; step++) {
      const { pixels, aspects, missing } = await batches.take(step);
      const chosen = chosenOf(step);
      const places = [...chosen.keys()].filter((place) => !missing?.has(place));
      yield {
        indices: chosen.filter((_, place) => !missing?.has(place)),
        pixels: imagesAt(places, pixels, size),
        aspects: Float32Array.from(places, (place) => aspects?.[place] ?? width / height),
      };
    }
  } finally {
    batches.close();
  }
}

/**
 * Returns the images at ascending places; copies unless these are the first ones, so the reader's memory is
 * unchanged.
 */
function imagesAt(places: readonly number[], pixels: Uint8Array, size: number): Uint8Array {
  if ((places.at(-1) ?? -1) === places.length - 1) return pixels.subarray(0, places.length * size);
  const packed = new Uint8Array(places.length * size);
  places.forEach((place, i) => packed.set(pixels.subarray(place * size, (place + 1) * size), i * size));
  return packed;
}

/** Returns a reader for a source, in memory or not. */
function readerOf(source: ImageSource): PixelReader {
  const { images, imageShape, aspects } = source, size = sizeOf(imageShape);
  if (!ArrayBuffer.isView(images)) return images;
  if (!(images instanceof Uint8Array)) {
    throw new RangeError(
      "Cannot read images of a set: pixels must be bytes, but they are preprocessed floats",
    );
  }
  return {
    open: ({ batchSize, indicesOf }) => ({
      take(step) {
        const indices = indicesOf(step) ?? new Int32Array();
        const pixels = new Uint8Array(batchSize * size);
        indices.forEach((index, place) => {
          if (index >= 0) pixels.set(images.subarray(index * size, (index + 1) * size), place * size);
        });
        return {
          pixels,
          ...(aspects && { aspects: Float32Array.from(indices, (index) => aspects[index] ?? 1) }),
        };
      },
      close() {},
    }),
  };
}

/** Number of images read at once by {@linkcode readImages}. */
const CHUNK = 64;

/** Options of {@linkcode readImages}. */
export interface ReadImagesOptions {
  /** Indices of the images to read, in this order (default: all). */
  readonly indices?: Int32Array;
  /** Signal that aborts reading. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads images of a source into memory. Images that cannot be read are skipped.
 *
 * @throws as {@linkcode readBatches}
 */
export async function readImages(
  source: ImageSource,
  { indices = Int32Array.from(source.labels.keys()), signal }: ReadImagesOptions = {},
): Promise<ImageSet> {
  const { labels, imageShape, names } = source, [, height, width] = imageShape;
  const images = new Uint8Array(indices.length * sizeOf(imageShape));
  const kept: number[] = [], aspects: number[] = [];
  let end = 0;
  for await (const batch of readBatches(source, indices, CHUNK)) {
    signal?.throwIfAborted();
    images.set(batch.pixels, end);
    end += batch.pixels.length;
    kept.push(...batch.indices);
    aspects.push(...batch.aspects);
  }
  const hasOwnAspects = aspects.some((aspect) => aspect !== Math.fround(width / height));
  return {
    images: images.subarray(0, end),
    labels: Int32Array.from(kept, (index) => labels[index] ?? NO_LABEL),
    imageShape,
    ...(names && { names: kept.map((index) => names[index] ?? exampleName(index)) }),
    ...(hasOwnAspects && { aspects: Float32Array.from(aspects) }),
  };
}
