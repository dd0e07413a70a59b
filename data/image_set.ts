/** Putting images and labels together, with the checks that any file format needs. */

import type { ImageSet } from "./dataset.ts";

/** What an image set is made of, and the files to name when it does not fit together. */
export interface ImageSetParts {
  /** Pixels `[N, C, H, W]`. */
  readonly images: Uint8Array;
  /** Class index per image `[N]`. */
  readonly labels: ArrayLike<number>;
  /** `[C, H, W]` */
  readonly imageShape: readonly [number, number, number];
  /** How many classes there are. */
  readonly classCount: number;
  /** The images' file, for errors. */
  readonly imageSource: string;
  /** The labels' file, for errors. */
  readonly labelSource: string;
}

/**
 * An image set of these images and labels.
 *
 * @throws {SyntaxError} when there are not as many labels as images.
 * @throws {RangeError} when a label is no class.
 */
export function createImageSet(parts: ImageSetParts): ImageSet {
  const { images, labels, imageShape, classCount, imageSource, labelSource } = parts;
  const imageCount = images.length / imageShape.reduce((product, length) => product * length, 1);
  if (imageCount !== labels.length) {
    throw new SyntaxError(
      `Cannot use ${imageSource} with ${labelSource} as there must be as many labels as images: ` +
        `there are ${imageCount} images and ${labels.length} labels`,
    );
  }
  if (imageCount === 0) {
    throw new SyntaxError(`Cannot use ${imageSource} as it must hold images: it has none`);
  }
  checkLabels(labels, classCount, labelSource);
  return { images, labels: Int32Array.from(labels), imageShape };
}

/** @throws {RangeError} naming the source and the first label that is no class. */
function checkLabels(labels: ArrayLike<number>, classCount: number, source: string): void {
  for (const [i, label] of Array.from(labels).entries()) {
    if (!Number.isInteger(label) || label < 0 || label >= classCount) {
      throw new RangeError(
        `Cannot use ${source} as its labels must be 0 to ${classCount - 1}: label ${i} is ${label}`,
      );
    }
  }
}

/**
 * One image set of several, in their order.
 *
 * All must have the same image shape.
 */
export function concatenateImageSets(sets: readonly ImageSet[]): ImageSet {
  const [first] = sets;
  if (!first) throw new RangeError("Cannot concatenate image sets as there must be one: there is none");
  const images = concatenateBytes(sets.map((set) => set.images));
  const labels = new Int32Array(sets.reduce((total, set) => total + set.labels.length, 0));
  let offset = 0;
  for (const set of sets) {
    labels.set(set.labels, offset);
    offset += set.labels.length;
  }
  return { images, labels, imageShape: first.imageShape };
}

/** One array of several, in their order. */
export function concatenateBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
