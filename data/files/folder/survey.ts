/** Survey of some images of a folder, to choose the size and channels of all. */

import type { Size } from "../decode/decode_image.ts";
import { DecodePool, type Decoder } from "../decode/decode_pool.ts";
import { describeDamage, spread } from "../../internal.ts";
import type { UserFolder } from "./examine_folder.ts";

/** Result of a survey. */
export interface ImageSurvey {
  /** Number of images examined. */
  readonly count: number;
  /** Smallest height and width. */
  readonly smallest: Size;
  /** Largest height and width. */
  readonly largest: Size;
  /** Approximate width / height of most images; 1 if they differ much. */
  readonly aspect: number;
  /** True if all examined images are grey. */
  readonly isGrey: boolean;
}

/** Options of {@linkcode surveyImages}. */
export interface SurveyOptions {
  /** Maximum number of images examined (default: 200). */
  readonly most?: number;
  /** True to read only the beginnings of files; `isGrey` is then false (default: false). */
  readonly sizesOnly?: boolean;
  /** Decoder to use, which is not closed afterwards (default: a new one). */
  readonly decoder?: Decoder | undefined;
}

/** Size at which an image is checked for colour. */
const GLANCE: Size = [32, 32];

/**
 * Examines images spread evenly over a folder, or all images of arrays.
 *
 * @throws {SyntaxError} when no examined image can be decoded.
 */
export async function surveyImages(
  folder: UserFolder,
  { most = 200, sizesOnly = false, decoder: passed }: SurveyOptions = {},
): Promise<ImageSurvey> {
  const { train, test, directory, significantBits } = folder;
  if ("images" in train) {
    const [channels, height, width] = train.imageShape;
    const size: Size = [height, width];
    return {
      count: train.labels.length,
      smallest: size,
      largest: size,
      aspect: width / height,
      isGrey: channels === 1,
    };
  }
  const sample = spread([...train.names, ...(test?.names ?? [])], most);
  const decoder = passed ?? new DecodePool();
  try {
    return await examineImages(sample, { directory, decoder, sizesOnly, significantBits });
  } finally {
    if (!passed) decoder.close();
  }
}

async function examineImages(
  names: readonly string[],
  { directory, decoder, sizesOnly, significantBits }: {
    readonly directory: string;
    readonly decoder: Decoder;
    readonly sizesOnly: boolean;
    readonly significantBits: number;
  },
): Promise<ImageSurvey> {
  const [height, width] = GLANCE, bytes = 3 * height * width;
  const buffer = new SharedArrayBuffer(names.length * bytes);
  const offsets = names.map((_, i) => i * bytes);
  const sizes = await decoder.decode(
    names.map((name) => `${directory}/${name}`),
    sizesOnly ? null : { canvas: GLANCE, channels: 3, buffer, offsets, significantBits },
  );
  const found = sizes.filter((size) => typeof size !== "string");
  if (found.length === 0) {
    throw new SyntaxError(
      `Cannot use ${directory}: no image can be decoded; ${
        describeDamage(names.map((name, i) => ({ name, reason: `${sizes[i]}` })), 5)
      }`,
    );
  }
  const along = (axis: 0 | 1, choose: (...lengths: number[]) => number) =>
    choose(...found.map((size) => size[axis]));
  // Images that could not be decoded are black, and therefore grey.
  const pixels = new Uint8Array(buffer), plane = height * width;
  const isGrey = !sizesOnly && pixels.every((value, i) => {
    const at = i % bytes;
    return at < plane || value === pixels[i - at + at % plane];
  });
  return {
    count: found.length,
    smallest: [along(0, Math.min), along(1, Math.min)],
    largest: [along(0, Math.max), along(1, Math.max)],
    aspect: findCommonAspect(found),
    isGrey,
  };
}

/** Returns the median aspect if three in four aspects are within 25% of it, otherwise 1. */
function findCommonAspect(sizes: readonly Size[]): number {
  const aspects = sizes.map(([height, width]) => width / height).sort((a, b) => a - b);
  const median = aspects[aspects.length >> 1] ?? 1;
  const near = aspects.filter((aspect) => Math.max(aspect / median, median / aspect) <= 1.25).length;
  return near >= 0.75 * aspects.length ? median : 1;
}
