/** Search of a user's folder for images and other files. */

import { join } from "node:path";
import { Archive, isZip } from "../archive.ts";
import { isFile, listEntries } from "../disk.ts";
import { counted, messageOf, shownName, someOf } from "../../internal.ts";

/** Extensions of images; such files are reported if they cannot be decoded. */
export const IMAGE: RegExp =
  /\.(p?jpe?g?|jfif|pjp|a?png|webp|gif|bmp|dib|tiff?|avif|hei[cf]|hif|jp2|j2k|jxl|p[abgpn]m|svg|psd|ico|tga)$/i;

/** Extensions of files that nobody takes for pictures. */
const PLAIN =
  /\.(txt|text|csv|tsv|tab|jsonl?|ndjson|xml|html?|md|rst|ya?ml|toml|ini|cfg|conf|log|pdf|docx?|xlsx?|ods|odt|rtf|py|ipynb|m|r|sh|bat|js|ts|c|cpp|h|npy|npz|mat|pkl|pickle|pt|pth|onnx|safetensors|h5|hdf5|parquet|arrow|feather|tfrecords?|pbtxt|db|sqlite|zip|tar|t?gz|7z|rar|bz2|xz|lock|part|tmp|bak|url|lnk|xmp|aae|thm|md5|sha256|idx\d-ubyte|bin|dat)$/i;
/** Names of such files without an extension. */
const PLAIN_NAME =
  /^(licen[cs]e|copying|readme|notice|authors|changelog|version|makefile|dockerfile|.*\.tfevents\..*|.*-ubyte)$/i;

/** Hidden file that marks a folder into which pictures were sorted. */
export const SORTED_MARK = ".sorted";

/** Folders that commands of this program write into, by files in them. */
const OUTPUTS: readonly { readonly files: readonly string[]; readonly is: string }[] = [
  { files: ["config.json", "log.jsonl"], is: "it is a run, not data" },
  { files: ["features.npy", "names.json"], is: "it has features of pictures, not data" },
  { files: [SORTED_MARK], is: "pictures were sorted into it by predict; to use it as data, pass it" },
];

function outputIn(entries: readonly Deno.DirEntry[]): string | undefined {
  const names = new Set(entries.map(({ name }) => name));
  return OUTPUTS.find(({ files }) => files.every((name) => names.has(name)))?.is;
}

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
 * sub-folders are skipped with a note, and so are folders that commands of this program have written.
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
    const before = images.length + folders.size;
    let hasOutput = false;
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
            const inner = listEntries(whole), output = outputIn(inner);
            if (output === undefined) await walk(`${path}/`, inner, [...around, real]);
            else {
              hasOutput = true;
              skip(path, output);
            }
          }
        }
      } catch (error) {
        const reason = messageOf(error instanceof Error && error.cause ? error.cause : error);
        skip(path, isReadable ? reason : `its name is not valid UTF-8 (${reason})`);
      }
    }
    // A folder of runs alone is not an empty class.
    if (hasOutput && below !== "" && others.length === 0 && images.length + folders.size === before) {
      folders.delete(below.slice(0, -1));
    }
  };
  const entries = listEntries(directory).filter(({ name }) => only?.includes(name) ?? true);
  await walk("", entries, [await Deno.realPath(directory)]);
  const others = folders.get("") ?? [];
  folders.delete("");
  return { images, others, folders, notes: limitNotes(notes) };
}

/** Describes the files whose names end neither like those of pictures nor like those of other known files. */
export function describeUnread({ others, folders }: FoundFiles): string[] {
  const unread = [["", others] as const, ...folders].flatMap(([folder, names]) =>
    names.filter((name) => !PLAIN.test(name) && !PLAIN_NAME.test(name)).map((name) =>
      folder === "" ? name : `${folder}/${name}`
    )
  );
  if (unread.length === 0) return [];
  const state = unread.length === 1 ? "is not read: its name ends" : "are not read: their names end";
  return [
    `${
      counted(unread.length, "file")
    } ${state} neither like a picture's (.jpg, .png …) nor like another known file's: ${someOf(unread)}`,
  ];
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
