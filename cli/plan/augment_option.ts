/**
 * `--augment NAME,…`: each transform by name, as options of the training.
 * @module
 */
import { findAugmentation, type TrainingOptions } from "../../semisup/mod.ts";

/** Names of transforms; `none` stands alone. */
export const transforms = ["none", "flip", "translate", "rotate", "crop", "color"] as const;

/** Jitter of brightness, contrast, saturation and hue, as for ImageNet. */
const jitter = [0.4, 0.4, 0.4, 0.1];

/**
 * The training options that make these transforms, and no others. Strengths are those that the recipe has, else usual ones:
 * an eighth of the image's side for translations, 10 degrees for turns.
 * @throws {RangeError} if `none` does not stand alone.
 */
export function augmentationOf(
  names: readonly string[],
  recipe: Partial<TrainingOptions>,
  [height, width]: readonly [height: number, width: number],
): Partial<TrainingOptions> {
  if (names.includes("none") && names.length > 1) {
    throw new RangeError(`Cannot use --augment as none must stand alone: it is "${names.join(",")}"`);
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

/** Pixels that an image of a side is shifted by at most: 4 of 32. */
export function usualTranslation(side: number): number {
  return Math.max(1, Math.round(side / 8));
}

/** The transforms of options in words, such as `shifts by up to 2 pixels, turns by up to 10°`. */
export function augmentationText(
  { flip, translate, rotate, randomResizedCrop, colorJitter, weakAugment, strongAugment }: TrainingOptions,
): string {
  const parts = [
    translate > 0 && `shifts by up to ${translate} pixels`,
    rotate > 0 && `turns by up to ${rotate}°`,
    flip && "mirroring",
    randomResizedCrop !== null && `random parts resized to ${randomResizedCrop}×${randomResizedCrop}`,
    colorJitter !== null && "changes of colour",
    findAugmentation(weakAugment)?.title,
    strongAugment !== null && `in strong views ${findAugmentation(strongAugment)?.title ?? "nothing else"}`,
  ].filter((part) => part);
  return parts.length === 0 ? "none" : parts.join(", ");
}
