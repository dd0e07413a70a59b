/**
 * Which files are to be classified.
 * @module
 */
import { join } from "node:path";
import { arraysAmong, findFiles, isZip } from "../../data/files/mod.ts";
import { reasonOf } from "../command/reason.ts";
import { printNote } from "../command/output.ts";

/** What is to be classified. */
export interface GivenImages {
  /** Image files. */
  readonly files: readonly string[];
  /** Files of arrays, archives of arrays, and folders of them. */
  readonly arrays: readonly string[];
}

/**
 * What paths stand for, in their order: a file for itself, an array by its name or else an image; a folder, or a ZIP archive of one, for all images
 * in it and below, as {@linkcode findFiles} finds them, or where there is none for its arrays. What is passed over is said.
 * @throws {RangeError} if a path is no file or folder, or a folder has neither images nor arrays.
 */
export async function givenImages(paths: readonly string[]): Promise<GivenImages> {
  const files: string[] = [], arrays: string[] = [];
  for (const path of paths) {
    let info: Deno.FileInfo;
    try {
      info = await Deno.stat(path);
    } catch (error) {
      throw new RangeError(`Cannot classify ${path} as it must be a file or folder: ${reasonOf(error)}`);
    }
    if (!info.isDirectory && !isZip(path)) {
      (arraysAmong([path]).length > 0 ? arrays : files).push(path);
      continue;
    }
    const { images, others, folders, notes } = await findFiles(path);
    if (images.length === 0) {
      if (arraysAmong([others, ...folders.values()].flat()).length === 0) {
        throw new RangeError(`Cannot classify ${path} as it must hold images or arrays: it has none`);
      }
      arrays.push(path);
    }
    for (const note of notes) printNote(`In ${path}, ${note}`);
    for (const name of images) files.push(join(path, name));
  }
  return { files, arrays };
}
