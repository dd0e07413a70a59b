/** Loading of CIFAR-10 and CIFAR-100 from loose files or archives, found in a folder or downloaded. */

import { join } from "node:path";
import { cacheDirectory } from "../cache.ts";
import type { Checksum } from "../checksum.ts";
import type { Dataset, ImageSet } from "../../mod.ts";
import type { DatasetDefinition, LoadOptions } from "./dataset_definition.ts";
import { download } from "../download.ts";
import { isDirectory, listPlaces, notFoundError, readFile } from "../disk.ts";
import { readTarball } from "../tarball.ts";

/** A distribution of a dataset: files that are loose in a folder or in an archive. */
export interface CifarForm {
  /** Names of the files. */
  readonly names: readonly string[];
  /** Name of the archive. */
  readonly archive: string;
  /** Folder created by unpacking the archive. */
  readonly folder: string;
  /** Checksum of the archive. */
  readonly checksum: Checksum;
  /** Sentence for errors that advises on damaged archives. */
  readonly remedy: string;
  /** URL of the archive, if it may be downloaded. */
  readonly url?: string;
  /** Reads training and test images. */
  readonly read: (files: FileReader) => Promise<{ train: ImageSet; test: ImageSet }>;
}

/** Access to the files of a form. */
export interface FileReader {
  /** Reads a file. */
  bytes(name: string): Promise<Uint8Array>;
  /** Returns a file's full name, for errors. */
  source(name: string): string;
}

/**
 * Loads a dataset from the first of its forms found in a folder, loose files before archives. If none is
 * found and downloads are allowed, downloads the archive of the first form.
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
    : await listPlaces(directory, subfolders.filter((path) => path !== "."));
  // Loose files come first, as users may have unpacked an archive.
  for (const form of forms) {
    const place = places.find(({ names }) => form.names.every((file) => names.includes(file)));
    if (place) return await form.read(createFolderReader(place.path, signal));
  }
  for (const form of forms) {
    const place = places.find(({ names }) => names.includes(form.archive));
    if (place) return await readArchive(form, join(place.path, form.archive), signal);
  }
  if (!mayDownload) throw notFoundError(title, places, howToGet);
  const [published] = forms;
  const path = join(directory, published.archive);
  await download(published.url, path, { checksum: published.checksum, onProgress, signal });
  return await readArchive(published, path, signal);
}

/** Creates a reader of loose files. */
function createFolderReader(directory: string, signal?: AbortSignal): FileReader {
  const source = (name: string) => join(directory, name);
  return { source, bytes: (name) => readFile(source(name), signal) };
}

/** Verifies and reads a form's archive. */
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
      // Frees memory, as all files together have 184 MB.
      files.delete(name);
      return bytes ? Promise.resolve(bytes) : Promise.reject(
        new RangeError(`Cannot read ${name} of ${path} again: a file can be read only once`),
      );
    },
  });
}
