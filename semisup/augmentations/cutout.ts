/**
 * Cutout alone.
 * @module
 */
import { composeAugmentations, cutOutRandomly } from "../../kernels/mod.ts";
import type { NamedAugmentation } from "./named_augmentation.ts";

/** Cutout: a square of each image gets the mean of the training set, which is 0 after normalisation. */
export const cutoutAugmentation: NamedAugmentation = {
  name: "cutout",
  title: "cutout",
  source: "DeVries & Taylor 2017",
  create({ options: { cutout }, imageShape: [, height, width], fill }) {
    const side = cutout ?? Math.floor(Math.min(height, width) / 2);
    return side === 0 ? composeAugmentations() : cutOutRandomly(side, fill);
  },
};
