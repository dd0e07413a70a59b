/** Tree of the folders below a user's folder. */

import type { FoundFiles } from "./find_files.ts";

/** A folder of the tree. */
export interface Folder {
  /** Name of the folder. */
  readonly name: string;
  /** Path relative to the dataset's folder, with a trailing `/`; empty for that folder itself. */
  readonly path: string;
  /** Number of images directly in the folder. */
  readonly images: number;
  /** Number of images in the folder and below. */
  readonly total: number;
  /** Names of the other files directly in the folder. */
  readonly others: readonly string[];
  /** Sub-folders. */
  readonly folders: readonly Folder[];
}

/** A folder while its files are counted. */
interface Counted extends Folder {
  images: number;
  total: number;
  others: readonly string[];
  readonly folders: Counted[];
}

/** Builds the tree of folders and counts their files. */
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
  // Parents come before their children in `known`.
  for (const folder of [...known.values()].reverse()) {
    folder.total = folder.folders.reduce((sum, { total }) => sum + total, folder.images);
  }
  return root;
}

/** Returns the folder of a file, with a trailing `/`. */
export function directoryOf(name: string): string {
  return name.slice(0, name.lastIndexOf("/") + 1);
}

/** Returns the sub-folders that contain images at any depth. */
export function foldersWithImages({ folders }: Folder): Folder[] {
  return folders.filter(({ total }) => total > 0);
}

/** Returns a folder and its chain of only sub-folders, up to one with images or with several sub-folders. */
export function chainFrom(folder: Folder): Folder[] {
  const [only, ...more] = folder.images > 0 ? [] : folder.folders.filter(hasFiles);
  return only === undefined || more.length > 0 ? [folder] : [folder, ...chainFrom(only)];
}

function hasFiles({ total, others, folders }: Folder): boolean {
  return total > 0 || others.length > 0 || folders.some(hasFiles);
}

/** Returns whether all images of a folder are in its sub-folders. */
export function hasImagesOnlyBelow(folder: Folder): boolean {
  return folder.images === 0 && folder.total > 0;
}

/** Returns the paths of folders, for messages. */
export function pathsOf(folders: readonly Folder[]): string[] {
  return folders.map(({ path }) => path);
}
