/** ZIP archives in the place of folders: files in them have paths, as if the archive were the folder that it was made of. */

import {
  type ByteSource,
  bytesSource,
  checkZipEntry,
  messageOf,
  readZipDirectory,
  readZipEntry,
  shownName,
  type ZipEntry,
} from "../mod.ts";
import { cannotRead, isFile, piecesOf, readFile } from "./disk.ts";
import { type FileSource, openFileSource } from "./file_source.ts";

/** Bytes of a file in an archive at most. */
const MOST_FILE_BYTES = 2 ** 28;
/** Archives of pictures unpack to little more than they have: those that claim more than both are refused. */
const MOST_RATIO = 200, MOST_BYTES = 2 ** 32;

/** Whether a name is that of a ZIP archive. */
export function isZip(path: string): boolean {
  return /\.zip$/i.test(path);
}

/** A path that leads into an archive. */
export interface ArchivedPath {
  readonly archive: string;
  /** The file's path in the archive. */
  readonly name: string;
}

/** Takes a path apart that leads into an archive, as `photos.zip/cat/1.jpg`; nothing where none does. */
export async function archivedPath(path: string): Promise<ArchivedPath | undefined> {
  for (const { index } of path.matchAll(/\.zip[\\/]/gi)) {
    const archive = path.slice(0, index + ".zip".length);
    if (await isFile(archive)) return { archive, name: path.slice(archive.length + 1).replaceAll("\\", "/") };
  }
  return undefined;
}

/** An open archive. */
export class Archive implements Disposable {
  readonly #file: FileSource;
  readonly #path: string;
  readonly #entries: ReadonlyMap<string, ZipEntry>;

  private constructor(file: FileSource, path: string, entries: readonly ZipEntry[]) {
    this.#file = file;
    this.#path = path;
    // Some programs begin all names with ./
    const partsOf = (name: string) => name.split("/").filter((part) => part !== "" && part !== ".");
    this.#entries = new Map(entries.map((entry) => [partsOf(entry.name).join("/"), entry]));
  }

  /** Opens an archive. @throws {SyntaxError} naming it when it is damaged, or claims too much. */
  static async open(path: string): Promise<Archive> {
    const file = await openFileSource(path);
    try {
      const entries = await readZipDirectory(file, path);
      const total = entries.reduce((sum, { size }) => sum + size, 0);
      if (total > MOST_BYTES && total > MOST_RATIO * file.size) {
        throw new SyntaxError(
          `Cannot read ${
            shownName(path)
          } as files of an archive must not be far larger than it: they are to have ${total} bytes, it has ${file.size}`,
        );
      }
      return new Archive(file, path, entries);
    } catch (error) {
      file[Symbol.dispose]();
      throw error;
    }
  }

  /** Paths of all files in it. @throws {SyntaxError} naming one that cannot be read: it is encrypted, or packed otherwise. */
  get names(): string[] {
    for (const entry of this.#entries.values()) checkZipEntry(entry, this.#path);
    return [...this.#entries.keys()];
  }

  /** Reads a file of it. @throws {Error} naming it when it is not there, damaged or too large. */
  async read(name: string): Promise<Uint8Array<ArrayBuffer>> {
    const entry = this.#entries.get(name);
    if (!entry) throw cannotRead(`${this.#path}/${name}`, new Deno.errors.NotFound());
    return await readZipEntry(this.#file, entry, this.#path, { mostBytes: MOST_FILE_BYTES });
  }

  /** Closes it. */
  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }
}

/**
 * Reads a file, from an archive too.
 *
 * @throws as `readFile` does. @throws {SyntaxError} when the archive is damaged.
 */
export async function readAnyFile(path: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const inArchive = await archivedPath(path);
  if (!inArchive) return await readFile(path, signal);
  using archive = await Archive.open(inArchive.archive);
  return await archive.read(inArchive.name);
}

/** Reads a file piece by piece; of an archive's file all is in memory. @throws as {@linkcode readAnyFile} */
export async function* piecesOfAnyFile(path: string): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  if (await archivedPath(path)) yield await readAnyFile(path);
  else yield* piecesOf(path);
}

/** Opens a file to be read from any place on; of an archive's file all is in memory. @throws as {@linkcode readAnyFile} */
export async function openAnySource(path: string): Promise<ByteSource & Disposable> {
  if (!await archivedPath(path)) return await openFileSource(path);
  return { ...bytesSource(await readAnyFile(path)), [Symbol.dispose]: () => {} };
}

/** The error of a file in an archive, in words that follow its name. */
export function plainReason(error: unknown): SyntaxError {
  return new SyntaxError(messageOf(error).replace(/^Cannot read .*? as /, ""), { cause: error });
}
