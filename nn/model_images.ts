// deno-lint-ignore-file no-non-null-assertion -- indices are in range by construction
/**
 * Pictures of any kind as a model's images.
 * @module
 */
import { resizePlane } from "./resize.ts";

/** Pixels as `ImageData` has them: red, green, blue and opacity of each, row by row. */
export interface RgbaImage {
  /** `[height, width, 4]`, 0 to 255; colours are not multiplied by opacity. */
  readonly data: Uint8Array | Uint8ClampedArray;
  /** Pixels of a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/** Pixels as datasets have them: one channel after the other. */
export interface PlanarImage {
  /** `[C, height, width]`, 0 to 255, with as many channels as the model's images. */
  readonly planes: Uint8Array | Uint8ClampedArray;
  /** Pixels of a row. */
  readonly width: number;
  /** Rows. */
  readonly height: number;
}

/** Whatever `createImageBitmap` takes: in a browser a file, an `<img>`, a canvas, a video and so on. */
export type DrawableImage = Parameters<typeof createImageBitmap>[0];

/** A picture that a model classifies. */
export type ModelImage = RgbaImage | PlanarImage | DrawableImage;

/**
 * Puts a picture onto the canvas that a model's images have.
 *
 * Transparent parts are on white; where the model sees grey, colours are by their luma; a picture of another size is
 * resampled by {@linkcode resizePlane}.
 * @param target `[C, H, W]`, which is written.
 * @returns width / height of the picture.
 * @throws {RangeError} if the picture has no pixels, others than its size says, or other channels than the model's.
 * @throws {TypeError} if it is no picture, or cannot be drawn as this is no browser.
 */
export async function drawImage(
  image: ModelImage,
  [channels, height, width]: readonly [channels: number, height: number, width: number],
  target: Uint8Array,
): Promise<number> {
  const pixels = isPixels(image) ? image : await drawn(image);
  const size = [pixels.height, pixels.width] as const;
  const planes = "planes" in pixels ? planesOf(pixels, channels) : planesOfRgba(pixels, channels);
  // Grey comes after resampling, as it does where files are decoded.
  const plane = height * width;
  const colours = planes.map((source) => {
    if (size[0] === height && size[1] === width) return source;
    const resized = new Uint8Array(plane);
    resizePlane(source, size, resized, [height, width]);
    return resized;
  });
  const [red, green, blue] = colours;
  if (colours.length > channels && red && green && blue) greyOf(red, green, blue, target);
  else colours.forEach((colour, c) => target.set(colour, c * plane));
  return pixels.width / pixels.height;
}

function isPixels(image: ModelImage): image is RgbaImage | PlanarImage {
  if (typeof image !== "object" || image === null) {
    throw new TypeError(`Cannot classify ${image} as it must be a picture: it is ${typeof image}`);
  }
  return "planes" in image || ("data" in image && "width" in image);
}

function planesOf({ planes, width, height }: PlanarImage, channels: number): Uint8Array[] {
  checkLength(planes.length, [channels, height, width]);
  const plane = width * height;
  return Array.from(
    { length: channels },
    (_, c) => new Uint8Array(planes.buffer, planes.byteOffset + c * plane, plane),
  );
}

/** Red, green and blue plane of a picture on white. */
function planesOfRgba({ data, width, height }: RgbaImage, channels: number): Uint8Array[] {
  if (channels !== 1 && channels !== 3) {
    throw new RangeError(
      `Cannot classify a picture as the model's images must have 1 or 3 channels: they have ${channels}. Give planes`,
    );
  }
  checkLength(data.length, [height, width, 4]);
  const plane = width * height;
  return [0, 1, 2].map((c) => {
    const colour = new Uint8Array(plane);
    for (let i = 0; i < plane; i++) {
      const opacity = data[4 * i + 3]!;
      colour[i] = Math.floor((data[4 * i + c]! * opacity + 255 * (255 - opacity)) / 255);
    }
    return colour;
  });
}

function checkLength(length: number, shape: readonly number[]): void {
  const isSizes = shape.every((size) => Number.isSafeInteger(size) && size > 0);
  if (isSizes && length === shape.reduce((product, size) => product * size)) return;
  throw new RangeError(
    `Cannot classify a picture as it must have pixels of its size: there are ${length} numbers of ${
      shape.join("×")
    }`,
  );
}

/** Luma of ITU-R BT.601, `0.299 R + 0.587 G + 0.114 B`, in units of 2⁻¹⁶: equal channels stay what they are. */
function greyOf(red: Uint8Array, green: Uint8Array, blue: Uint8Array, target: Uint8Array): void {
  for (let i = 0; i < target.length; i++) {
    target[i] = (19595 * red[i]! + 38470 * green[i]! + 7471 * blue[i]! + 32768) >> 16;
  }
}

/** The pixels of what a browser can draw. */
async function drawn(image: DrawableImage): Promise<RgbaImage> {
  const bitmap = await createImageBitmap(image);
  try {
    const { width, height } = bitmap;
    const context = new OffscreenCanvas(width, height).getContext("2d");
    if (!context) {
      throw new TypeError(
        "Cannot classify a picture as there must be a canvas to draw it on: there is none here. Give its pixels",
      );
    }
    context.drawImage(bitmap, 0, 0);
    return context.getImageData(0, 0, width, height);
  } finally {
    bitmap.close();
  }
}
