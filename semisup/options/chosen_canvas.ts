/**
 * The size that a user's images are resampled to.
 * @module
 */
import type { ImageFacts } from "./chosen_settings.ts";

/** Height and width in pixels. */
export type Size = readonly [height: number, width: number];

/** Sizes of images. */
export interface ImageSizes {
  /** Smallest height and width. */
  readonly smallest: readonly [height: number, width: number];
  /** Largest height and width. */
  readonly largest: readonly [height: number, width: number];
  /** Approximate width / height of most images; 1 if they differ much. */
  readonly aspect: number;
}

/** Returns what a setting is called in texts, such as the flag of a command. */
export type SettingName = (setting: "imageSize" | "augment" | "steps" | "epochs") => string;

/** Images up to this side are not resampled. */
export const smallSide = 64;
/** The longer side that photographs are resampled to. */
const photoSide = { cpu: 48, gpu: 96 } as const;
/** Smallest side that the networks accept. */
const minSide = 8;

/**
 * Chooses the size of images, with a reason: at least the one that the weights to start from were trained with.
 * @param longest Longest side, if the caller sets it; null if not.
 * @throws {RangeError} if the caller sets a size for images of arrays, which are never resampled.
 */
export function chooseCanvas(
  { survey, isCpu, areArrays, init }: Pick<ImageFacts, "survey" | "isCpu" | "areArrays" | "init">,
  longest: number | null,
  nameOf: SettingName = (setting) => setting,
): { readonly canvas: readonly [height: number, width: number]; readonly reason: string } {
  const { smallest, largest, aspect } = survey, expected = init?.imageSize ?? null;
  if (areArrays) {
    if (longest === null) return { canvas: largest, reason: "original size" };
    throw new RangeError(`Cannot use ${nameOf("imageSize")} with arrays: their images are never resampled`);
  }
  if (init && expected && longest === null) {
    return {
      canvas: expandTo(expected, aspect),
      reason: `${init.source} was trained with ${expected[1]}×${expected[0]}; change with ${
        nameOf("imageSize")
      }`,
    };
  }
  if (init && expected && longest !== null) {
    // Smaller images are enlarged too, unlike without weights.
    const along = (share: number) => Math.max(minSide, Math.round(share * longest));
    const canvas = [along(Math.min(1, 1 / aspect)), along(Math.min(1, aspect))] as const;
    return { canvas, reason: `set by ${nameOf("imageSize")}` };
  }
  const isOneSize = smallest[0] === largest[0] && smallest[1] === largest[1];
  const side = Math.max(...largest);
  if (side <= (longest ?? smallSide)) {
    const canvas: Size = [Math.max(minSide, largest[0]), Math.max(minSide, largest[1])];
    const isOwn = isOneSize && Math.min(...largest) >= minSide;
    return {
      canvas,
      reason: isOwn
        ? "original size"
        : isOneSize
        ? `networks need at least ${minSide} pixels`
        : "the size of the largest image",
    };
  }
  const target = longest ?? Math.min(photoSide[isCpu ? "cpu" : "gpu"], 8 * Math.floor(side / 8));
  const multiple = longest === null ? 8 : 1;
  const along = (length: number) => {
    const share = length / Math.max(1, 1 / aspect);
    return Math.max(minSide, Math.round(share * target / multiple) * multiple);
  };
  return {
    canvas: [along(1 / aspect), along(1)],
    reason: longest === null
      ? `so that training takes minutes on ${isCpu ? "a processor" : "this GPU"}; change with ${
        nameOf("imageSize")
      }`
      : `set by ${nameOf("imageSize")}`,
  };
}

/** Ratio of aspects up to which images are stretched to the size of the weights. */
const mostStretch = 1.15;

/** Returns the smallest size of an aspect that covers another size. */
function expandTo([height, width]: Size, aspect: number): Size {
  const stretch = aspect / (width / height);
  if (Math.max(stretch, 1 / stretch) <= mostStretch) return [height, width];
  const grow = (side: number, factor: number) => Math.max(side, Math.round(side * factor / 8) * 8);
  return stretch > 1 ? [height, grow(width, stretch)] : [grow(height, 1 / stretch), width];
}
