/**
 * Which files are to be classified.
 * @module
 */
import { join } from "node:path";
import { reasonOf } from "../command/reason.ts";

/** Files that are taken for images, so that one that cannot be decoded is reported; all others in folders are ignored. */
const image = /\.(jpe?g|jfif|png|webp|gif|bmp|tiff?|avif|heic|jp2)$/i;

/**
 * The files of paths, in their order: a file is itself, whatever its name; of a folder all images in it and below, in the
 * order of their names; hidden ones do not count. Links are followed, but into no folder that they are in.
 * @throws {RangeError} if a path is no file or folder, or a folder has no images.
 */
export async function imageFiles(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    let info: Deno.FileInfo;
    try {
      info = await Deno.stat(path);
    } catch (error) {
      throw new RangeError(`Cannot classify ${path} as it must be a file or folder: ${reasonOf(error)}`);
    }
    if (!info.isDirectory) {
      files.push(path);
      continue;
    }
    const before = files.length;
    await addBelow(path, [], files);
    if (files.length === before) {
      throw new RangeError(`Cannot classify ${path} as it must hold images: it has none`);
    }
  }
  return files;
}

/** @param outer Where folders around it really are. */
async function addBelow(folder: string, outer: readonly string[], files: string[]): Promise<void> {
  const here = await Deno.realPath(folder);
  if (outer.includes(here)) return;
  const entries: Deno.DirEntry[] = [];
  for await (const entry of Deno.readDir(folder)) if (!entry.name.startsWith(".")) entries.push(entry);
  entries.sort((a, b) => a.name < b.name ? -1 : 1);
  for (const { name, isDirectory, isSymlink } of entries) {
    const path = join(folder, name);
    // A link that leads nowhere is a file that cannot be read.
    const isFolder = isDirectory ||
      isSymlink && await Deno.stat(path).then((info) => info.isDirectory, () => false);
    if (isFolder) await addBelow(path, [...outer, here], files);
    else if (image.test(name)) files.push(path);
  }
}
