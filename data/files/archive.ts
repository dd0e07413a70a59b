/**
 * ZIP archives used instead of folders: paths of their files begin with the archive, as if it were a folder.
 */

import { checkZipEntry, messageOf, shownName, streamZipEntry } from "../internal.ts";
import { type ByteSource, createByteSource, readZipDirectory, readZipEntry, type ZipEntry } from "../mod.ts";
import { describeReadError, isFile, readFile, streamPieces } from "./disk.ts";
import { type FileSource, openFileSource } from "./file_source.ts";

/** Maximum unpacked sizes of a file in an archive that is read at once, and of one that is read in pieces. */
const MOST_FILE_BYTES = 2 ** 28, MOST_STREAMED_BYTES = 2 ** 32;
/** Archives that claim to unpack to more than both limits are rejected; pictures hardly compress. */
const MOST_RATIO = 200, MOST_BYTES = 2 ** 32;

/** Returns whether a path has the extension of a ZIP archive. */
export function isZip(path: string): boolean {
  return /\.zip$/i.test(path);
}

/** Path of a file in an archive. */
export interface ArchivedPath {
  /** Path of the archive. */
  readonly archive: string;
  /** Path of the file in the archive. */
  readonly name: string;
}

/**
 * Splits a path of a file in an archive, such as `photos.zip/cat/1.jpg`; returns undefined for other paths.
 */
export async function splitArchivedPath(path: string): Promise<ArchivedPath | undefined> {
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
    // Some programs write all names with a leading ./
    const partsOf = (name: string) => name.split("/").filter((part) => part !== "" && part !== ".");
    this.#entries = new Map(entries.map((entry) => [partsOf(entry.name).join("/"), entry]));
  }

  /**
   * Opens an archive.
   *
   * @throws {SyntaxError} naming the archive when it is damaged, or its claimed size is too large.
   */
  static async open(path: string): Promise<Archive> {
    const file = await openFileSource(path);
    try {
      const entries = await readZipDirectory(file, path);
      const total = entries.reduce((sum, { size }) => sum + size, 0);
      if (total > MOST_BYTES && total > MOST_RATIO * file.size) {
        throw new SyntaxError(
          `Cannot read ${
            shownName(path)
          }: its ${file.size} bytes claim to unpack to ${total} bytes, as in archives made to fill disks`,
        );
      }
      return new Archive(file, path, entries);
    } catch (error) {
      file[Symbol.dispose]();
      throw error;
    }
  }

  /**
   * Paths of all files.
   *
   * @throws {SyntaxError} naming a file whose encryption or compression is not supported.
   */
  get names(): string[] {
    for (const entry of this.#entries.values()) checkZipEntry(entry, this.#path);
    return [...this.#entries.keys()];
  }

  /**
   * Reads a file of the archive.
   *
   * @throws {Error} naming the file when it is missing, damaged or too large.
   */
  async read(name: string): Promise<Uint8Array<ArrayBuffer>> {
    const entry = this.#find(name);
    await letOthersIn();
    return await readZipEntry(this.#file, entry, this.#path, { mostBytes: MOST_FILE_BYTES });
  }

  /**
   * Yields the bytes of a file of the archive piece by piece.
   *
   * @throws {Error} naming the file when it is missing, damaged or too large.
   */
  stream(name: string, signal?: AbortSignal): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    return streamZipEntry(this.#file, this.#find(name), this.#path, {
      mostBytes: MOST_STREAMED_BYTES,
      signal,
    });
  }

  #find(name: string): ZipEntry {
    const entry = this.#entries.get(name);
    if (!entry) throw describeReadError(`${this.#path}/${name}`, new Deno.errors.NotFound());
    return entry;
  }

  /** Closes the archive. */
  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }
}

let lastTurn = performance.now();

/**
 * Lets timers and signals in, at most every 50 ms: files of an archive are read and unpacked without waiting for
 * anything, so that otherwise a signal would wait for the last of many files.
 */
async function letOthersIn(): Promise<void> {
  if (performance.now() - lastTurn < 50) return;
  await new Promise((resolve) => setTimeout(resolve));
  lastTurn = performance.now();
}

/**
 * Reads a file, which may be in an archive.
 *
 * @throws as `readFile` does. @throws {SyntaxError} when the archive is damaged.
 */
export async function readAnyFile(path: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const inArchive = await splitArchivedPath(path);
  if (!inArchive) return await readFile(path, signal);
  using archive = await Archive.open(inArchive.archive);
  return await archive.read(inArchive.name);
}

/** Reads a file piece by piece, which may be in an archive. @throws as {@linkcode readAnyFile} */
export async function* streamAnyFile(
  path: string,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const inArchive = await splitArchivedPath(path);
  if (!inArchive) {
    yield* streamPieces(path);
    return;
  }
  using archive = await Archive.open(inArchive.archive);
  yield* archive.stream(inArchive.name, signal);
}

/**
 * Opens a file for random access; a file in an archive is read into memory.
 *
 * @throws as {@linkcode readAnyFile}
 */
export async function openAnySource(path: string): Promise<ByteSource & Disposable> {
  if (!await splitArchivedPath(path)) return await openFileSource(path);
  return { ...createByteSource(await readAnyFile(path)), [Symbol.dispose]: () => {} };
}

/** Returns the error of a file in an archive with a message that follows the file's name. */
export function plainReason(error: unknown): SyntaxError {
  return new SyntaxError(messageOf(error).replace(/^Cannot read (.*\.zip( as a ZIP archive)?|.*?): /i, ""), {
    cause: error,
  });
}
