/**
 * Files of SVHN: `X` contains images `[32, 32, 3, N]` as bytes, first dimension fastest, and `y` their
 * digits.
 */

import { describeImplausible, isPlausible, someOf } from "../../internal.ts";
import { type ImageSet, type MatVariable, NO_LABEL, readMat5 } from "../../mod.ts";
import { checkRegular, streamFile } from "../disk.ts";

const [CHANNELS, HEIGHT, WIDTH] = [3, 32, 32] as const;
const PLANE = HEIGHT * WIDTH;
const IMAGE_BYTES = CHANNELS * PLANE;

/**
 * Index in `[C, H, W]` of each byte of a stored image, in which rows are fastest, then columns, then
 * channels.
 */
const PLACES = Int32Array.from({ length: IMAGE_BYTES }, (_, i) => {
  const [row, column] = [i % HEIGHT, Math.floor(i / HEIGHT) % WIDTH];
  return i - i % PLANE + row * WIDTH + column;
});

/** A file of images. */
export interface SvhnFile {
  readonly path: string;
  /** True if its labels are used. */
  readonly isLabeled: boolean;
}

/**
 * Reads files, in their order, as one image set. Class 10 in the files is the digit 0.
 *
 * Images are decompressed directly to their final place, so no other memory grows with their number.
 *
 * @throws {SyntaxError} naming the file that is damaged or not in SVHN's format.
 * @throws {RangeError} when a label is not 1 to 10.
 */
export async function readSvhnFiles(files: readonly SvhnFile[], signal?: AbortSignal): Promise<ImageSet> {
  const counted: (SvhnFile & { count: number })[] = [];
  for (const file of files) counted.push({ ...file, count: await countImages(file.path) });
  const total = counted.reduce((sum, { count }) => sum + count, 0);
  const images = new Uint8Array(total * IMAGE_BYTES);
  const labels = new Int32Array(total);
  let start = 0;
  for (const { path, isLabeled, count } of counted) {
    const end = start + count;
    await fill(
      path,
      images.subarray(start * IMAGE_BYTES, end * IMAGE_BYTES),
      labels.subarray(start, end),
      signal,
    );
    if (!isLabeled) labels.fill(NO_LABEL, start, end);
    start = end;
  }
  return { images, labels, imageShape: [CHANNELS, HEIGHT, WIDTH] };
}

async function countImages(path: string): Promise<number> {
  const names: string[] = [];
  for await (const variable of readMat5(await streamFile(path), path)) {
    if (variable.name === "X") {
      const count = imageCount(variable, path), size = await checkRegular(path);
      if (isPlausible(count * IMAGE_BYTES, size)) return count;
      throw new SyntaxError(`Cannot use ${path}: ${describeImplausible(count * IMAGE_BYTES, size)}`);
    }
    names.push(variable.name);
  }
  throw missingArray(path, "X", names);
}

function imageCount({ shape, dtype }: MatVariable, path: string): number {
  // MATLAB omits a last size of 1.
  const [height, width, channels, count = 1, ...more] = shape;
  const isRight = height === HEIGHT && width === WIDTH && channels === CHANNELS && more.length === 0;
  if (!isRight || dtype !== "uint8" || count === 0) {
    throw new SyntaxError(
      `Cannot use ${path}: X must be ${HEIGHT}×${WIDTH}×${CHANNELS}×N of uint8, but it is ${
        shape.join("×")
      } of ${dtype}`,
    );
  }
  return count;
}

async function fill(
  path: string,
  images: Uint8Array,
  labels: Int32Array,
  signal: AbortSignal | undefined,
): Promise<void> {
  const names: string[] = [];
  for await (const variable of readMat5(await streamFile(path), path)) {
    names.push(variable.name);
    if (variable.name === "X") {
      await variable.read((values, start) => {
        signal?.throwIfAborted();
        placePixels(values, start, images);
      });
    } else if (variable.name === "y") {
      await readLabels(variable, path, labels);
    }
  }
  for (const name of ["X", "y"]) if (!names.includes(name)) throw missingArray(path, name, names);
}

function placePixels(values: Uint8Array | Float64Array, start: number, images: Uint8Array): void {
  let place = start % IMAGE_BYTES;
  let image = start - place;
  for (let i = 0; i < values.length; i++) {
    // deno-lint-ignore no-non-null-assertion -- in range by construction
    images[image + PLACES[place]!] = values[i]!;
    if (++place === IMAGE_BYTES) [place, image] = [0, image + IMAGE_BYTES];
  }
}

async function readLabels({ shape, read }: MatVariable, path: string, labels: Int32Array): Promise<void> {
  const count = shape.reduce((product, length) => product * length, 1);
  if (count !== labels.length) {
    throw new SyntaxError(
      `Cannot use ${path}: there are ${labels.length} images, but ${count} labels`,
    );
  }
  await read((values, start) => {
    for (const [i, label] of values.entries()) {
      if (!Number.isInteger(label) || label < 1 || label > 10) {
        throw new RangeError(
          `Cannot use ${path}: labels must be 1 to 10 (10 = digit 0), but label ${start + i} is ${label}`,
        );
      }
      labels[start + i] = label % 10;
    }
  });
}

function missingArray(path: string, name: string, names: readonly string[]): SyntaxError {
  return new SyntaxError(
    `Cannot use ${path}: it must contain the arrays X and y, but ${name} is missing. It contains ${
      someOf(names)
    }`,
  );
}
