/** Image sets that live on the device, so that batches are made there. */

import { packPixels, sizeOf, type Variable, variable } from "../kernels/mod.ts";
import type { ImageSet, Pixels } from "./dataset.ts";

/** An image set on the device. */
export interface ResidentImages {
  /** Bytes (packed) or float32 in parts that the adapter can bind, as `augmentImages` takes them. */
  readonly pixels: readonly Variable[];
  /** Class index per image, int32 `[N]`; NO_LABEL (−1) = unlabelled. */
  readonly labels: Variable;
  /** Width / height of each image as it should be seen `[N]`, where the set says so. */
  readonly aspects?: Variable;
}

/**
 * Puts an image set where Programs can read it; it moves to the device when first used.
 *
 * @param largestBinding Bytes of a part at most: the device's `largestBinding`.
 * @throws {RangeError} when four images are larger than that.
 */
export function residentImages(
  { images, labels, aspects, imageShape }: ImageSet<Pixels>,
  largestBinding: number,
): ResidentImages {
  const imageLength = sizeOf(imageShape);
  // Parts of bytes begin at whole words: four images take a whole number of them.
  const partImages = Math.floor(largestBinding / images.BYTES_PER_ELEMENT / imageLength / 4) * 4;
  if (partImages === 0) {
    throw new RangeError(
      `Cannot put images on the device as four must fit into a binding of ${largestBinding} bytes: one has ${
        imageLength * images.BYTES_PER_ELEMENT
      }`,
    );
  }
  const pixels: Variable[] = [];
  for (let start = 0; start < images.length; start += partImages * imageLength) {
    const part = images.subarray(start, start + partImages * imageLength);
    const isBytes = part instanceof Uint8Array;
    const length = isBytes ? Math.ceil(part.length / 4) : part.length;
    const dtype = isBytes ? "uint32" : "float32";
    const data = () => isBytes ? packPixels(part) : part;
    pixels.push(variable([length], data, { dtype, name: `pixels.${pixels.length}` }));
  }
  return {
    pixels,
    labels: variable([labels.length], labels, { dtype: "int32", name: "labels" }),
    ...(aspects && { aspects: variable([aspects.length], aspects, { name: "aspects" }) }),
  };
}
