/** Images of arrays without their labels, for classification. */

import { basename, dirname } from "node:path";
import {
  convertToPlanes,
  findPixelRanges,
  type Planes,
  type RawArray,
  type SetName,
  someOf,
} from "../../internal.ts";
import { exampleName } from "../../mod.ts";
import { isZip } from "../archive.ts";
import { isFile } from "../disk.ts";
import type { ReadArraysOptions } from "./array_files.ts";
import { imagesByName, rolesByName } from "./array_names.ts";
import { arraysIn, type ArraySource, arraySources, isArrayArchive, rolesByShape } from "./array_sources.ts";
import { findFiles } from "./find_files.ts";
import { type ReadTablesOptions, tablesAmong, tableSources } from "./pixel_tables.ts";

/** Images of an array with their names. */
export interface ArrayImages {
  /**
   * Path and name as in label lists, `data/train/00003`; for a file of a single array, path and index,
   * `x.npy/00003`.
   */
  readonly names: readonly string[];
  /** Pixels. */
  readonly planes: Planes;
}

/** An array of images with its set; null = a single array without a set. */
interface ChosenArray {
  readonly array: ArraySource;
  readonly set: "train" | "test" | "val" | null;
}

const SETS: Readonly<Record<SetName, ChosenArray["set"]>> = {
  train: "train",
  unlabeled: "train",
  test: "test",
  val: "val",
};

/**
 * Reads the images of an array, a table of pixels, an archive of arrays, or a folder of these: first training images, then
 * unlabelled images, then others. Arrays are identified as for training; labels may be missing.
 *
 * @param path A `.npy`, `.npz`, idx or `.csv` file, or a folder of such files.
 * @throws {SyntaxError} naming the file that is damaged, of another shape, or not an array of images.
 * @throws {RangeError} naming the file and the first value that is out of range.
 */
export async function readArrayImages(
  path: string,
  { channels, signal }: ReadArraysOptions = {},
): Promise<ArrayImages[]> {
  const sources = await findSources(path, { channels });
  if (sources.length === 0) {
    throw new SyntaxError(`Cannot classify ${path}: it has neither images nor arrays`);
  }
  const chosen = await chooseImages(sources, path, signal);
  const raw: { readonly array: RawArray; readonly source: string }[] = [];
  for (const { array } of chosen) raw.push({ array: await array.read(signal), source: array.name });
  const ranges = findPixelRanges(raw);
  const counts = new Map<string, number>();
  return raw.map(({ array, source }, i) => {
    const planes = convertToPlanes(array, source, { range: ranges.get(array.dtype) ?? 255, channels });
    const set = chosen[i]?.set ?? null, key = set ?? source;
    const first = counts.get(key) ?? 0;
    counts.set(key, first + planes.count);
    const names = Array.from({ length: planes.count }, (_, n) => `${path}/${formatName(set, first + n)}`);
    return { names, planes };
  });
}

async function findSources(path: string, options: ReadTablesOptions): Promise<ArraySource[]> {
  if (isZip(path) || !await isFile(path)) return await arraysIn(path, await findFiles(path), options);
  const name = basename(path);
  return tablesAmong([name]).length > 0
    ? await tableSources([name], dirname(path), options)
    : await arraySources([name], dirname(path));
}

/** Returns the name of an image in its set. */
function formatName(set: ChosenArray["set"], index: number): string {
  const name = exampleName(index);
  return set === null ? basename(name) : `${set}/${basename(name)}`;
}

async function chooseImages(
  sources: readonly ArraySource[],
  path: string,
  signal: AbortSignal | undefined,
): Promise<ChosenArray[]> {
  const [only, ...more] = sources;
  if (only && more.length === 0) return [{ array: only, set: null }];
  const roles = rolesByName(sources, path) ?? await rolesByShape(sources, signal);
  if (roles) {
    const { train, test, unlabeled } = roles;
    return [
      { array: train.images, set: "train" },
      ...(unlabeled ? [{ array: unlabeled, set: "train" } as const] : []),
      ...(test ? [{ array: test.images, set: "test" } as const] : []),
    ];
  }
  const named = imagesByName(sources).map(({ array, set }) => ({ array, set: SETS[set ?? "train"] }));
  if (named.length > 0) return named;
  throw new SyntaxError(
    `Cannot classify ${path}: no array has a name for images, such as images.npy or x_test.npy, among ${
      someOf(sources.map(({ name }) => name))
    }${isArrayArchive(path) ? "" : ". Name the file of the array instead"}`,
  );
}
