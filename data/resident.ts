/** Image sets stored on the device, where batches are gathered. */

import { packPixels, sizeOf, type Variable, variable } from "../kernels/mod.ts";
import type { ImageSet, Pixels } from "./dataset.ts";

/** An image set on the device. */
export interface ResidentImages {
  /** Packed bytes or float32, in parts that fit a binding, as accepted by `augmentImages`. */
  readonly pixels: readonly Variable[];
  /** Class index per image, int32 `[N]`; NO_LABEL (−1) = unlabelled. */
  readonly labels: Variable;
  /** Width / height at which each image is displayed `[N]`, if the set has aspects. */
  readonly aspects?: Variable;
}

/**
 * Wraps an image set in variables that Programs can read. It is uploaded to the device on first use.
 *
 * @param largestBinding Maximum number of bytes of a part: the device's `largestBinding`.
 * @throws {RangeError} when four images exceed `largestBinding`.
 */
export function residentImages(
  { images, labels, aspects, imageShape }: ImageSet<Pixels>,
  largestBinding: number,
): ResidentImages {
  const imageLength = sizeOf(imageShape);
  // Parts of bytes must begin at whole words; four images always fill whole words.
  const partImages = Math.floor(largestBinding / images.BYTES_PER_ELEMENT / imageLength / 4) * 4;
  if (partImages === 0) {
    throw new RangeError(
      `Cannot put images on the device: four images must fit into a binding of ${largestBinding} bytes, ` +
        `but one takes ${imageLength * images.BYTES_PER_ELEMENT}. Use smaller images.`,
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
