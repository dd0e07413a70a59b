/**
 * Images of a set batch by batch, wherever they are.
 * @module
 */
import { BatchStream } from "../../data/files/mod.ts";
import { type Images, isInMemory } from "../../data/mod.ts";

/** Some images of a set. */
export interface ImagesOfSet {
  /** Which. */
  readonly indices: Int32Array;
  /** Bytes `[N, C, H, W]` of them; valid until the next batch. */
  readonly planes: Uint8Array;
  /** width / height of each. */
  readonly aspects: Float32Array;
}

/**
 * The images of these indices, in their order; those whose files are damaged are left out, and noted in the set.
 * @throws {RangeError} if they are floats already. @throws {Error} if files cannot be decoded.
 */
export async function* imagesOf(
  set: Images,
  indices: Int32Array,
  batchSize: number,
): AsyncGenerator<ImagesOfSet> {
  const some = (batch: number) => indices.subarray(batch * batchSize, (batch + 1) * batchSize);
  const count = Math.ceil(indices.length / batchSize);
  const [, height, width] = set.imageShape;
  const size = set.imageShape.reduce((product, length) => product * length);
  if (isInMemory(set)) {
    const { images, aspects } = set;
    if (!(images instanceof Uint8Array)) {
      throw new RangeError("Cannot take images of a set as they must be bytes: they are preprocessed");
    }
    for (let batch = 0; batch < count; batch++) {
      const chosen = some(batch), planes = new Uint8Array(chosen.length * size);
      chosen.forEach((index, i) => planes.set(images.subarray(index * size, (index + 1) * size), i * size));
      yield {
        indices: chosen,
        planes,
        aspects: Float32Array.from(chosen, (index) => aspects?.[index] ?? width / height),
      };
    }
    return;
  }
  const stream = new BatchStream(set, {
    batchSize,
    indicesOf: (batch) =>
      batch < count ? Int32Array.from({ length: batchSize }, (_, i) => some(batch)[i] ?? -1) : undefined,
  });
  try {
    for (let batch = 0; batch < count; batch++) {
      const { pixels, aspects, indices: places } = await stream.take(batch);
      const bytes = new Uint8Array(pixels.buffer), chosen = some(batch);
      const kept = [...places.keys()].filter((place) => places[place]! >= 0);
      kept.forEach((place, i) => bytes.copyWithin(i * size, place * size, (place + 1) * size));
      yield {
        indices: Int32Array.from(kept, (place) => chosen[place]!),
        planes: bytes.subarray(0, kept.length * size),
        aspects: Float32Array.from(kept, (place) => aspects[place]!),
      };
    }
  } finally {
    stream.close();
  }
}
