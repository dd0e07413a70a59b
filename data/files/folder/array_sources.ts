/** Arrays in files: NumPy's, single or in archives, and those of MNIST's idx format. */

import { basename, join } from "node:path";
import { type RawArray, shownName } from "../../internal.ts";
import { parseIdx, parseNpy, readZipDirectory, readZipEntry } from "../../mod.ts";
import { openAnySource, readAnyFile } from "../archive.ts";
import type { ArrayRoles, NamedArray } from "./array_names.ts";
import type { FoundFiles } from "./find_files.ts";
import { chainFrom, folderTree } from "./folder_tree.ts";
import { type ReadTablesOptions, tablesIn } from "./pixel_tables.ts";

/** An array of a file. */
export interface ArraySource extends NamedArray {
  /** Reads the array. @throws {SyntaxError} naming the file when it is damaged or of another format. */
  read(signal?: AbortSignal): Promise<RawArray>;
  /** Returns sentences about decisions, after reading; none if absent. */
  readonly notes?: () => readonly string[];
}

const ARRAY = /\.np[yz]$|[.-]idx[134]-ubyte(\.gz)?$/i;
const ARCHIVE = /\.npz$/i;
/**
 * Maximum number of bytes of an array; larger arrays would not fit into memory with the images made from
 * them.
 */
const MOST_BYTES = 2 ** 32;

/** Returns the names of arrays and archives of arrays. */
export function arraysAmong(names: readonly string[]): string[] {
  return names.filter((name) => ARRAY.test(name));
}

/** Returns whether a name is that of an archive of arrays. */
export function isArrayArchive(name: string): boolean {
  return ARCHIVE.test(name);
}

/**
 * Lists the arrays in files and archives of a folder without reading them.
 *
 * @throws {SyntaxError} naming an archive that is damaged or not a ZIP archive.
 */
export async function arraySources(names: readonly string[], directory: string): Promise<ArraySource[]> {
  const sources: ArraySource[] = [];
  for (const name of arraysAmong(names)) {
    const path = join(directory, name);
    if (isArrayArchive(name)) sources.push(...await listArchivedArrays(path));
    else sources.push({ name, stems: [stemOf(name)], read: (signal) => readArray(path, signal) });
  }
  return sources;
}

/** Removes the extensions of an array's name: `train-images-idx3-ubyte.gz` becomes `train-images`. */
function stemOf(name: string): string {
  return name.replace(/\.gz$/i, "").replace(/[.-]idx\d-ubyte$|\.np[yz]$/i, "");
}

/**
 * Lists the arrays of a folder, or of its only sub-folder; if there are none, those in tables of pixels.
 *
 * @throws as {@linkcode arraySources} and {@linkcode tablesIn}
 */
export async function arraysIn(
  directory: string,
  found: FoundFiles,
  options: ReadTablesOptions,
): Promise<ArraySource[]> {
  const chain = chainFrom(folderTree(found)),
    folder = chain.find(({ others }) => arraysAmong(others).length > 0);
  return folder
    ? await arraySources(folder.others, join(directory, folder.path))
    : await tablesIn(chain, directory, options);
}

/**
 * Distinguishes images from labels among two arrays with uninformative names: images have three or four axes.
 *
 * @returns The roles, or undefined if the shapes are ambiguous.
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

async function listArchivedArrays(path: string): Promise<ArraySource[]> {
  using archive = await openAnySource(path);
  const archiveName = basename(path);
  const entries = (await readZipDirectory(archive, path)).filter(({ name }) => /\.npy$/i.test(name));
  return entries.map((entry) => {
    const stem = stemOf(entry.name);
    // np.savez names arrays arr_0, arr_1, … if no names were passed.
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
  return { ...await parseIdx(bytes, path, dimensions, signal), dtype: "u1" };
}
