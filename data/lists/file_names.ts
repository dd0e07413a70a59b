/** File names of examples, as label lists write them. */

/** The file that a written name means. */
export interface FoundName {
  /** Its index; `"several"` where more than one file may be meant. */
  readonly index: number | "several";
  /** Folders that the written name begins with, before the end that fits; empty = none. */
  readonly folders: string;
  /** Whether the file is in folders of these names, or may be as there are none. */
  readonly isThere: boolean;
  /** What had to be taken for equal. */
  readonly despite: "nothing" | "Unicode form" | "case";
}

/**
 * Finds a file by the longest end of a written name, from a `/` on, that is the end of only one file's path, with or else
 * without the file's ending. So a name counts that is written with backslashes, as a URL, or as a path of another machine.
 * Names that differ only in their Unicode form are equal, and those that differ in case where that leaves one.
 *
 * @param names Name of each file below the dataset's folder.
 * @param directory Where that folder lies: names may begin with an end of it.
 */
export function fileFinder(
  names: readonly string[],
  directory = "",
): (written: string) => FoundName | undefined {
  const whole = new Ends(names), bare = new Ends(names.map((name) => name.replace(/\.[^./]+$/, "")));
  const place = `/${directory.replaceAll("\\", "/")}`;
  return (written) => {
    const own = whole.exact(written);
    if (own !== undefined) return { index: own, folders: "", isThere: true, despite: "nothing" };
    const path = plainPath(written), found = whole.longest(path) ?? bare.longest(path);
    if (!found) return undefined;
    const { at, ...meant } = found, folders = path.slice(0, Math.max(0, at - 1));
    return { ...meant, folders, isThere: folders === "" || place.endsWith(`/${folders}`) };
  };
}

type Index = FoundName["index"];

/** The only name of each end of names. */
class Ends {
  /** Parts of a name at most. */
  readonly #depth: number;
  #exact: ReadonlyMap<string, Index> | undefined;
  #sameForm: ReadonlyMap<string, Index> | undefined;
  #folded: ReadonlyMap<string, Index> | undefined;

  constructor(readonly names: readonly string[]) {
    this.#depth = names.reduce((depth, name) => Math.max(depth, name.split("/").length), 1);
  }

  exact(end: string): Index | undefined {
    return (this.#exact ??= endsOf(this.names)).get(end);
  }

  /** The longest end of a path that is one of a name, and where it begins. */
  longest(
    path: string,
  ): { readonly at: number; readonly index: Index; readonly despite: FoundName["despite"] } | undefined {
    const starts = [0];
    for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1)) starts.push(at + 1);
    for (const at of starts.slice(-this.#depth)) {
      const end = path.slice(at), index = this.exact(end);
      if (index !== undefined) return { at, index, despite: "nothing" };
      const folded = (this.#folded ??= endsOf(this.names.map(fold))).get(fold(end));
      if (folded === undefined) continue;
      const sameForm = (this.#sameForm ??= endsOf(this.names.map(compose))).get(compose(end));
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

/** The only name of each end. A whole name means itself, whatever else ends so. */
function endsOf(names: readonly string[]): ReadonlyMap<string, Index> {
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

/** A written name as a path with `/`: of a URL what its escapes stand for, without what leads up or to the same folder. */
function plainPath(written: string): string {
  const name = written.trim();
  const isUrl = /^[a-z][a-z\d+.-]+:\/\//i.test(name);
  const path = isUrl ? unescaped(name.replace(/[?#].*$/s, "")) : name.replaceAll("\\", "/");
  return path.replace(/^(\.{1,2}\/)+/, "");
}

function unescaped(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}

/**
 * The index of the example that a label list means by a name, where examples are files: all of its name below the
 * dataset's folder (`train/cat/1.jpg`), or any end of it from a `/` on that only one file has (`cat/1.jpg`, `1.jpg`, `1`).
 *
 * @param names Name of each example below the dataset's folder.
 * @returns A function that gives the index of a name, `undefined` where there is no such file.
 * @throws {RangeError} (by the function) when several files end so.
 *
 * @example
 * ```ts
 * import { fileIndex } from "../mod.ts";
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
    if (!found?.isThere) return undefined;
    if (found.index !== "several") return found.index;
    throw new RangeError(
      `Cannot tell which file ${name} is as only one may end so: give more of its path, such as ${
        names.find((each) => each.includes(name)) ?? "its folder"
      }`,
    );
  };
}
