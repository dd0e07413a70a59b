/** Image sets that live on the device as bytes, so that batches are made there. */

import { packPixels, sizeOf, type Variable, variable } from "../kernels/mod.ts";
import type { ImageSet } from "./dataset.ts";

/** An image set on the device. */
export interface ResidentImages {
  /** Pixels in parts that the adapter can bind, as `augmentImages` takes them. */
  readonly pixels: readonly Variable[];
  /** Class index per image, int32 `[N]`; NO_LABEL (−1) = unlabelled. */
  readonly labels: Variable;
}

/**
 * Puts an image set where Programs can read it; it moves to the device when first used.
 *
 * @param largestBinding Bytes of a part at most: the device's `largestBinding`.
 * @throws {RangeError} when a single image is larger than that.
 */
export function residentImages(
  { images, labels, imageShape }: ImageSet,
  largestBinding: number,
): ResidentImages {
  const imageBytes = sizeOf(imageShape);
  // Parts begin at whole words: four images take a whole number of them.
  const partImages = Math.floor(largestBinding / imageBytes / 4) * 4;
  if (partImages === 0) {
    throw new RangeError(
      `Cannot put images on the device as four must fit into a binding of ${largestBinding} bytes: one has ${imageBytes}`,
    );
  }
  const pixels: Variable[] = [];
  for (let start = 0; start < images.length; start += partImages * imageBytes) {
    const words = packPixels(images.subarray(start, start + partImages * imageBytes));
    pixels.push(variable([words.length], words, { dtype: "uint32", name: `pixels.${pixels.length}` }));
  }
  return { pixels, labels: variable([labels.length], labels, { dtype: "int32", name: "labels" }) };
}
