/**
 * The options of a run, from all that has a say in them.
 * @module
 */
import { methodDefaults, resolveOptions, type TrainingOptions } from "../../semisup/mod.ts";
import { flagOf } from "../command/options.ts";
import { augmentationOf } from "./augment_option.ts";

/**
 * Returns the options of a run, from the weakest to the strongest: a recipe, `--augment`, the method's defaults, and
 * the options that the user set.
 * @throws {RangeError} if they do not fit each other, or as {@linkcode augmentationOf} does.
 */
export function resolveTraining(
  recipe: Partial<TrainingOptions>,
  augment: readonly string[] | null,
  size: readonly [height: number, width: number],
  userOptions: Partial<TrainingOptions>,
): TrainingOptions {
  return resolveOptions({
    ...recipe,
    ...(augment && augmentationOf(augment, recipe, size)),
    ...methodDefaults(userOptions.algorithm),
    ...userOptions,
  }, flagOf);
}
