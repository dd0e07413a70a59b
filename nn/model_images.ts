// deno-lint-ignore-file no-non-null-assertion -- indices are in range by construction
/**
 * Conversion of pictures to a model's images.
 * @module
 */
import { resizePlane } from "./resize.ts";

/** Pixels in the layout of `ImageData`: red, green, blue and opacity of each pixel, row by row. */
export interface RgbaImage {
  /** Values `[height, width, 4]`, 0 to 255; colours are not premultiplied by opacity. */
  readonly data: Uint8Array | Uint8ClampedArray;
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
}

/** Pixels in the layout of datasets: one channel after the other. */
export interface PlanarImage {
  /** Values `[C, height, width]`, 0 to 255, with as many channels as the model's images. */
  readonly planes: Uint8Array | Uint8ClampedArray;
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
}

/** A source accepted by `createImageBitmap`: in a browser a file, an `<img>`, a canvas, a video and so on. */
export type DrawableImage = Parameters<typeof createImageBitmap>[0];

/** A picture that a model classifies. */
export type ModelImage = RgbaImage | PlanarImage | DrawableImage;

/**
 * Converts a picture to the size and channels of a model's images.
 *
 * Transparent parts become white. If the model's images are grey, colours become their luma. A picture of
 * another size is resampled by {@linkcode resizePlane}.
 * @param target `[C, H, W]`, which is written.
 * @returns The picture's aspect ratio, width / height.
 * @throws {RangeError} if the number of pixels does not match the picture's size, or the channels do not
 * match the model.
 * @throws {TypeError} if the image is not a picture, or cannot be drawn because there is no canvas outside
 * browsers.
 */
export async function drawImage(
  image: ModelImage,
  [channels, height, width]: readonly [channels: number, height: number, width: number],
  target: Uint8Array,
): Promise<number> {
  const pixels = isPixels(image) ? image : await rasterize(image);
  const size = [pixels.height, pixels.width] as const;
  const planes = "planes" in pixels ? splitPlanes(pixels, channels) : splitRgba(pixels, channels);
  // As when files are decoded, conversion to grey follows resampling.
  const plane = height * width;
  const colours = planes.map((source) => {
    if (size[0] === height && size[1] === width) return source;
    const resized = new Uint8Array(plane);
    resizePlane(source, size, resized, [height, width]);
    return resized;
  });
  const [red, green, blue] = colours;
  if (colours.length > channels && red && green && blue) writeGrey(red, green, blue, target);
  else colours.forEach((colour, c) => target.set(colour, c * plane));
  return pixels.width / pixels.height;
}

function isPixels(image: ModelImage): image is RgbaImage | PlanarImage {
  if (typeof image !== "object" || image === null) {
    throw new TypeError(`Cannot classify ${image}: it must be a picture, but its type is ${typeof image}`);
  }
  return "planes" in image || ("data" in image && "width" in image);
}

function splitPlanes({ planes, width, height }: PlanarImage, channels: number): Uint8Array[] {
  checkLength(planes.length, [channels, height, width]);
  const plane = width * height;
  return Array.from(
    { length: channels },
    (_, c) => new Uint8Array(planes.buffer, planes.byteOffset + c * plane, plane),
  );
}

/** Returns the red, green and blue plane of a picture on a white background. */
function splitRgba({ data, width, height }: RgbaImage, channels: number): Uint8Array[] {
  if (channels !== 1 && channels !== 3) {
    throw new RangeError(
      `Cannot classify a picture: RGBA pixels need a model with 1 or 3 channels, but this model has ${channels}. Pass planes instead.`,
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
    `Cannot classify a picture: its size must match its pixels, but there are ${length} values for ${
      shape.join("×")
    }`,
  );
}

/**
 * Writes the luma of ITU-R BT.601, `0.299 R + 0.587 G + 0.114 B`. The weights in units of 2⁻¹⁶ sum to 1, so
 * that equal channels keep their value.
 */
function writeGrey(red: Uint8Array, green: Uint8Array, blue: Uint8Array, target: Uint8Array): void {
  for (let i = 0; i < target.length; i++) {
    target[i] = (19595 * red[i]! + 38470 * green[i]! + 7471 * blue[i]! + 32768) >> 16;
  }
}

/** The used part of a canvas's 2D context, which Deno's types lack. */
interface DrawingContext {
  drawImage(image: ImageBitmap, x: number, y: number): void;
  getImageData(x: number, y: number, width: number, height: number): RgbaImage;
}

/** Returns the 2D context of a new canvas, or null if there is none. */
function createDrawingContext(width: number, height: number): DrawingContext | null {
  return new OffscreenCanvas(width, height).getContext("2d");
}

/** Draws an image source on a canvas and returns its pixels. */
async function rasterize(image: DrawableImage): Promise<RgbaImage> {
  const bitmap = await createImageBitmap(image);
  try {
    const { width, height } = bitmap;
    const context = createDrawingContext(width, height);
    if (!context) {
      throw new TypeError(
        "Cannot draw a picture: there is no 2D canvas here. Pass the picture's pixels instead.",
      );
    }
    context.drawImage(bitmap, 0, 0);
    return context.getImageData(0, 0, width, height);
  } finally {
    bitmap.close();
  }
}
