/**
 * `--augment NAME,…`: augmentations by name, converted to training options.
 * @module
 */
import { findAugmentation, type TrainingOptions, usualTranslation } from "../../semisup/mod.ts";

/** Names of the augmentations; `none` cannot be combined. */
export const transforms = ["none", "flip", "translate", "rotate", "crop", "color"] as const;

/** Jitter of brightness, contrast, saturation and hue, the usual values for ImageNet. */
const jitter = [0.4, 0.4, 0.4, 0.1];

/**
 * Returns the training options that enable the named augmentations and disable all others. Strengths come
 * from the recipe; if absent, translations are up to an eighth of the image's shorter side, and rotations up
 * to 10 degrees.
 * @throws {RangeError} if `none` is combined with other names.
 */
export function augmentationOf(
  names: readonly string[],
  recipe: Partial<TrainingOptions>,
  [height, width]: readonly [height: number, width: number],
): Partial<TrainingOptions> {
  if (names.includes("none") && names.length > 1) {
    throw new RangeError(
      `Cannot use --augment ${names.join(",")}: "none" cannot be combined with other names`,
    );
  }
  const side = Math.min(height, width);
  const has = (name: (typeof transforms)[number]) => names.includes(name);
  return {
    flip: has("flip"),
    translate: has("translate") ? recipe.translate || usualTranslation(side) : 0,
    rotate: has("rotate") ? recipe.rotate || 10 : 0,
    randomResizedCrop: has("crop") ? recipe.randomResizedCrop ?? side : null,
    colorJitter: has("color") ? recipe.colorJitter ?? jitter : null,
  };
}

/** Describes the augmentations of options, such as `translation up to 2 pixels, rotation up to 10°`. */
export function augmentationText(
  { flip, translate, rotate, randomResizedCrop, colorJitter, weakAugment, strongAugment }: TrainingOptions,
): string {
  const parts = [
    translate > 0 && `translation up to ${translate} pixel${translate === 1 ? "" : "s"}`,
    rotate > 0 && `rotation up to ${rotate}°`,
    flip && "horizontal flips",
    randomResizedCrop !== null && `random crops resized to ${randomResizedCrop}×${randomResizedCrop}`,
    colorJitter !== null && "colour jitter",
    findAugmentation(weakAugment)?.title,
    strongAugment !== null && `in strong views ${findAugmentation(strongAugment)?.title ?? "no other"}`,
  ].filter((part) => part);
  return parts.length === 0 ? "none" : parts.join(", ");
}
