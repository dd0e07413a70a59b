/** Arrays that lie in files: NumPy's, alone or in archives, and those of MNIST's idx format. */

import { basename, join } from "node:path";
import { parseIdx, parseNpy, type RawArray, readZipDirectory, readZipEntry, shownName } from "../../mod.ts";
import { openAnySource, readAnyFile } from "../archive.ts";
import type { ArrayRoles, NamedArray } from "./array_names.ts";
import type { FoundFiles } from "./find_files.ts";
import { chainFrom, folderTree } from "./folder_tree.ts";

/** An array of a file. */
export interface ArraySource extends NamedArray {
  /** Reads it. @throws {SyntaxError} naming it when it is damaged, or something else. */
  read(signal?: AbortSignal): Promise<RawArray>;
}

const ARRAY = /\.np[yz]$|[.-]idx[134]-ubyte(\.gz)?$/i;
const ARCHIVE = /\.npz$/i;
/** Bytes of an array at most: nothing that is larger fits into memory with what is made of it. */
const MOST_BYTES = 2 ** 32;

/** Names of files that are arrays, or archives of arrays. */
export function arraysAmong(names: readonly string[]): string[] {
  return names.filter((name) => ARRAY.test(name));
}

/** Whether a name is that of an archive of arrays. */
export function isArrayArchive(name: string): boolean {
  return ARCHIVE.test(name);
}

/**
 * Finds the arrays in files of a folder, and in archives of them: their names, before any is read.
 *
 * @throws {SyntaxError} naming an archive that is damaged, or no ZIP archive.
 */
export async function arraySources(names: readonly string[], directory: string): Promise<ArraySource[]> {
  const sources: ArraySource[] = [];
  for (const name of arraysAmong(names)) {
    const path = join(directory, name);
    if (isArrayArchive(name)) sources.push(...await archivedArrays(path));
    else sources.push({ name, stems: [stemOf(name)], read: (signal) => readArray(path, signal) });
  }
  return sources;
}

/** What an array is called, whatever its format: of `train-images-idx3-ubyte.gz`, `train-images`. */
function stemOf(name: string): string {
  return name.replace(/\.gz$/i, "").replace(/[.-]idx\d-ubyte$|\.np[yz]$/i, "");
}

/** Finds the arrays of a folder, in it or in the one that lies in it alone. @throws as {@linkcode arraySources} */
export async function arraysIn(directory: string, found: FoundFiles): Promise<ArraySource[]> {
  const folder = chainFrom(folderTree(found)).find(({ others }) => arraysAmong(others).length > 0);
  return folder ? await arraySources(folder.others, join(directory, folder.path)) : [];
}

/**
 * Tells images from labels where there are two arrays whose names say nothing: images have three or four axes.
 *
 * @returns nothing where that cannot be told.
 */
export async function rolesByShape(
  sources: readonly ArraySource[],
  signal?: AbortSignal,
): Promise<ArrayRoles<ArraySource> | undefined> {
  if (sources.length !== 2) return undefined;
  const arrays: (ArraySource & { readonly shape: readonly number[] })[] = [];
  for (const source of sources) {
    const raw = await source.read(signal);
    arrays.push({ ...source, shape: raw.shape, read: () => Promise.resolve(raw) });
  }
  const images = arrays.find(({ shape }) => shape.length === 3 || shape.length === 4);
  const labels = arrays.find(({ shape }) => shape.length === 1 || shape.length === 2);
  if (!images || !labels || images.shape[0] !== labels.shape[0]) return undefined;
  return { train: { images, labels }, test: undefined, unlabeled: undefined };
}

async function archivedArrays(path: string): Promise<ArraySource[]> {
  using archive = await openAnySource(path);
  const archiveName = basename(path);
  const entries = (await readZipDirectory(archive, path)).filter(({ name }) => /\.npy$/i.test(name));
  return entries.map((entry) => {
    const stem = stemOf(entry.name);
    // What np.savez calls arrays that were given without a name says nothing.
    const isNamed = !/^arr_\d+$/.test(stem);
    return {
      name: `${shownName(stem)} of ${archiveName}`,
      stems: [...(isNamed ? [stem] : []), stemOf(archiveName)],
      read: async (signal) => {
        using file = await openAnySource(path);
        const bytes = await readZipEntry(file, entry, path, { mostBytes: MOST_BYTES, signal });
        return parseNpy(bytes, `${stem} of ${path}`);
      },
    };
  });
}

async function readArray(path: string, signal: AbortSignal | undefined): Promise<RawArray> {
  const bytes = await readAnyFile(path, signal);
  if (/\.npy$/i.test(path)) return parseNpy(bytes, path);
  const dimensions = Number(/idx(\d)-ubyte(\.gz)?$/i.exec(path)?.[1]);
  return { ...await parseIdx(bytes, path, dimensions), dtype: "u1" };
}
