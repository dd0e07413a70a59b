/** What lies in a user's folder: images anywhere below it, and the files beside them. */

import { join } from "node:path";
import { Archive, isZip } from "../archive.ts";
import { isFile, listEntries } from "../disk.ts";
import { messageOf, shownName } from "../../mod.ts";

/** Files that are taken for images, so that one that cannot be decoded is reported; others are not looked at. */
export const IMAGE: RegExp = /\.(jpe?g?|jfif|png|webp|gif|bmp|dib|tiff?|avif|hei[cf]|jp2)$/i;

/** What systems leave in folders: previews, waste bins, and what archives of macOS have beside the files. */
const LITTER =
  /^(\..*|__MACOSX|@eaDir|\$RECYCLE\.BIN|RECYCLER|System Volume Information|lost\+found|__pycache__|Thumbs\.db|ehthumbs\.db|desktop\.ini)$/i;

/** What stands for bytes of a name that are no UTF-8. A name that has it may be another one on disk. */
const UNREADABLE = "\ufffd";

/** A folder's files, with what was passed over. */
export interface FoundFiles {
  /** Images, by their path below the folder, in the order of paths. */
  readonly images: readonly string[];
  /** Names of other files that lie directly in the folder. */
  readonly others: readonly string[];
  /** Every folder below it, by its path, with the names of the files directly there that are no images. */
  readonly folders: ReadonlyMap<string, readonly string[]>;
  /** Sentences on what was passed over, and why. */
  readonly notes: readonly string[];
}

/**
 * Finds all images below a folder. Hidden files and folders, and what systems leave, do not count. Links are followed, but
 * not one to a folder that it lies in, nor a second one to the same folder, and a sub-folder that may not be read is passed
 * over: notes say so.
 *
 * @param directory The folder, or a ZIP archive of one.
 * @param only Names in the folder that are looked at (default: all).
 * @throws {Deno.errors.NotFound} when there is no such folder. @throws {Error} when it is none, or may not be read.
 */
export async function findFiles(directory: string, only?: readonly string[]): Promise<FoundFiles> {
  if (isZip(directory) && await isFile(directory)) return await findArchived(directory);
  const images: string[] = [], notes: string[] = [];
  const folders = new Map<string, string[]>();
  // Of links to one folder only the first is followed: folders of links to each other would be walked in every order.
  const linked = new Set<string>();
  const pass = (path: string, reason: string) => notes.push(`${shownName(path)} is passed over: ${reason}`);
  /** @param around Where folders on the way here really are. */
  const walk = async (below: string, entries: readonly Deno.DirEntry[], around: readonly string[]) => {
    const others: string[] = [];
    folders.set(below.slice(0, -1), others);
    const add = (path: string, name: string) => IMAGE.test(name) ? images.push(path) : others.push(name);
    for (const { name, isFile, isSymlink } of entries) {
      if (LITTER.test(name)) continue;
      const path = `${below}${name}`, isReadable = !name.includes(UNREADABLE);
      // Files are not asked what they are: there may be a million.
      if (isFile && isReadable) {
        add(path, name);
        continue;
      }
      try {
        const whole = join(directory, path);
        const info = await Deno.stat(whole);
        if (info.isFile) add(path, name);
        else if (!info.isDirectory) pass(path, "it is a pipe or a device");
        else {
          const real = await Deno.realPath(whole);
          if (around.includes(real)) pass(path, "it is a link back to a folder that it lies in");
          else if (isSymlink && linked.has(real)) pass(path, "another link leads to the same folder");
          else {
            if (isSymlink) linked.add(real);
            await walk(`${path}/`, listEntries(whole), [...around, real]);
          }
        }
      } catch (error) {
        const reason = messageOf(error instanceof Error && error.cause ? error.cause : error);
        pass(path, isReadable ? reason : `its name must be UTF-8 (${reason})`);
      }
    }
  };
  const entries = listEntries(directory).filter(({ name }) => only?.includes(name) ?? true);
  await walk("", entries, [await Deno.realPath(directory)]);
  const others = folders.get("") ?? [];
  folders.delete("");
  return { images, others, folders, notes: fewer(notes) };
}

/** Notes that are told one by one. */
const MOST_NOTES = 5;

function fewer(notes: readonly string[]): string[] {
  const rest = notes.length - MOST_NOTES;
  return rest <= 1
    ? [...notes]
    : [...notes.slice(0, MOST_NOTES), `${rest} more files or folders are passed over`];
}

/** The same of an archive: links in it are left out. */
async function findArchived(path: string): Promise<FoundFiles> {
  using archive = await Archive.open(path);
  const parts = archive.names.map((name) => name.split("/"))
    .filter((names) => !names.some((name) => LITTER.test(name)));
  const images: string[] = [], folders = new Map<string, string[]>([["", []]]);
  for (const names of parts.sort(byFolder)) {
    const [name = ""] = names.slice(-1), folder = names.slice(0, -1);
    // Folders come before what lies in them.
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

/** The order in which folders on a disk are gone through. */
function byFolder(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((name, i) => name !== b[i]);
  const [one, other] = [a[at] ?? "", b[at] ?? ""];
  return at < 0 ? a.length - b.length : one < other ? -1 : 1;
}
