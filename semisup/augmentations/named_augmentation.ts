/**
 * The interface of augmentations that options choose by name: one object in one file each.
 * @module
 */
import type { Augmentation } from "../../kernels/mod.ts";
import type { TrainingOptions } from "../options/training_options.ts";

/** Facts that an augmentation may depend on. */
export interface AugmentationFacts {
  /** Options of the run. */
  readonly options: TrainingOptions;
  /** `[C, H, W]` of the images to augment. */
  readonly imageShape: readonly [channels: number, height: number, width: number];
  /** Mean of the training set's pixels in [0, 1]: a neutral value for pixels without content. */
  readonly fill: number;
}

/** An augmentation with a name. */
export interface NamedAugmentation {
  /** Name in options and files: lower-case letters, digits and dashes. */
  readonly name: string;
  /** Name in texts, such as `RandAugment and cutout`. */
  readonly title: string;
  /** Publication of the augmentation; none if absent. */
  readonly source?: string;
  /** Creates the augmentation of a run. */
  create(facts: AugmentationFacts): Augmentation;
}
