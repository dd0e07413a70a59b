/**
 * What is chosen for each dataset where nothing is said.
 * @module
 */
import type { TrainingOptions } from "../semisup/mod.ts";

/** Choices that go with a dataset. */
export interface Recipe {
  /** Labels drawn of each class. */
  readonly labelsPerClass: number;
  /** Where they differ from the defaults of all options. */
  readonly training: Partial<TrainingOptions>;
}

/** The recipe of each dataset, by its name. */
export const recipes: { readonly [dataset: string]: Recipe } = {
  mnist: { labelsPerClass: 10, training: {} },
  "fashion-mnist": { labelsPerClass: 100, training: { flip: true, rotate: 0, epochs: 2 } },
  cifar10: { labelsPerClass: 400, training: { flip: true, rotate: 0, translate: 4, epochs: 20 } },
};
