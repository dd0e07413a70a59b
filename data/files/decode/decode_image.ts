// deno-lint-ignore-file no-non-null-assertion -- indices are in range by construction
/** Decoding of image files to grey or RGB planes of a fixed size. */

import { bitmapLayout, readBitmap } from "./bitmap.ts";
import { imageFormat } from "./first_bytes.ts";
import { heicSize, heicToTiff } from "./heic.ts";
import { netpbmLayout, readNetpbm } from "./netpbm.ts";
import { checkClaims, checkScans, checkTexts, MOST_PIXELS } from "./picture_limits.ts";

/** Height and width, in pixels. */
export type Size = readonly [height: number, width: number];

/** Number of planes of a decoded image: 1 (grey) or 3 (RGB). */
export type ChannelCount = 1 | 3;

type Sharp = typeof import("npm:sharp@0.35.5").default;

let loading: Promise<Sharp> | undefined;

/** Loads the decoder, an npm package with a native part, on first use. */
function loadSharp(): Promise<Sharp> {
  loading ??= import("npm:sharp@0.35.5").then(({ default: sharp }) => {
    // Every worker decodes one image at a time, and no image is decoded twice in a row.
    sharp.cache(false);
    sharp.concurrency(1);
    return sharp;
  });
  return loading;
}

/** Checks that the decoder can run. @throws {Error} when it cannot be loaded on this machine. */
export async function checkDecoder(): Promise<void> {
  try {
    await loadSharp();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      reason.includes("--allow-ffi")
        ? "Cannot decode images: permission for the decoder's native library is missing: add --allow-ffi"
        : `Cannot decode images: the npm package sharp cannot be loaded (${reason}). Connect to the network once, and check that sharp supports this system`,
      { cause: error },
    );
  }
}

async function open(bytes: Uint8Array, mostPixels = MOST_PIXELS) {
  const format = imageFormat(bytes);
  const sharp = await loadSharp();
  if (format === "bmp" || format === "netpbm") {
    const { width, height, channels, pixels } = readHere(format, bytes, mostPixels);
    const image = sharp(pixels, { raw: { width, height, channels }, limitInputPixels: false });
    return { image, size: [height, width] as Size, isDeep: pixels instanceof Uint16Array };
  }
  if (format === "heic") {
    await claimHeic(bytes, mostPixels);
    bytes = await heicToTiff(bytes);
  }
  if (format === "png") checkTexts(bytes);
  // Truncated data are an error; flaws that viewers ignore are not.
  const image = sharp(bytes, { failOn: "error", sequentialRead: true, limitInputPixels: false }).autoOrient();
  const { autoOrient: { height, width }, depth, channels, isProgressive } = await image.metadata();
  const pixelBytes = channels * (depth === "uchar" ? 1 : 2), fileBytes = bytes.length;
  checkClaims({ width, height, format, isProgressive, pixelBytes, fileBytes }, mostPixels);
  if (format === "jpeg" && isProgressive) checkScans(bytes, width * height);
  if (depth !== "uchar" && depth !== "ushort") {
    throw new SyntaxError(`its pixel type ${depth} is not supported: save it as PNG with 8 or 16 bits`);
  }
  const isDeep = depth === "ushort" && (format === "png" || format === "tiff");
  return { image, size: [height, width] as Size, isDeep };
}

/** Checks the claims of a HEIC photo. @returns its size. */
async function claimHeic(bytes: Uint8Array, mostPixels = MOST_PIXELS): Promise<Size> {
  const [height, width] = await heicSize(bytes), claims = { width, height, format: "heic", pixelBytes: 4 };
  checkClaims({ ...claims, fileBytes: bytes.length }, mostPixels);
  return [height, width];
}

/** Reads a picture of a format that the decoder does not know. */
function readHere(format: "bmp" | "netpbm", bytes: Uint8Array, mostPixels: number) {
  const isBitmap = format === "bmp", { width, height } = (isBitmap ? bitmapLayout : netpbmLayout)(bytes);
  checkClaims({ width, height, format, pixelBytes: 4, fileBytes: bytes.length }, mostPixels);
  return isBitmap ? { ...readBitmap(bytes), channels: 4 as const } : readNetpbm(bytes);
}

/** Returns the decoder's error with a message that follows the file's name. */
function damage(error: unknown): SyntaxError {
  if (error instanceof SyntaxError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const words = message.replace(/^vips\w+: ?/i, "").replace(/^Input buffer has /, "it has a ")
    .replace(/[:.\s]+$/, "");
  return new SyntaxError(words === "Unknown error" ? "its data are damaged" : words, { cause: error });
}

/**
 * Reads the height and width at which an image is displayed from the beginning of its file.
 *
 * @throws {SyntaxError} when the file cannot be decoded.
 */
export async function imageSize(bytes: Uint8Array): Promise<Size> {
  try {
    return imageFormat(bytes) === "heic" ? await claimHeic(bytes) : (await open(bytes)).size;
  } catch (error) {
    throw damage(error);
  }
}

/** Options of {@linkcode decodeImage}. */
export interface DecodeOptions {
  /** True to reject images with colour, with {@linkcode NOT_GREY} (default: false). */
  readonly mustBeGrey?: boolean;
  /**
   * Number of bits used by 16-bit PNG, TIFF and Netpbm images, 8 to 16. With 12, 4095 becomes white, and an image
   * with larger values is rejected (default: 16).
   */
  readonly significantBits?: number;
  /** Maximum number of pixels (default: 100 million, which is also the limit). */
  readonly mostPixels?: number;
  /** Time in seconds for decoding (default: no limit). */
  readonly timeLimit?: number;
}

/**
 * Decodes an image into the planes of a canvas: red, green and blue, or grey.
 *
 * An image of the canvas's size is not resampled. Other images are resampled to it, each axis by its own
 * factor, with a triangle filter as wide as a pixel of the canvas or of the image, whichever is larger. The
 * result is the same as in a viewer: rotated according to the EXIF data, converted to sRGB from its colour
 * profile or CMYK, grey as three equal channels, 16 bits rounded to 8, and blended with white if transparent.
 * Only the first frame or page is decoded.
 *
 * Grey is the luma of ITU-R BT.601, `0.299 R + 0.587 G + 0.114 B` rounded, which does not change grey images.
 *
 * An image may have at most 100 million pixels, or fewer as the options say.
 *
 * @param target `[C, H, W]`.
 * @param channels C (default: 3).
 * @returns The image's own height and width.
 * @throws {SyntaxError} with a message that follows the file's name (`"it is empty"`) when it cannot be
 * decoded completely.
 */
export async function decodeImage(
  bytes: Uint8Array,
  [height, width]: Size,
  target: Uint8Array,
  channels: ChannelCount = 3,
  { mustBeGrey = false, significantBits = 16, mostPixels = MOST_PIXELS, timeLimit = 0 }: DecodeOptions = {},
): Promise<Size> {
  try {
    const { image, size, isDeep } = await open(bytes, Math.min(mostPixels, MOST_PIXELS));
    image.timeout({ seconds: timeLimit });
    if (size[0] !== height || size[1] !== width) {
      image.resize(width, height, { fit: "fill", kernel: "linear" });
    }
    const pixels = isDeep && significantBits < 16
      ? await decodeDeepPixels(image, significantBits)
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

/**
 * Decodes a 16-bit image that uses only some of its bits to interleaved RGB bytes; the largest value becomes
 * white.
 */
async function decodeDeepPixels(image: Opened, bits: number): Promise<Uint8Array> {
  // Transparent pixels are blended with white, which the decoder takes in units of 256.
  const level = 2 ** (bits - 8), most = 2 ** bits - 1;
  const deep = await readWords(image.flatten({ background: { r: level, g: level, b: level } }));
  const pixels = new Uint8Array(deep.length);
  for (const [i, value] of deep.entries()) {
    if (value > most + 1) {
      throw new SyntaxError(
        `it has the value ${value}, but the other 16-bit images use ${bits} bits, with values up to ${most}`,
      );
    }
    pixels[i] = Math.min(255, Math.round(value * 255 / most));
  }
  return pixels;
}

async function readWords(image: Opened): Promise<Uint16Array> {
  const { buffer, byteOffset, length } = await image.toColourspace("rgb16").raw({ depth: "ushort" })
    .toBuffer();
  return new Uint16Array(buffer.slice(byteOffset, byteOffset + length));
}

/** Longer side of the grid of pixels sampled for the largest value. */
const GRID = 2000;

/**
 * Returns the largest value of a 16-bit image among up to four million sampled pixels; 0 for other images.
 *
 * @throws {SyntaxError} when the image cannot be decoded.
 */
export async function findLargestValue(bytes: Uint8Array): Promise<number> {
  try {
    const { image, isDeep } = await open(bytes);
    if (!isDeep) return 0;
    const grid = image.resize(GRID, GRID, { fit: "inside", withoutEnlargement: true, kernel: "nearest" });
    return (await readWords(grid.removeAlpha())).reduce((most, value) => value > most ? value : most, 0);
  } catch (error) {
    throw damage(error);
  }
}

/** Reason for rejecting an image with colour if images must be grey. */
export const NOT_GREY = "it has colour";

function hasColor(pixels: Uint8Array): boolean {
  for (let i = 0; i < pixels.length; i += 3) {
    if (pixels[i] !== pixels[i + 1] || pixels[i] !== pixels[i + 2]) return true;
  }
  return false;
}

/** Splits interleaved RGB into three planes. */
function toPlanes(pixels: Uint8Array, target: Uint8Array, plane: number): void {
  for (let i = 0, from = 0; i < plane; i++) {
    target[i] = pixels[from++]!;
    target[i + plane] = pixels[from++]!;
    target[i + 2 * plane] = pixels[from++]!;
  }
}

/**
 * Converts interleaved RGB to luma. Weights are in units of 2⁻¹⁶ and sum to 1, so equal channels keep their
 * value.
 */
function toGrey(pixels: Uint8Array, target: Uint8Array): void {
  for (let i = 0, from = 0; from < pixels.length; i++, from += 3) {
    target[i] = (19595 * pixels[from]! + 38470 * pixels[from + 1]! + 7471 * pixels[from + 2]! + 32768) >> 16;
  }
}
