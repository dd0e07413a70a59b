/**
 * Search for pictures that look the same although their bytes differ, such as after saving in another format
 * or size.
 */

import { join } from "node:path";
import { DecodePool } from "../decode/decode_pool.ts";

/** Height and width at which pictures are compared. */
const SIDE = 16;
const PLANE = SIDE * SIDE;
/** Number of pictures decoded at once. */
const PART = 512;
/**
 * Maximum distance of two copies, relative to their contrast: the root mean square of the differences of
 * grey, divided by the standard deviation. Among 600 pictures of CIFAR-10, copies saved as JPEG of quality 75
 * are at most 0.10 away, and the nearest different pictures 0.49.
 */
const TOLERANCE = 0.12;
/** Maximum difference of the means of red and of blue, of 255. */
const TINT_TOLERANCE = 6;
/** Minimum contrast for comparison, of 255; pictures with less contrast all look alike. */
const LEAST_CONTRAST = 4;

/** A reduced picture for comparison. */
interface SmallPicture {
  readonly index: number;
  /** `[16, 16]` */
  readonly grey: Uint8Array;
  /** Means of red and of blue. */
  readonly tint: readonly [number, number];
  /**
   * Half the difference of the means of the upper and the lower half; a lower bound for the distance of
   * pictures.
   */
  readonly slope: number;
  readonly contrast: number;
}

/** Options of {@linkcode findPixelCopies}. */
export interface PixelCopyOptions {
  /** Number of bits used by 16-bit images. */
  readonly significantBits: number;
  /** Groups that are already known, such as those of equal bytes. */
  readonly known: readonly (readonly string[])[];
  /** Signal that aborts the search. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Groups pictures that look the same at 16×16 pixels. Pictures that cannot be decoded are in no group.
 *
 * @param names Paths relative to the folder.
 * @returns Groups of two or more names, in the order of `names`.
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

/** Decodes files to small pictures, numbered from `start` on. */
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

/** Yields pairs of similar pictures, comparing only pictures with similar slopes. */
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

/** Returns whether two pictures are similar; most different pairs are recognised after a few rows. */
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

/** Groups that are merged pair by pair (union–find). */
class Groups {
  readonly #first: Int32Array;

  /** Creates `count` groups of one member each. */
  constructor(count: number) {
    this.#first = Int32Array.from({ length: count }, (_, i) => i);
  }

  #firstOf(index: number): number {
    let first = index;
    while ((this.#first[first] ?? first) !== first) first = this.#first[first] ?? first;
    return first;
  }

  /** Merges the groups of two members. */
  join(a: number, b: number): void {
    const [one, other] = [this.#firstOf(a), this.#firstOf(b)];
    this.#first[Math.max(one, other)] = Math.min(one, other);
  }

  /** Returns the groups with at least two members. */
  ofSeveral(): number[][] {
    const all = Map.groupBy(this.#first.keys(), (i) => this.#firstOf(i));
    return [...all.values()].filter(({ length }) => length > 1);
  }
}
