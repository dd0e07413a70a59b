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

/** Forms of names, the strictest first: what is equal in one of them may be meant. */
const FORMS: readonly (readonly [despite: FoundName["despite"], form: (name: string) => string])[] = [
  ["nothing", (name) => name],
  ["Unicode form", (name) => name.normalize("NFC")],
  ["case", (name) => name.normalize("NFC").toLowerCase()],
];

/**
 * Finds a file by the longest end of a written name, from a `/` on, that is the end of only one file's path, with or
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
  const forms = FORMS.map(([despite, form]) => {
    let ends: ReadonlyMap<string, number | "several"> | undefined;
    return { despite, find: (end: string) => (ends ??= endsOf(names, form)).get(form(end)) };
  });
  const [exact] = forms;
  const place = `/${directory.replaceAll("\\", "/")}`;
  return (written) => {
    const own = exact?.find(written);
    if (own !== undefined) return { index: own, folders: "", isThere: true, despite: "nothing" };
    const path = plainPath(written);
    for (let at = 0; at >= 0;) {
      for (const { despite, find } of forms) {
        const index = find(path.slice(at));
        if (index === undefined) continue;
        const folders = path.slice(0, Math.max(0, at - 1));
        return { index, folders, isThere: folders === "" || place.endsWith(`/${folders}`), despite };
      }
      const slash = path.indexOf("/", at);
      at = slash < 0 ? -1 : slash + 1;
    }
    return undefined;
  };
}

/** The only file of each end of a name, in some form. A whole name means its file, whatever else ends so. */
function endsOf(
  names: readonly string[],
  form: (name: string) => string,
): ReadonlyMap<string, number | "several"> {
  const ends = new Map<string, number | "several">(), whole = new Map<string, number | "several">();
  const add = (map: typeof ends, key: string, index: number) => {
    const former = map.get(key);
    map.set(key, former === undefined || former === index ? index : "several");
  };
  for (const [index, each] of names.entries()) {
    const name = form(each), bare = name.replace(/\.[^./]+$/, "");
    add(whole, name, index);
    for (let at = 0; at >= 0;) {
      add(ends, name.slice(at), index);
      if (bare.length > at && bare !== name) add(ends, bare.slice(at), index);
      const slash = name.indexOf("/", at);
      at = slash < 0 ? -1 : slash + 1;
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
