/** Search of a user's folder for images and other files. */

import { join } from "node:path";
import { Archive, isZip } from "../archive.ts";
import { isFile, listEntries } from "../disk.ts";
import { messageOf, shownName } from "../../internal.ts";

/** Extensions of images; such files are reported if they cannot be decoded. */
export const IMAGE: RegExp = /\.(jpe?g?|jfif|png|webp|gif|bmp|dib|tiff?|avif|hei[cf]|jp2)$/i;

/** Files and folders created by operating systems: previews, recycle bins, metadata in archives of macOS. */
const LITTER =
  /^(\..*|__MACOSX|@eaDir|\$RECYCLE\.BIN|RECYCLER|System Volume Information|lost\+found|__pycache__|Thumbs\.db|ehthumbs\.db|desktop\.ini)$/i;

/** Replacement for bytes of a name that are not UTF-8; the name on disk is unknown. */
const UNREADABLE = "\ufffd";

/** Files of a folder. */
export interface FoundFiles {
  /** Sorted paths of images relative to the folder. */
  readonly images: readonly string[];
  /** Names of other files directly in the folder. */
  readonly others: readonly string[];
  /** All folders below by their paths, with the names of the files other than images directly in each. */
  readonly folders: ReadonlyMap<string, readonly string[]>;
  /** Sentences about skipped files and folders, with the reasons. */
  readonly notes: readonly string[];
}

/**
 * Finds all images below a folder. Hidden files and files of the operating system are ignored. Links are
 * followed, except links to a folder around them and second links to the same folder. These and unreadable
 * sub-folders are skipped with a note.
 *
 * @param directory The folder, or a ZIP archive of one.
 * @param only Names of the folder's entries to be searched (default: all).
 * @throws {Deno.errors.NotFound} when the folder does not exist. @throws {Error} when it is not a readable
 * folder.
 */
export async function findFiles(directory: string, only?: readonly string[]): Promise<FoundFiles> {
  if (isZip(directory) && await isFile(directory)) return await findArchived(directory);
  const images: string[] = [], notes: string[] = [];
  const folders = new Map<string, string[]>();
  // Only the first link to a folder is followed; otherwise folders that link to each other would be walked in
  // every order.
  const linked = new Set<string>();
  const skip = (path: string, reason: string) => notes.push(`${shownName(path)} is skipped: ${reason}`);
  /** Walks a folder. @param around Real paths of the folders around it. */
  const walk = async (below: string, entries: readonly Deno.DirEntry[], around: readonly string[]) => {
    const others: string[] = [];
    folders.set(below.slice(0, -1), others);
    const add = (path: string, name: string) => IMAGE.test(name) ? images.push(path) : others.push(name);
    for (const { name, isFile, isSymlink } of entries) {
      if (LITTER.test(name)) continue;
      const path = `${below}${name}`, isReadable = !name.includes(UNREADABLE);
      // No stat of ordinary files, as there may be a million.
      if (isFile && isReadable) {
        add(path, name);
        continue;
      }
      try {
        const whole = join(directory, path);
        const info = await Deno.stat(whole);
        if (info.isFile) add(path, name);
        else if (!info.isDirectory) skip(path, "it is a pipe or a device");
        else {
          const real = await Deno.realPath(whole);
          if (around.includes(real)) skip(path, "it is a link to a folder around it");
          else if (isSymlink && linked.has(real)) skip(path, "another link leads to the same folder");
          else {
            if (isSymlink) linked.add(real);
            await walk(`${path}/`, listEntries(whole), [...around, real]);
          }
        }
      } catch (error) {
        const reason = messageOf(error instanceof Error && error.cause ? error.cause : error);
        skip(path, isReadable ? reason : `its name is not valid UTF-8 (${reason})`);
      }
    }
  };
  const entries = listEntries(directory).filter(({ name }) => only?.includes(name) ?? true);
  await walk("", entries, [await Deno.realPath(directory)]);
  const others = folders.get("") ?? [];
  folders.delete("");
  return { images, others, folders, notes: limitNotes(notes) };
}

/** Maximum number of individual notes. */
const MOST_NOTES = 5;

function limitNotes(notes: readonly string[]): string[] {
  const rest = notes.length - MOST_NOTES;
  return rest <= 1
    ? [...notes]
    : [...notes.slice(0, MOST_NOTES), `${rest} more files or folders are skipped`];
}

/** Finds all images in an archive; links are ignored. */
async function findArchived(path: string): Promise<FoundFiles> {
  using archive = await Archive.open(path);
  const parts = archive.names.map((name) => name.split("/"))
    .filter((names) => !names.some((name) => LITTER.test(name)));
  const images: string[] = [], folders = new Map<string, string[]>([["", []]]);
  for (const names of parts.sort(comparePaths)) {
    const [name = ""] = names.slice(-1), folder = names.slice(0, -1);
    // Parents are added before their children.
    for (let depth = 1; depth <= folder.length; depth++) {
      const around = folder.slice(0, depth).join("/");
      if (!folders.has(around)) folders.set(around, []);
    }
    if (IMAGE.test(name)) images.push(names.join("/"));
    else folders.get(folder.join("/"))?.push(name);
  }
  const others = folders.get("") ?? [];
  folders.delete("");
  return { images, others, folders, notes: [] };
}

/** Compares paths in the order in which folders on disk are walked. */
function comparePaths(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((name, i) => name !== b[i]);
  const [one, other] = [a[at] ?? "", b[at] ?? ""];
  return at < 0 ? a.length - b.length : one < other ? -1 : 1;
}
