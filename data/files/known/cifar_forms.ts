/** The forms that CIFAR's two datasets are kept in: loose files or archives, found in a folder or fetched. */

import { join } from "node:path";
import { cacheDirectory } from "../cache.ts";
import type { Checksum } from "../checksum.ts";
import type { Dataset, ImageSet } from "../../mod.ts";
import type { DatasetDefinition, LoadOptions } from "./dataset_definition.ts";
import { download } from "../download.ts";
import { isDirectory, notFound, readFile, searchPlaces } from "../disk.ts";
import { readTarball } from "../tarball.ts";

/** The files of one form, however they are kept: loose in a folder or in an archive. */
export interface CifarForm {
  readonly names: readonly string[];
  /** The archive's name. */
  readonly archive: string;
  /** The folder it unpacks to. */
  readonly folder: string;
  readonly checksum: Checksum;
  readonly remedy: string;
  /** Where its publishers keep the archive, where it may be fetched from there. */
  readonly url?: string;
  /** Reads training and test images, given how to get the bytes and the full name of each file. */
  readonly read: (files: FileReader) => Promise<{ train: ImageSet; test: ImageSet }>;
}

/** How to get the bytes, and the full name, of a file. */
export interface FileReader {
  bytes(name: string): Promise<Uint8Array>;
  source(name: string): string;
}

/**
 * Loads a dataset from the first of its forms that a folder has, loose files first; where there is none and it is
 * allowed, fetches the archive of the first form.
 *
 * @throws as {@linkcode DatasetDefinition.load}
 */
export async function loadForms(
  definition: DatasetDefinition,
  forms: readonly [CifarForm & { readonly url: string }, ...CifarForm[]],
  options: LoadOptions = {},
): Promise<Dataset> {
  const { name, classes, channelStatistics } = definition;
  return { name, classes, channelStatistics, ...await loadSets(definition, forms, options) };
}

async function loadSets(
  { name, title, howToGet }: DatasetDefinition,
  forms: readonly [CifarForm & { readonly url: string }, ...CifarForm[]],
  { dataDirectory, download: mayDownload, onProgress, signal }: LoadOptions,
): Promise<{ train: ImageSet; test: ImageSet }> {
  const directory = dataDirectory ?? join(cacheDirectory(), name);
  const mayBeAbsent = dataDirectory === undefined || mayDownload;
  const folders = ["", ...forms.map(({ folder }) => folder)];
  const subfolders = ["", name].flatMap((base) => folders.map((folder) => join(base, folder)));
  const places = mayBeAbsent && !await isDirectory(directory)
    ? [{ path: directory, names: [] }]
    : await searchPlaces(directory, subfolders.filter((path) => path !== "."));
  // Loose files first: who unpacked an archive means those.
  for (const form of forms) {
    const place = places.find(({ names }) => form.names.every((file) => names.includes(file)));
    if (place) return await form.read(folderReader(place.path, signal));
  }
  for (const form of forms) {
    const place = places.find(({ names }) => names.includes(form.archive));
    if (place) return await readArchive(form, join(place.path, form.archive), signal);
  }
  if (!mayDownload) throw notFound(title, places, howToGet);
  const [published] = forms;
  const path = join(directory, published.archive);
  await download(published.url, path, { checksum: published.checksum, onProgress, signal });
  return await readArchive(published, path, signal);
}

/** Reads loose files. */
function folderReader(directory: string, signal?: AbortSignal): FileReader {
  const source = (name: string) => join(directory, name);
  return { source, bytes: (name) => readFile(source(name), signal) };
}

/** Reads a form's archive, once its checksum is known to be right. */
export async function readArchive(
  { names, checksum, remedy, read }: CifarForm,
  path: string,
  signal?: AbortSignal,
): Promise<{ train: ImageSet; test: ImageSet }> {
  const files = await readTarball(path, { names, checksum, remedy, signal });
  return await read({
    source: (name) => `${name} in ${path}`,
    bytes: (name) => {
      const bytes = files.get(name);
      // What is read may be forgotten, as all files together are 184 MB.
      files.delete(name);
      return bytes
        ? Promise.resolve(bytes)
        : Promise.reject(new RangeError(`Cannot read ${name} of ${path} again as it was read before`));
    },
  });
}
