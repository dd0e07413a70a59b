// deno-lint-ignore-file no-non-null-assertion -- indices are in range by construction
/** Decoding of image files to grey or RGB planes of a fixed size. */

import { bitmapLayout, readBitmap } from "./bitmap.ts";
import { imageFormat } from "./first_bytes.ts";

/** Height and width, in pixels. */
export type Size = readonly [height: number, width: number];

/** Planes of a decoded image: grey, or red, green and blue. */
export type ChannelCount = 1 | 3;

type Sharp = typeof import("npm:sharp@0.35.5").default;

let loading: Promise<Sharp> | undefined;

/** The decoder, an npm package with a native part, which is loaded at first use. */
function loadSharp(): Promise<Sharp> {
  loading ??= import("npm:sharp@0.35.5").then(({ default: sharp }) => {
    // Every worker decodes one image at a time, and none again.
    sharp.cache(false);
    sharp.concurrency(1);
    return sharp;
  });
  return loading;
}

/** @throws {Error} that says what to do where the decoder cannot run on this machine. */
export async function checkDecoder(): Promise<void> {
  try {
    await loadSharp();
  } catch (error) {
    throw new Error(
      `Cannot decode images as the npm package sharp must be in reach and have a build for this system: ${
        error instanceof Error ? error.message : error
      }`,
      { cause: error },
    );
  }
}

/** Pixels of an image at most: even those that must be decoded at once, such as interlaced ones, then fit into memory. */
export const MOST_PIXELS = 100_000_000;

async function open(bytes: Uint8Array) {
  const format = imageFormat(bytes);
  const sharp = await loadSharp();
  if (format === "bmp") {
    const { width, height } = bitmapLayout(bytes);
    checkSize(width, height);
    const { pixels } = readBitmap(bytes);
    const image = sharp(pixels, { raw: { width, height, channels: 4 }, limitInputPixels: false });
    return { image, size: [height, width] as Size, isDeep: false };
  }
  // Truncated data are an error; what a viewer shows without remark is not.
  const image = sharp(bytes, { failOn: "error", sequentialRead: true, limitInputPixels: false }).autoOrient();
  const { autoOrient: { height, width }, depth } = await image.metadata();
  checkSize(width, height);
  if (depth !== "uchar" && depth !== "ushort") {
    throw new SyntaxError(`its numbers are of the type ${depth}: save it as PNG with 8 or 16 bits`);
  }
  const isDeep = depth === "ushort" && (format === "png" || format === "tiff");
  return { image, size: [height, width] as Size, isDeep };
}

/** @throws {SyntaxError} where an image is too large to be decoded. */
function checkSize(width: number, height: number): void {
  if (height * width <= MOST_PIXELS) return;
  throw new SyntaxError(`it has ${width}×${height} pixels, and ${MOST_PIXELS / 1e6} million are the most`);
}

/** What the decoder threw, in words that follow a file's name. */
function damage(error: unknown): SyntaxError {
  if (error instanceof SyntaxError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const words = message.replace(/^vips\w+: ?/i, "").replace(/^Input buffer has /, "it has a ")
    .replace(/[:.\s]+$/, "");
  return new SyntaxError(words === "Unknown error" ? "its data are damaged" : words, { cause: error });
}

/**
 * Height and width of an image as it should be seen, from the beginning of its file.
 *
 * @throws {SyntaxError} when it is no image that can be decoded.
 */
export async function imageSize(bytes: Uint8Array): Promise<Size> {
  try {
    return (await open(bytes)).size;
  } catch (error) {
    throw damage(error);
  }
}

/** What is asked of decoded images. */
export interface DecodeOptions {
  /** Whether an image that has colour is refused: {@linkcode NOT_GREY} (default: false). */
  readonly mustBeGrey?: boolean;
  /**
   * How many bits of the 16 of PNG and TIFF are used, 8 to 16: with 12, 4095 becomes white, and an image with values
   * beyond is refused (default: 16).
   */
  readonly significantBits?: number;
}

/**
 * Decodes an image into the planes of a canvas: red, green and blue, or grey.
 *
 * An image of the canvas's size is taken as it is; any other is resampled to it, each axis by its own factor (with a
 * triangle as wide as a pixel of the canvas or, if that is wider, of the image). It is seen as a viewer shows it:
 * turned as its EXIF data say, its colours converted to sRGB from what its profile says or from CMYK, grey as three
 * equal channels, 16 bits rounded to 8, transparent parts on white; of an animation or of several pages the first one.
 *
 * Grey is the luma of ITU-R BT.601, `0.299 R + 0.587 G + 0.114 B` rounded, which leaves grey images as they are.
 *
 * An image has 100 million pixels at most.
 *
 * @param target `[C, H, W]`.
 * @param channels C (default: 3).
 * @returns The image's own height and width.
 * @throws {SyntaxError} whose message follows a file's name (`"it is empty"`) when it cannot be decoded whole.
 */
export async function decodeImage(
  bytes: Uint8Array,
  [height, width]: Size,
  target: Uint8Array,
  channels: ChannelCount = 3,
  { mustBeGrey = false, significantBits = 16 }: DecodeOptions = {},
): Promise<Size> {
  try {
    const { image, size, isDeep } = await open(bytes);
    if (size[0] !== height || size[1] !== width) {
      image.resize(width, height, { fit: "fill", kernel: "linear" });
    }
    const pixels = isDeep && significantBits < 16
      ? await deepPixels(image, significantBits)
      : await image.flatten({ background: "white" }).toColourspace("srgb").raw({ depth: "uchar" }).toBuffer();
    const plane = height * width;
    if (pixels.length !== 3 * plane) throw new SyntaxError(`it has ${pixels.length / plane} channels`);
    if (mustBeGrey && hasColor(pixels)) throw new SyntaxError(NOT_GREY);
    if (channels === 1) toGrey(pixels, target);
    else toPlanes(pixels, target, plane);
    return size;
  } catch (error) {
    throw damage(error);
  }
}

type Opened = Awaited<ReturnType<typeof open>>["image"];

/** RGB by pixel of an image that uses some of its 16 bits, where the largest number that these can say is white. */
async function deepPixels(image: Opened, bits: number): Promise<Uint8Array> {
  // What is transparent is seen on white; the decoder takes it in units of 256.
  const level = 2 ** (bits - 8), most = 2 ** bits - 1;
  const deep = await wordsOf(image.flatten({ background: { r: level, g: level, b: level } }));
  const pixels = new Uint8Array(deep.length);
  for (const [i, value] of deep.entries()) {
    if (value > most + 1) {
      throw new SyntaxError(
        `it has values up to ${value} at least, and the 16-bit images that it should be like use ${bits} bits, up to ${most}`,
      );
    }
    pixels[i] = Math.min(255, Math.round(value * 255 / most));
  }
  return pixels;
}

async function wordsOf(image: Opened): Promise<Uint16Array> {
  const { buffer, byteOffset, length } = await image.toColourspace("rgb16").raw({ depth: "ushort" })
    .toBuffer();
  return new Uint16Array(buffer.slice(byteOffset, byteOffset + length));
}

/** Longer side of the grid of pixels that are looked at for the largest value. */
const GRID = 2000;

/**
 * The largest value of an image of 16 bits, of about four million of its pixels; 0 where it has no 16 bits.
 *
 * @throws {SyntaxError} when it cannot be decoded.
 */
export async function largestDeepValue(bytes: Uint8Array): Promise<number> {
  try {
    const { image, isDeep } = await open(bytes);
    if (!isDeep) return 0;
    const grid = image.resize(GRID, GRID, { fit: "inside", withoutEnlargement: true, kernel: "nearest" });
    return (await wordsOf(grid.removeAlpha())).reduce((most, value) => value > most ? value : most, 0);
  } catch (error) {
    throw damage(error);
  }
}

/** Why an image that had to be grey is refused. */
export const NOT_GREY = "it has colour";

function hasColor(pixels: Uint8Array): boolean {
  for (let i = 0; i < pixels.length; i += 3) {
    if (pixels[i] !== pixels[i + 1] || pixels[i] !== pixels[i + 2]) return true;
  }
  return false;
}

/** RGB by pixel to three planes. */
function toPlanes(pixels: Uint8Array, target: Uint8Array, plane: number): void {
  for (let i = 0, from = 0; i < plane; i++) {
    target[i] = pixels[from++]!;
    target[i + plane] = pixels[from++]!;
    target[i + 2 * plane] = pixels[from++]!;
  }
}

/** RGB by pixel to luma: weights are in units of 2⁻¹⁶ and their sum is 1, so that equal channels stay what they are. */
function toGrey(pixels: Uint8Array, target: Uint8Array): void {
  for (let i = 0, from = 0; from < pixels.length; i++, from += 3) {
    target[i] = (19595 * pixels[from]! + 38470 * pixels[from + 1]! + 7471 * pixels[from + 2]! + 32768) >> 16;
  }
}
