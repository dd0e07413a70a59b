/**
 * Pictures as files, or as entries of archives.
 * @module
 */
import { checkRegular, readPicture } from "../../data/files/mod.ts";

/** Bytes compared at once. */
const chunkSize = 2 ** 16;

/** A picture that can be copied and compared. */
export interface PictureSource {
  /** Path of the file, or `photos.zip/cat/1.jpg` for an entry of an archive. */
  readonly path: string;
  /** True if the picture is an entry of an archive. */
  readonly isArchived: boolean;
  /** Writes the picture to a new file. */
  copyTo(path: string): Promise<void>;
  /** Returns whether a file is this picture, or has the same bytes; false if the file cannot be read. */
  isSame(path: string): Promise<boolean>;
}

/** Opens a picture; undefined if it does not exist. */
export async function openPicture(path: string): Promise<PictureSource | undefined> {
  const { NotFound, NotADirectory } = Deno.errors;
  try {
    return pictureFile(path, await Deno.stat(path));
  } catch (error) {
    if (!(error instanceof NotFound || error instanceof NotADirectory)) throw error;
    // A part of the path may be an archive.
    return /\.zip[\\/]/i.test(path) ? archivedPicture(path, await readPicture(path)) : undefined;
  }
}

function pictureFile(path: string, info: Deno.FileInfo): PictureSource {
  return {
    path,
    isArchived: false,
    async copyTo(target) {
      await checkRegular(path);
      await Deno.copyFile(path, target);
      // Albums and file managers sort by the date of a picture.
      if (info.mtime) await Deno.utime(target, info.atime ?? info.mtime, info.mtime);
    },
    async isSame(other) {
      const found = await statOf(other);
      if (found === undefined) return false;
      if (found.ino !== null && found.ino === info.ino && found.dev === info.dev) return true;
      return found.size === info.size && await haveSameBytes(path, other);
    },
  };
}

function archivedPicture(path: string, bytes: Uint8Array): PictureSource {
  return {
    path,
    isArchived: true,
    copyTo: (target) => Deno.writeFile(target, bytes, { createNew: true }),
    async isSame(other) {
      const found = await statOf(other);
      if (found?.size !== bytes.length) return false;
      const read = await Deno.readFile(other);
      return read.length === bytes.length && read.every((byte, i) => byte === bytes[i]);
    },
  };
}

/** Returns what a path leads to, if it is a file; undefined also for links that lead nowhere. */
async function statOf(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    const info = await Deno.stat(path);
    return info.isFile ? info : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Compares two files piece by piece, as pictures may be large. */
async function haveSameBytes(a: string, b: string): Promise<boolean> {
  using left = await Deno.open(a), right = await Deno.open(b);
  const [one, two] = [new Uint8Array(chunkSize), new Uint8Array(chunkSize)];
  while (true) {
    const [n, m] = [await fill(left, one), await fill(right, two)];
    if (n !== m || !one.subarray(0, n).every((byte, i) => byte === two[i])) return false;
    if (n === 0) return true;
  }
}

/** Reads until a buffer is full or the file ends. @returns the number of bytes. */
async function fill(file: Deno.FsFile, buffer: Uint8Array): Promise<number> {
  let length = 0;
  while (length < buffer.length) {
    const count = await file.read(buffer.subarray(length));
    if (count === null) break;
    length += count;
  }
  return length;
}
