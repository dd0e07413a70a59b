/** A look at some images of a folder, to choose how all are kept. */

import type { Size } from "../decode/decode_image.ts";
import { DecodePool, type Decoder } from "../decode/decode_pool.ts";
import { describeDamage } from "../../mod.ts";
import { spread } from "../spread.ts";
import type { UserFolder } from "./examine_folder.ts";

/** What images are like. */
export interface ImageSurvey {
  /** How many were looked at. */
  readonly looked: number;
  /** Smallest height and width. */
  readonly smallest: Size;
  /** Largest height and width. */
  readonly largest: Size;
  /** Width / height that most have, about; 1 where they differ much. */
  readonly aspect: number;
  /** Whether all are grey. */
  readonly isGrey: boolean;
}

/** How to look at images. */
export interface SurveyOptions {
  /** How many are looked at, at most (default: 200). */
  readonly most?: number;
  /** Whether only the beginnings of files are read: whether all are grey stays unknown, and is denied (default: false). */
  readonly sizesOnly?: boolean;
  /** The decoder to use, which stays open (default: one of its own). */
  readonly decoder?: Decoder | undefined;
}

/** Pixels of an image that say whether it is grey. */
const GLANCE: Size = [32, 32];

/**
 * Looks at images of a folder, spread evenly over it; of arrays at all.
 *
 * @throws {SyntaxError} when none of them can be decoded.
 */
export async function surveyImages(
  folder: UserFolder,
  { most = 200, sizesOnly = false, decoder: given }: SurveyOptions = {},
): Promise<ImageSurvey> {
  const { train, test, directory, significantBits } = folder;
  if ("images" in train) {
    const [channels, height, width] = train.imageShape;
    const size: Size = [height, width];
    return {
      looked: train.labels.length,
      smallest: size,
      largest: size,
      aspect: width / height,
      isGrey: channels === 1,
    };
  }
  const sample = spread([...train.names, ...(test?.names ?? [])], most);
  const decoder = given ?? new DecodePool();
  try {
    return await lookAt(sample, { directory, decoder, sizesOnly, significantBits });
  } finally {
    if (!given) decoder.close();
  }
}

async function lookAt(
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
      `Cannot use ${directory} as its files must be images: ${
        describeDamage(names.map((name, i) => ({ name, reason: `${sizes[i]}` })), 5)
      }`,
    );
  }
  const along = (axis: 0 | 1, choose: (...lengths: number[]) => number) =>
    choose(...found.map((size) => size[axis]));
  // What could not be decoded is black, and grey.
  const pixels = new Uint8Array(buffer), plane = height * width;
  const isGrey = !sizesOnly && pixels.every((value, i) => {
    const at = i % bytes;
    return at < plane || value === pixels[i - at + at % plane];
  });
  return {
    looked: found.length,
    smallest: [along(0, Math.min), along(1, Math.min)],
    largest: [along(0, Math.max), along(1, Math.max)],
    aspect: commonAspect(found),
    isGrey,
  };
}

/** The median, if three in four are within a quarter of it. */
function commonAspect(sizes: readonly Size[]): number {
  const aspects = sizes.map(([height, width]) => width / height).sort((a, b) => a - b);
  const median = aspects[aspects.length >> 1] ?? 1;
  const near = aspects.filter((aspect) => Math.max(aspect / median, median / aspect) <= 1.25).length;
  return near >= 0.75 * aspects.length ? median : 1;
}
