/** The folders below a user's folder, with what lies in each. */

import type { FoundFiles } from "./find_files.ts";

/** A folder. */
export interface Folder {
  /** What it is called. */
  readonly name: string;
  /** Its path from the dataset's folder on, with a `/` at the end; empty for that folder itself. */
  readonly path: string;
  /** Number of images directly in it. */
  readonly images: number;
  /** Number of images in it and below. */
  readonly total: number;
  /** Names of the other files directly in it. */
  readonly others: readonly string[];
  /** The folders directly in it. */
  readonly folders: readonly Folder[];
}

/** A folder while files are counted. */
interface Counted extends Folder {
  images: number;
  total: number;
  others: readonly string[];
  readonly folders: Counted[];
}

/** Sorts files into the folders that they lie in, and counts them. */
export function folderTree({ images, others, folders }: FoundFiles): Folder {
  const root: Counted = { name: "", path: "", images: 0, total: 0, others, folders: [] };
  const known = new Map<string, Counted>([["", root]]);
  const folderAt = (path: string): Counted => {
    const found = known.get(path);
    if (found) return found;
    const start = path.lastIndexOf("/", path.length - 2) + 1;
    const around = folderAt(path.slice(0, start));
    const folder: Counted = {
      name: path.slice(start, -1),
      path,
      images: 0,
      total: 0,
      others: [],
      folders: [],
    };
    around.folders.push(folder);
    known.set(path, folder);
    return folder;
  };
  for (const [path, names] of folders) folderAt(`${path}/`).others = names;
  for (const name of images) folderAt(directoryOf(name)).images++;
  // A folder is known before those that lie in it.
  for (const folder of [...known.values()].reverse()) {
    folder.total = folder.folders.reduce((sum, { total }) => sum + total, folder.images);
  }
  return root;
}

/** The path of the folder that a file lies in, with a `/` at the end. */
export function directoryOf(name: string): string {
  return name.slice(0, name.lastIndexOf("/") + 1);
}

/** The folders directly in one that hold images, in them or below. */
export function foldersWithImages({ folders }: Folder): Folder[] {
  return folders.filter(({ total }) => total > 0);
}

/** A folder and those that lie in it alone, one in the other, up to one with images or with several folders. */
export function chainFrom(folder: Folder): Folder[] {
  const [only, ...more] = folder.images > 0 ? [] : folder.folders.filter(holdsFiles);
  return only === undefined || more.length > 0 ? [folder] : [folder, ...chainFrom(only)];
}

function holdsFiles({ total, others, folders }: Folder): boolean {
  return total > 0 || others.length > 0 || folders.some(holdsFiles);
}

/** Whether all images of a folder lie in folders of their own in it. */
export function holdsFoldersOnly(folder: Folder): boolean {
  return folder.images === 0 && folder.total > 0;
}

/** The folders of a list, as a message names them. */
export function pathsOf(folders: readonly Folder[]): string[] {
  return folders.map(({ path }) => path);
}
