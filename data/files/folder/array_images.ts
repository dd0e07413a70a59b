/** Images of arrays without their labels, as they are classified. */

import { basename, dirname } from "node:path";
import {
  exampleName,
  pixelRangesOf,
  type Planes,
  planesOf,
  type RawArray,
  type SetName,
  someOf,
} from "../../mod.ts";
import { isFile } from "../disk.ts";
import type { ReadArraysOptions } from "./array_files.ts";
import { imagesByName, rolesByName } from "./array_names.ts";
import { arraysIn, type ArraySource, arraySources, isArrayArchive, rolesByShape } from "./array_sources.ts";
import { findFiles } from "./find_files.ts";

/** Images of an array, and what each is called. */
export interface ArrayImages {
  /** The path with the name that label lists have: `data/train/00003`; of a file of one array its index, `x.npy/00003`. */
  readonly names: readonly string[];
  /** Their pixels. */
  readonly planes: Planes;
}

/** An array of images, and which set it is of; null = it stands for itself. */
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
 * Reads the images of an array, an archive of arrays, or a folder of them: those to train with first, then those without
 * labels, then others. They are told as for training; labels need not be there.
 *
 * @param path A `.npy`, `.npz` or idx file, or a folder of such files.
 * @throws {SyntaxError} naming the file that is damaged, of another shape, or no array of images.
 * @throws {RangeError} naming the file and the first value that is out of range.
 */
export async function readArrayImages(
  path: string,
  { channels, signal }: ReadArraysOptions = {},
): Promise<ArrayImages[]> {
  const chosen = await chooseImages(await sourcesOf(path), path, signal);
  const raw: { readonly array: RawArray; readonly source: string }[] = [];
  for (const { array } of chosen) raw.push({ array: await array.read(signal), source: array.name });
  const ranges = pixelRangesOf(raw);
  const counts = new Map<string, number>();
  return raw.map(({ array, source }, i) => {
    const planes = planesOf(array, source, { range: ranges.get(array.dtype) ?? 255, channels });
    const set = chosen[i]?.set ?? null, key = set ?? source;
    const first = counts.get(key) ?? 0;
    counts.set(key, first + planes.count);
    const names = Array.from({ length: planes.count }, (_, n) => `${path}/${nameIn(set, first + n)}`);
    return { names, planes };
  });
}

async function sourcesOf(path: string): Promise<ArraySource[]> {
  if (await isFile(path)) return await arraySources([basename(path)], dirname(path));
  return await arraysIn(path, await findFiles(path));
}

/** What the image of an index is called in its set. */
function nameIn(set: ChosenArray["set"], index: number): string {
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
  const named = imagesByName(sources).map(({ array, purpose }) => ({ array, set: SETS[purpose ?? "train"] }));
  if (named.length > 0) return named;
  throw new SyntaxError(
    `Cannot classify ${path} as its arrays must be called like images, such as images.npy or x_test.npy: it has ${
      someOf(sources.map(({ name }) => name))
    }${isArrayArchive(path) ? "" : ". Give the file of the array that is meant"}`,
  );
}
