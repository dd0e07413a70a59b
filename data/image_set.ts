/** Builds image sets from images and labels, with the checks that every file format needs. */

import type { ImageSet } from "./dataset.ts";

/** Images and labels of an image set, with their file names for errors. */
export interface ImageSetParts {
  /** Pixels `[N, C, H, W]`. */
  readonly images: Uint8Array;
  /** Class index per image `[N]`. */
  readonly labels: ArrayLike<number>;
  /** `[C, H, W]` */
  readonly imageShape: readonly [number, number, number];
  /** Number of classes. */
  readonly classCount: number;
  /** Name of the images' file, for errors. */
  readonly imageSource: string;
  /** Name of the labels' file, for errors. */
  readonly labelSource: string;
}

/**
 * Creates an image set.
 *
 * @throws {SyntaxError} when there are no images, or the numbers of images and labels differ.
 * @throws {RangeError} when a label is not a class index.
 */
export function createImageSet(parts: ImageSetParts): ImageSet {
  const { images, labels, imageShape, classCount, imageSource, labelSource } = parts;
  const imageCount = images.length / imageShape.reduce((product, length) => product * length, 1);
  if (imageCount !== labels.length) {
    throw new SyntaxError(
      `Cannot use ${imageSource} with ${labelSource}: ` +
        `there are ${imageCount} images, but ${labels.length} labels`,
    );
  }
  if (imageCount === 0) {
    throw new SyntaxError(`Cannot use ${imageSource}: it contains no images`);
  }
  checkLabels(labels, classCount, labelSource);
  return { images, labels: Int32Array.from(labels), imageShape };
}

/** Checks labels. @throws {RangeError} naming the source and the first label that is not a class index. */
function checkLabels(labels: ArrayLike<number>, classCount: number, source: string): void {
  for (const [i, label] of Array.from(labels).entries()) {
    if (!Number.isInteger(label) || label < 0 || label >= classCount) {
      throw new RangeError(
        `Cannot use ${source}: labels must be integers from 0 to ${
          classCount - 1
        }, but label ${i} is ${label}`,
      );
    }
  }
}

/**
 * Concatenates image sets of the same image shape.
 *
 * @throws {RangeError} when the list is empty.
 */
export function concatenateImageSets(sets: readonly ImageSet[]): ImageSet {
  const [first] = sets;
  if (!first) throw new RangeError("Cannot concatenate image sets: the list is empty");
  const images = concatenateBytes(sets.map((set) => set.images));
  const labels = new Int32Array(sets.reduce((total, set) => total + set.labels.length, 0));
  let offset = 0;
  for (const set of sets) {
    labels.set(set.labels, offset);
    offset += set.labels.length;
  }
  return { images, labels, imageShape: first.imageShape };
}

/** Concatenates arrays of bytes. */
export function concatenateBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
