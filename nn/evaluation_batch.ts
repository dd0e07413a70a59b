/**
 * The batch size of evaluation.
 * @module
 */
import { input, largestTensor, type Shape, sizeOf } from "../kernels/mod.ts";
import type { ClassifierNetwork } from "./classifier.ts";
import { evaluationContext } from "./module.ts";

/**
 * Limit of a batch's largest tensor in bytes: enough to keep a device busy, and far below the limits of fast
 * kernels.
 */
const maxTensorBytes = 2 ** 25;

/**
 * Returns the largest batch size for evaluation, at least 1, at which neither a layer's result nor the images
 * as floats take more than 32 MiB.
 * @param networks Networks that evaluate the same batch.
 * @param imageShape `[C, H, W]` of the images before they are cropped.
 * @param viewShape `[C, H, W]` of the networks' input.
 */
export function chooseEvaluationBatchSize(
  networks: readonly ClassifierNetwork[],
  imageShape: Shape,
  viewShape: Shape = imageShape,
): number {
  const image = input("image", [1, ...viewShape]);
  const logits = networks.map((network) => network.forward(image, evaluationContext())[0]);
  const bytes = Math.max(largestTensor(image, logits), 4 * sizeOf(imageShape));
  return Math.max(1, Math.floor(maxTensorBytes / bytes));
}
