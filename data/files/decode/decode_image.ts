// deno-lint-ignore-file no-non-null-assertion -- indices are in range by construction
/** Decoding of JPEG, PNG and WebP files to grey or RGB planes of a fixed size. */

import { messageOf } from "../../mod.ts";

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
        messageOf(error)
      }`,
      { cause: error },
    );
  }
}

/** First bytes of the formats that are decoded; `?` = any. */
const signatures = ["\xff\xd8\xff", "\x89PNG\r\n\x1a\n", "RIFF????WEBP"];

function isImage(bytes: Uint8Array): boolean {
  return signatures.some((signature) =>
    bytes.length >= signature.length &&
    [...signature].every((letter, i) => letter === "?" || letter.charCodeAt(0) === bytes[i])
  );
}

/** Pixels of an image at most: even those that must be decoded at once, such as interlaced ones, then fit into memory. */
export const MOST_PIXELS = 100_000_000;

async function open(bytes: Uint8Array) {
  if (bytes.length === 0) throw new SyntaxError("it is empty");
  if (!isImage(bytes)) throw new SyntaxError("it is no JPEG, PNG or WebP");
  const sharp = await loadSharp();
  // Truncated data are an error; what a viewer shows without remark is not.
  const image = sharp(bytes, { failOn: "error", sequentialRead: true, limitInputPixels: false }).autoOrient();
  const { autoOrient: { height, width } } = await image.metadata();
  if (height * width > MOST_PIXELS) {
    throw new SyntaxError(`it has ${width}×${height} pixels, and ${MOST_PIXELS / 1e6} million are the most`);
  }
  return { image, size: [height, width] as Size };
}

/** What the decoder threw, in words that follow a file's name. */
function damage(error: unknown): SyntaxError {
  if (error instanceof SyntaxError) return error;
  const words = messageOf(error).replace(/^(Vips\w+|vips\w+): ?/, "").replace(
    /^Input buffer has /,
    "it has a ",
  )
    .replace(/:$/, "");
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

/**
 * Decodes an image into the planes of a canvas: red, green and blue, or grey.
 *
 * An image of the canvas's size is taken as it is; any other is resampled to it, each axis by its own factor (with a
 * triangle as wide as a pixel of the canvas or, if that is wider, of the image). It is seen as a viewer shows it:
 * turned as its EXIF data say, its colours converted to sRGB from what its profile says or from CMYK, grey as three
 * equal channels, 16 bits rounded to 8, transparent parts on white; of an animation the first picture.
 *
 * Grey is the luma of ITU-R BT.601, `0.299 R + 0.587 G + 0.114 B` rounded, which leaves grey images as they are.
 *
 * An image has 100 million pixels at most.
 *
 * @param target `[C, H, W]`.
 * @param channels C (default: 3).
 * @param options With `mustBeGrey`, an image that has colour is refused: {@linkcode NOT_GREY}.
 * @returns The image's own height and width.
 * @throws {SyntaxError} whose message follows a file's name (`"it is empty"`) when it cannot be decoded whole.
 */
export async function decodeImage(
  bytes: Uint8Array,
  [height, width]: Size,
  target: Uint8Array,
  channels: ChannelCount = 3,
  { mustBeGrey = false }: { readonly mustBeGrey?: boolean } = {},
): Promise<Size> {
  try {
    const { image, size } = await open(bytes);
    if (size[0] !== height || size[1] !== width) {
      image.resize(width, height, { fit: "fill", kernel: "linear" });
    }
    const pixels = await image.flatten({ background: "white" }).toColourspace("srgb").raw({ depth: "uchar" })
      .toBuffer();
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
