/** CIFAR's binary format: records of label bytes and the red, green and blue planes of a 32×32 image. */

import type { ImageSet } from "../dataset.ts";
import { createImageSet } from "../image_set.ts";

/** `[C, H, W]` of every CIFAR image. */
export const CIFAR_IMAGE_SHAPE = [3, 32, 32] as const;

const IMAGE_BYTES = 3 * 32 * 32;

/**
 * Parses a file of CIFAR-10's binary format: records of 3073 bytes, the class followed by the planes in row
 * order.
 *
 * @param bytes The file, with any number of records.
 * @param source The file's name, for errors.
 * @param classCount The number of classes.
 * @throws {SyntaxError} naming the file when its size is not a multiple of the record size.
 * @throws {RangeError} when a label is not a class index.
 *
 * @example
 * ```ts
 * import { parseCifarBinary } from "../mod.ts";
 * import { assertEquals } from "../../tests/assert.ts";
 *
 * const file = new Uint8Array(2 * 3073);
 * file[3073] = 9;
 * assertEquals(parseCifarBinary(file, "data_batch_1.bin", 10).labels, Int32Array.of(0, 9));
 * ```
 */
export function parseCifarBinary(bytes: Uint8Array, source: string, classCount: number): ImageSet {
  const { images, labelsAt } = parseRecords(bytes, source, 1);
  return imageSet(images, labelsAt(0), source, classCount);
}

/** The images of a CIFAR-100 file with their classes. */
export interface Cifar100Images {
  /** The images with the 100 classes. */
  readonly fine: ImageSet;
  /** The same images with the 20 superclasses. */
  readonly coarse: ImageSet;
}

/**
 * Parses a file of CIFAR-100's binary format: records of 3074 bytes, superclass and class followed by the
 * planes in row order.
 *
 * @param bytes The file, with any number of records.
 * @param source The file's name, for errors.
 * @throws {SyntaxError} naming the file when its size is not a multiple of the record size.
 * @throws {RangeError} when a label is not a class index.
 *
 * @example
 * ```ts
 * import { parseCifar100Binary } from "../mod.ts";
 * import { assertEquals } from "../../tests/assert.ts";
 *
 * const file = new Uint8Array(3074);
 * file.set([19, 99]);
 * const { fine, coarse } = parseCifar100Binary(file, "train.bin");
 * assertEquals([fine.labels[0], coarse.labels[0]], [99, 19]);
 * ```
 */
export function parseCifar100Binary(bytes: Uint8Array, source: string): Cifar100Images {
  const { images, labelsAt } = parseRecords(bytes, source, 2);
  return {
    fine: imageSet(images, labelsAt(1), source, 100),
    coarse: imageSet(images, labelsAt(0), source, 20),
  };
}

/** Splits records into images and label bytes; `labelsAt` returns the labels at a byte position. */
function parseRecords(bytes: Uint8Array, source: string, labelBytes: number) {
  const recordBytes = labelBytes + IMAGE_BYTES;
  if (bytes.length % recordBytes !== 0) {
    throw new SyntaxError(
      `Cannot read ${source}: its size must be a multiple of ${recordBytes} bytes (one record per image), ` +
        `but it has ${bytes.length}. The file is truncated or has another format.`,
    );
  }
  const count = bytes.length / recordBytes;
  const images = new Uint8Array(count * IMAGE_BYTES);
  for (let i = 0; i < count; i++) {
    images.set(bytes.subarray(i * recordBytes + labelBytes, (i + 1) * recordBytes), i * IMAGE_BYTES);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const labelsAt = (place: number) =>
    Uint8Array.from({ length: count }, (_, i) => view.getUint8(i * recordBytes + place));
  return { images, labelsAt };
}

function imageSet(images: Uint8Array, labels: Uint8Array, source: string, classCount: number): ImageSet {
  return createImageSet({
    images,
    labels,
    imageShape: CIFAR_IMAGE_SHAPE,
    classCount,
    imageSource: source,
    labelSource: source,
  });
}
