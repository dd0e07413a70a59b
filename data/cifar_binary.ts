/** CIFAR's binary form: records of label bytes and the red, green and blue plane of a 32×32 image. */

import type { ImageSet } from "./dataset.ts";
import { createImageSet } from "./image_set.ts";

/** `[C, H, W]` of every CIFAR image. */
export const CIFAR_IMAGE_SHAPE = [3, 32, 32] as const;

const IMAGE_BYTES = 3 * 32 * 32;
const RECORD_BYTES = 1 + IMAGE_BYTES;

/**
 * Reads a file of CIFAR-10's binary form: 3073 bytes a record, the class, then the planes row by row.
 *
 * @param bytes The file, of any number of records.
 * @param source The file's name, for errors.
 * @param classCount The number of classes.
 * @throws {SyntaxError} naming the file when it is not made of whole records.
 * @throws {RangeError} when a label is no class.
 *
 * @example
 * ```ts
 * import { parseCifarBinary } from "./mod.ts";
 * import { assertEquals } from "../tests/assert.ts";
 *
 * const file = new Uint8Array(2 * 3073);
 * file[3073] = 9;
 * assertEquals(parseCifarBinary(file, "data_batch_1.bin", 10).labels, Int32Array.of(0, 9));
 * ```
 */
export function parseCifarBinary(bytes: Uint8Array, source: string, classCount: number): ImageSet {
  if (bytes.length % RECORD_BYTES !== 0) {
    throw new SyntaxError(
      `Cannot read ${source} as its size must be a multiple of ${RECORD_BYTES} bytes, one record an image: ` +
        `it has ${bytes.length}, so it is truncated or something else`,
    );
  }
  const count = bytes.length / RECORD_BYTES;
  const images = new Uint8Array(count * IMAGE_BYTES);
  const labels = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    labels[i] = bytes[i * RECORD_BYTES]!;
    images.set(bytes.subarray(i * RECORD_BYTES + 1, (i + 1) * RECORD_BYTES), i * IMAGE_BYTES);
  }
  return createImageSet({
    images,
    labels,
    imageShape: CIFAR_IMAGE_SHAPE,
    classCount,
    imageSource: source,
    labelSource: source,
  });
}
