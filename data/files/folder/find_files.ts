/** What lies in a user's folder: images anywhere below it, and the files beside them. */

import { join } from "node:path";
import { listDirectory } from "../disk.ts";
import { messageOf, shownName } from "../../mod.ts";

/** Files that are taken for images, so that one that cannot be decoded is reported; others are not looked at. */
export const IMAGE: RegExp = /\.(jpe?g|jfif|png|webp|gif|bmp|tiff?|avif|heic|jp2)$/i;

/** A folder's files, with what was passed over. */
export interface FoundFiles {
  /** Images, by their path below the folder, in the order of paths. */
  readonly images: readonly string[];
  /** Names of other files that lie directly in the folder. */
  readonly others: readonly string[];
  /** Sentences on what was passed over, and why. */
  readonly notes: readonly string[];
}

/**
 * Finds all images below a folder. Hidden files and folders do not count. Links are followed, but not one to a folder
 * that it lies in, and a sub-folder that may not be read is passed over: notes say so.
 *
 * @param only Names in the folder that are looked at (default: all).
 * @throws {Deno.errors.NotFound} when there is no such folder. @throws {Error} when it is none, or may not be read.
 */
export async function findFiles(directory: string, only?: readonly string[]): Promise<FoundFiles> {
  const names = (await listDirectory(directory)).filter((name) => only?.includes(name) ?? true);
  const found = { images: [] as string[], others: [] as string[], notes: [] as string[] };
  await walk({ directory, below: "", names, around: [await Deno.realPath(directory)] }, found);
  return found;
}

interface Place {
  readonly directory: string;
  /** Path below the directory, empty or ending with a slash. */
  readonly below: string;
  readonly names: readonly string[];
  /** Where the folders on the way here really are. */
  readonly around: readonly string[];
}

async function walk(
  { directory, below, names, around }: Place,
  found: { images: string[]; others: string[]; notes: string[] },
): Promise<void> {
  for (const name of names) {
    if (name.startsWith(".") || name === "__MACOSX") continue;
    const path = `${below}${name}`;
    // Only what does not look like an image is asked what it is: there may be a million files.
    if (IMAGE.test(name)) {
      found.images.push(path);
      continue;
    }
    const pass = (reason: string) => found.notes.push(`${shownName(path)} is passed over: ${reason}`);
    let isDirectory: boolean, real: string;
    try {
      ({ isDirectory } = await Deno.stat(join(directory, path)));
      real = isDirectory ? await Deno.realPath(join(directory, path)) : "";
    } catch (error) {
      pass(messageOf(error));
      continue;
    }
    if (!isDirectory) {
      if (below === "") found.others.push(name);
    } else if (around.includes(real)) {
      pass("it is a link back to a folder that it lies in");
    } else {
      try {
        const inner = await listDirectory(join(directory, path));
        await walk({ directory, below: `${path}/`, names: inner, around: [...around, real] }, found);
      } catch (error) {
        pass(messageOf(error instanceof Error && error.cause ? error.cause : error));
      }
    }
  }
}
