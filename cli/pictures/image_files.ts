/**
 * Which files are to be classified.
 * @module
 */
import { join } from "node:path";
import { findFiles } from "../../data/files/mod.ts";
import { reasonOf } from "../command/reason.ts";

/**
 * The files of paths, in their order: a file is itself, whatever its name; of a folder all images in it and below, as
 * {@linkcode findFiles} finds them. What is passed over is said.
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
    const { images, notes } = await findFiles(path);
    if (images.length === 0) {
      throw new RangeError(`Cannot classify ${path} as it must hold images: it has none`);
    }
    for (const note of notes) console.error(`In ${path}, ${note}`);
    for (const name of images) files.push(join(path, name));
  }
  return files;
}
