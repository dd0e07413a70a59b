/** Reads pictures for workers, which start faster without what only archives need. */

import type { Archive } from "../archive.ts";
import { checkBytes } from "./first_bytes.ts";

const opened = new Map<string, Promise<Archive>>();

/**
 * Reads a picture, also from an archive (`photos.zip/cat/1.jpg`). Archives stay open, as many of their files are read: the
 * function is meant for workers, which end.
 *
 * @throws {Error} whose message follows the picture's name.
 */
export async function readPicture(path: string): Promise<Uint8Array<ArrayBuffer>> {
  if (!/\.zip[\\/]/i.test(path)) return await readPictureFile(path);
  const { Archive, archivedPath, plainReason } = await import("../archive.ts");
  const inArchive = await archivedPath(path);
  if (!inArchive) return await readPictureFile(path);
  const { archive, name } = inArchive;
  const known = opened.get(archive) ?? Archive.open(archive);
  opened.set(archive, known);
  try {
    return await (await known).read(name);
  } catch (error) {
    throw plainReason(error);
  }
}

async function readPictureFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const { isFile, isDirectory, size } = await Deno.stat(path);
  // Reading a pipe or a device may never end; reading a folder fails with a clear error.
  if (!isFile && !isDirectory) throw new SyntaxError("it is a pipe or a device");
  if (isFile) checkBytes(size);
  return await Deno.readFile(path);
}
