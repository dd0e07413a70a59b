/**
 * RandAugment, then cutout: the strong augmentation of FixMatch.
 * @module
 */
import { applyRandAugment, composeAugmentations } from "../../kernels/mod.ts";
import { cutoutAugmentation } from "./cutout.ts";
import type { NamedAugmentation } from "./named_augmentation.ts";

/** RandAugment and cutout. The mean of the training set fills pixels from outside. */
export const randAugmentation: NamedAugmentation = {
  name: "randaugment",
  title: "RandAugment and cutout",
  source: "Cubuk et al. 2020; Sohn et al. 2020",
  create(facts) {
    const { randaugmentOperations: count, randaugmentMagnitude: magnitude } = facts.options;
    return composeAugmentations(
      applyRandAugment({ count, magnitude, fill: facts.fill }),
      cutoutAugmentation.create(facts),
    );
  },
};
