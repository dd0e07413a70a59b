/** Pixels of chosen images, wherever they are. */

import { sizeOf } from "../kernels/mod.ts";
import { type ImageSet, type ImageSource, NO_LABEL, type PixelReader } from "./dataset.ts";
import { exampleName } from "./lists/label_list.ts";

/** Some images of a source that follow each other. */
export interface ReadBatch {
  /** Which. */
  readonly indices: Int32Array;
  /** Bytes `[N, C, H, W]` of them; valid until the next batch. */
  readonly pixels: Uint8Array;
  /** Width / height of each as it should be seen `[N]`. */
  readonly aspects: Float32Array;
}

/**
 * Images of a source by their indices, in their order, batch by batch; those that cannot be read are left out.
 *
 * @param batchSize Images that are read at once.
 * @throws {RangeError} when they are floats already. @throws as the source's `take`
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

/** The images at ascending places, copied only where others lie between: a reader's memory stays as it is. */
function imagesAt(places: readonly number[], pixels: Uint8Array, size: number): Uint8Array {
  if ((places.at(-1) ?? -1) === places.length - 1) return pixels.subarray(0, places.length * size);
  const packed = new Uint8Array(places.length * size);
  places.forEach((place, i) => packed.set(pixels.subarray(place * size, (place + 1) * size), i * size));
  return packed;
}

/** What reads a source, whether in memory or not. */
function readerOf(source: ImageSource): PixelReader {
  const { images, imageShape, aspects } = source, size = sizeOf(imageShape);
  if (!ArrayBuffer.isView(images)) return images;
  if (!(images instanceof Uint8Array)) {
    throw new RangeError("Cannot take images of a set as they must be bytes: they are preprocessed");
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

/** Images that are read at once into memory. */
const CHUNK = 64;

/** How to read images. */
export interface ReadImagesOptions {
  /** Which, in their order (default: all). */
  readonly indices?: Int32Array;
  /** Stops it. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Images of a source in memory; those that cannot be read are left out.
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
