/**
 * The files to be classified.
 * @module
 */
import { join } from "node:path";
import {
  arraysAmong,
  describeUnread,
  findFiles,
  hintAtPath,
  isZip,
  tablesAmong,
} from "../../data/files/mod.ts";
import { reasonOf } from "../command/reason.ts";
import { printNote } from "../terminal/output.ts";

/** Images to be classified. */
export interface ImageInputs {
  /** Paths of image files. */
  readonly files: readonly string[];
  /** Paths of array files, tables of pixels, archives and folders of arrays. */
  readonly arrays: readonly string[];
}

/**
 * Collects images from paths, in their order. A file is an array or an image, depending on its extension. A
 * folder or ZIP archive stands for all images in it and below, as {@linkcode findFiles} finds them; without
 * images, for its arrays. Prints notes about skipped files.
 * @throws {RangeError} if a path does not exist, or a folder has neither images nor arrays.
 */
export async function collectImages(paths: readonly string[]): Promise<ImageInputs> {
  const files: string[] = [], arrays: string[] = [];
  for (const path of paths) {
    let info: Deno.FileInfo;
    try {
      info = await Deno.stat(path);
    } catch (error) {
      throw new RangeError(`Cannot classify ${path}: ${reasonOf(error)}${hintAtPath(path)}`);
    }
    if (!info.isDirectory && !isZip(path)) {
      (arraysAmong([path]).length + tablesAmong([path]).length > 0 ? arrays : files).push(path);
      continue;
    }
    const found = await findFiles(path), { images, others, folders } = found;
    if (images.length === 0) {
      const names = [others, ...folders.values()].flat();
      if (arraysAmong(names).length + tablesAmong(names).length === 0) {
        throw new RangeError(`Cannot classify ${path}: it has neither images nor arrays`);
      }
      arrays.push(path);
    }
    for (const note of [...found.notes, ...describeUnread(found)]) printNote(`${path}: ${note}`);
    for (const name of images) files.push(join(path, name));
  }
  return { files, arrays };
}
