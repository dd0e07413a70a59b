/** Matching of file names written in label lists with files. */

/** Match of a written name. */
export interface FoundName {
  /** Index of the file; `"several"` if more than one matches. */
  readonly index: number | "several";
  /** Folders at the start of the written name, before the matching end; may be empty. */
  readonly folders: string;
  /** True if `folders` is empty, or an end of the dataset's own path. */
  readonly foldersMatch: boolean;
  /** Difference that was ignored in order to match. */
  readonly despite: "nothing" | "Unicode form" | "case" | "file ending" | "number of zeros";
}

/**
 * Creates a function that finds the file of a written name: the longest end of the name, starting after a
 * `/`, that is the end of a file's path. If none matches, extensions are ignored. Therefore backslashes, URLs
 * and paths of other machines work. Differences in Unicode form are ignored, and differences in case if only
 * one file remains. If still none matches, `%20` and the like are decoded, then other endings of pictures and other
 * numbers of zeros before a number are ignored, as spreadsheets write 7 for 0007.
 *
 * @param names Path of each file relative to the dataset's folder.
 * @param directory Path of that folder; written names may begin with an end of it.
 */
export function fileFinder(
  names: readonly string[],
  directory = "",
): (written: string) => FoundName | undefined {
  const bareNames = names.map((name) => name.replace(/\.[^./]+$/, ""));
  const whole = new Ends(names), bare = new Ends(bareNames);
  let numbered: Ends | undefined;
  const place = `/${directory.replaceAll("\\", "/")}`;
  return (written) => {
    const exact = whole.findExact(written);
    if (exact !== undefined) return { index: exact, folders: "", foldersMatch: true, despite: "nothing" };
    const asWritten = normalizePath(written), decoded = decodeUrl(asWritten);
    const stem = decoded.replace(PICTURE_NAME, ""), number = withoutZeros(stem);
    const endOf = (path: string) => whole.findLongest(path) ?? bare.findLongest(path);
    const ofDecoded = decoded === asWritten ? undefined : endOf(decoded);
    const forms: readonly (readonly [string, () => ReturnType<Ends["findLongest"]>])[] = [
      [decoded, () => ofDecoded?.at === 0 ? ofDecoded : undefined],
      [asWritten, () => endOf(asWritten)],
      [decoded, () => ofDecoded],
      [stem, () => stem === decoded ? undefined : despite("file ending", bare.findLongest(stem))],
      [number, () => {
        numbered ??= new Ends(bareNames.map(withoutZeros));
        return despite("number of zeros", numbered.findLongest(number));
      }],
    ];
    const match = forms.values().map(([path, find]) => ({ path, found: find() })).find(({ found }) => found);
    if (!match?.found) return undefined;
    const { path, found } = match;
    const { at, ...rest } = found, folders = path.slice(0, Math.max(0, at - 1));
    return { ...rest, folders, foldersMatch: folders === "" || place.endsWith(`/${folders}`) };
  };
}

type Index = FoundName["index"];

/** Endings of the names of pictures. */
export const PICTURE_NAME: RegExp =
  /\.(p?jpe?g?|jfif|pjp|a?png|webp|gif|bmp|dib|tiff?|avif|hei[cf]|hif|jp2|p[abgpn]m)$/i;

/** Returns a path without zeros before the number that is its name, and `.0` after it, as spreadsheets write it. */
function withoutZeros(path: string): string {
  return path.replace(/(^|\/)0*(\d+)(\.0+)?$/, "$1$2");
}

/** Returns a match with the difference that was ignored. */
function despite<T extends object>(what: FoundName["despite"], found: T | undefined) {
  return found && { ...found, despite: what };
}

/** An index of names by their ends. */
class Ends {
  /** Maximum number of parts of a name. */
  readonly #depth: number;
  #exact: ReadonlyMap<string, Index> | undefined;
  #sameForm: ReadonlyMap<string, Index> | undefined;
  #folded: ReadonlyMap<string, Index> | undefined;

  constructor(readonly names: readonly string[]) {
    this.#depth = names.reduce((depth, name) => Math.max(depth, name.split("/").length), 1);
  }

  findExact(end: string): Index | undefined {
    return (this.#exact ??= indexEnds(this.names)).get(end);
  }

  /** Finds the longest end of a path that is the end of a name, and the position at which it begins. */
  findLongest(
    path: string,
  ): { readonly at: number; readonly index: Index; readonly despite: FoundName["despite"] } | undefined {
    const starts = [0];
    for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) starts.push(at + 1);
    for (const at of starts.slice(-this.#depth)) {
      const end = path.slice(at), index = this.findExact(end);
      if (index !== undefined) return { at, index, despite: "nothing" };
      const folded = (this.#folded ??= indexEnds(this.names.map(fold))).get(fold(end));
      if (folded === undefined) continue;
      const sameForm = (this.#sameForm ??= indexEnds(this.names.map(compose))).get(compose(end));
      return sameForm === undefined
        ? { at, index: folded, despite: "case" }
        : { at, index: sameForm, despite: "Unicode form" };
    }
    return undefined;
  }
}

function compose(name: string): string {
  return name.normalize("NFC");
}

function fold(name: string): string {
  return compose(name).toLowerCase();
}

/**
 * Returns the index of the name with each end. A whole name takes precedence over longer names with the same
 * end.
 */
function indexEnds(names: readonly string[]): ReadonlyMap<string, Index> {
  const ends = new Map<string, Index>(), whole = new Map<string, Index>();
  for (const [index, name] of names.entries()) {
    whole.set(name, whole.has(name) ? "several" : index);
    for (let at = name.indexOf("/") + 1; at > 0; at = name.indexOf("/", at) + 1) {
      const end = name.slice(at);
      ends.set(end, ends.has(end) ? "several" : index);
    }
  }
  for (const [name, index] of whole) ends.set(name, index);
  return ends;
}

/** Returns a written name as a path with `/`: URLs are decoded, and leading `./` and `../` are removed. */
function normalizePath(written: string): string {
  const name = written.trim();
  const isUrl = /^[a-z][a-z\d+.-]+:\/\//i.test(name);
  const path = isUrl ? decodeUrl(name.replace(/[?#].*$/s, "")) : name.replaceAll("\\", "/");
  return path.replace(/^(\.{1,2}\/)+/, "");
}

function decodeUrl(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}

/**
 * Creates a function that finds the example of a name in a label list, for examples that are files. The name
 * is the path relative to the dataset's folder (`train/cat/1.jpg`), or an unambiguous end of it (`cat/1.jpg`,
 * `1.jpg`, `1`).
 *
 * @param names Path of each example relative to the dataset's folder.
 * @returns A function that returns the index of a name, or `undefined` if there is no such file.
 * @throws {RangeError} (by the returned function) when several files match.
 *
 * @example
 * ```ts
 * import { fileIndex } from "../internal.ts";
 * import { assertEquals } from "../../tests/assert.ts";
 *
 * const indexOf = fileIndex(["train/cat/1.jpg", "train/dog/2.jpg"]);
 * assertEquals([indexOf("2.jpg"), indexOf("cat/1.jpg"), indexOf("3.jpg")], [1, 0, undefined]);
 * ```
 */
export function fileIndex(names: readonly string[]): (name: string) => number | undefined {
  const find = fileFinder(names);
  return (name) => {
    const found = find(name);
    if (!found?.foldersMatch) return undefined;
    if (found.index !== "several") return found.index;
    throw new RangeError(
      `Cannot find file ${name}: several paths end like this. Write more of the path, such as ${
        names.find((each) => each.includes(name)) ?? "its folder"
      }`,
    );
  };
}
