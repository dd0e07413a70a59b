/** Reading of pictures in workers, which load the code for archives only if necessary. */

import type { Archive } from "../archive.ts";
import { checkBytes } from "./first_bytes.ts";

const opened = new Map<string, Promise<Archive>>();

/**
 * Reads a picture, which may be in an archive (`photos.zip/cat/1.jpg`). Archives stay open for further
 * pictures until the worker ends.
 *
 * @throws {Error} with a message that follows the picture's name.
 */
export async function readPicture(path: string): Promise<Uint8Array<ArrayBuffer>> {
  if (!/\.zip[\\/]/i.test(path)) return await readPictureFile(path);
  const { Archive, plainReason, splitArchivedPath } = await import("../archive.ts");
  const inArchive = await splitArchivedPath(path);
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
