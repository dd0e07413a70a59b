/** Sizes of the images of tables. */

/** Height, width and number of channels. */
export type ImageSize = readonly [height: number, width: number, channels: 1 | 3];

/** Smallest height and width. */
export const LEAST_SIDE = 8;
/** Largest height and width. */
export const MOST_SIDE = 256;

/** Returns whether a number is a possible height or width. */
export function isSide(length: number): boolean {
  return Number.isInteger(length) && length >= LEAST_SIDE && length <= MOST_SIDE;
}

/** Returns the size of square images of so many values, grey or with three channels; undefined if there is none. */
export function findSquare(count: number): ImageSize | undefined {
  const channels = ([1, 3] as const).find((channels) => isSide(Math.sqrt(count / channels)));
  return channels && [Math.sqrt(count / channels), Math.sqrt(count / channels), channels];
}
