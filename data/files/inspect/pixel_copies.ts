/** Pictures that look the same although their bytes differ: saved again, in another format or size. */

import { join } from "node:path";
import { DecodePool } from "../decode/decode_pool.ts";

/** Height and width that pictures are compared at. */
const SIDE = 16;
const PLANE = SIDE * SIDE;
/** Pictures that are decoded in one go. */
const PART = 512;
/**
 * How far two pictures may be from each other, as a share of their contrast: the root of the mean square of differences
 * over the standard deviation, both of grey. Of 600 pictures of CIFAR-10, those saved again as JPEG of quality 75 are at
 * most 0.10 away, and the nearest two different ones 0.49.
 */
const TOLERANCE = 0.12;
/** How far the means of red and of blue may be from each other, in units of bytes. */
const TINT_TOLERANCE = 6;
/** Pictures of less contrast, in units of bytes, are not compared: every wall looks like another. */
const LEAST_CONTRAST = 4;

/** What is compared of a picture. */
interface SmallPicture {
  readonly index: number;
  /** `[16, 16]` */
  readonly grey: Uint8Array;
  /** Means of red and of blue. */
  readonly tint: readonly [number, number];
  /** Mean of the upper half less that of the lower one, halved: no two pictures differ less than this does. */
  readonly slope: number;
  readonly contrast: number;
}

/** How to compare. */
export interface PixelCopyOptions {
  /** How many bits are used of the 16 that some images have. */
  readonly significantBits: number;
  /** Groups that are known already, such as those of equal bytes. */
  readonly known: readonly (readonly string[])[];
  /** Stops it. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Groups pictures that look the same at 16×16 pixels. Whatever cannot be decoded is in no group.
 *
 * @param names Paths below the folder.
 * @returns Groups of two or more, in the order of names.
 */
export async function findPixelCopies(
  directory: string,
  names: readonly string[],
  options: PixelCopyOptions,
): Promise<string[][]> {
  const pictures: SmallPicture[] = [];
  const pool = new DecodePool();
  try {
    for (let start = 0; start < names.length; start += PART) {
      options.signal?.throwIfAborted();
      const part = names.slice(start, start + PART).map((name) => join(directory, name));
      pictures.push(...await decodeSmall(pool, part, start, options));
    }
  } finally {
    pool.close();
  }
  const groups = new Groups(names.length), places = new Map(names.map((name, i) => [name, i]));
  for (const [first = "", ...others] of options.known) {
    for (const other of others) groups.join(places.get(first) ?? 0, places.get(other) ?? 0);
  }
  for (const [a, b] of similarPairs(pictures)) groups.join(a, b);
  return groups.ofSeveral().map((group) => group.map((i) => names[i] ?? ""));
}

/** Small pictures of files, numbered from `start` on. */
async function decodeSmall(
  pool: DecodePool,
  paths: readonly string[],
  start: number,
  { significantBits }: PixelCopyOptions,
): Promise<SmallPicture[]> {
  const buffer = new SharedArrayBuffer(paths.length * 3 * PLANE);
  const decoded = await pool.decode(paths, {
    canvas: [SIDE, SIDE],
    channels: 3,
    buffer,
    offsets: paths.map((_, i) => 3 * i * PLANE),
    significantBits,
  });
  return decoded.flatMap((answer, i) =>
    typeof answer === "string"
      ? []
      : [smallPicture(start + i, new Uint8Array(buffer, 3 * i * PLANE, 3 * PLANE))]
  );
}

const meanOf = (values: Uint8Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

function smallPicture(index: number, pixels: Uint8Array): SmallPicture {
  const [red, green, blue] = [0, 1, 2].map((c) => pixels.subarray(c * PLANE, (c + 1) * PLANE));
  const grey = new Uint8Array(PLANE).map((_, i) =>
    Math.round(0.299 * (red?.[i] ?? 0) + 0.587 * (green?.[i] ?? 0) + 0.114 * (blue?.[i] ?? 0))
  );
  const mean = meanOf(grey), half = PLANE / 2;
  return {
    index,
    grey,
    tint: [meanOf(pixels.subarray(0, PLANE)), meanOf(pixels.subarray(2 * PLANE))],
    slope: (meanOf(grey.subarray(0, half)) - meanOf(grey.subarray(half))) / 2,
    contrast: Math.sqrt(grey.reduce((sum, value) => sum + (value - mean) ** 2, 0) / PLANE),
  };
}

/** Pairs that are near enough to each other, found among those whose slopes are. */
function* similarPairs(all: readonly SmallPicture[]): Generator<readonly [number, number]> {
  const pictures = all.filter(({ contrast }) => contrast >= LEAST_CONTRAST).sort((a, b) => a.slope - b.slope);
  for (const [at, a] of pictures.entries()) {
    for (let next = at + 1; next < pictures.length; next++) {
      const b = pictures[next];
      if (!b || b.slope - a.slope > TOLERANCE * a.contrast) break;
      if (areNear(a, b)) yield [a.index, b.index];
    }
  }
}

/** Most pairs are told apart after a few rows. */
function areNear(a: SmallPicture, b: SmallPicture): boolean {
  if (a.tint.some((mean, i) => Math.abs(mean - (b.tint[i] ?? 0)) > TINT_TOLERANCE)) return false;
  const most = PLANE * (TOLERANCE * Math.min(a.contrast, b.contrast)) ** 2;
  let sum = 0;
  for (let i = 0; i < PLANE; i++) {
    sum += ((a.grey[i] ?? 0) - (b.grey[i] ?? 0)) ** 2;
    if (sum > most) return false;
  }
  return true;
}

/** Members that are put together pair by pair. */
class Groups {
  readonly #first: Int32Array;

  /** Each by itself. */
  constructor(count: number) {
    this.#first = Int32Array.from({ length: count }, (_, i) => i);
  }

  #firstOf(index: number): number {
    let first = index;
    while ((this.#first[first] ?? first) !== first) first = this.#first[first] ?? first;
    return first;
  }

  /** Puts the groups of two members together. */
  join(a: number, b: number): void {
    const [one, other] = [this.#firstOf(a), this.#firstOf(b)];
    this.#first[Math.max(one, other)] = Math.min(one, other);
  }

  /** The groups of two members or more. */
  ofSeveral(): number[][] {
    const all = Map.groupBy(this.#first.keys(), (i) => this.#firstOf(i));
    return [...all.values()].filter(({ length }) => length > 1);
  }
}
