/**
 * How many images to compute at once.
 * @module
 */
import { input, largestTensor, type Shape, sizeOf } from "../kernels/mod.ts";
import type { ClassifierNetwork } from "./classifier.ts";
import { evaluationContext } from "./module.ts";

/** Bytes of a batch's largest tensor: enough to keep a device busy, and little beside what fast kernels can take. */
const mostBytes = 2 ** 25;

/**
 * How many images to give networks at once in evaluation: so many that no layer's result takes more than 32 MiB, nor the
 * images as floats, but at least one.
 * @param networks Networks that all see the images.
 * @param imageShape `[C, H, W]` that the images have before they are cropped for the networks.
 * @param viewShape `[C, H, W]` that the networks see.
 */
export function evaluationBatch(
  networks: readonly ClassifierNetwork[],
  imageShape: Shape,
  viewShape: Shape = imageShape,
): number {
  const image = input("image", [1, ...viewShape]);
  const logits = networks.map((network) => network.forward(image, evaluationContext())[0]);
  const bytes = Math.max(largestTensor(image, logits), 4 * sizeOf(imageShape));
  return Math.max(1, Math.floor(mostBytes / bytes));
}
