/** File names of examples, as label lists write them. */

/**
 * Finds a file by all of its name below the dataset's folder, by an end of it from a `/` on that only it has, or by either
 * without the file's ending; however the name is written: with backslashes, with blanks around it, from the folder on.
 *
 * @param names Name of each file below the dataset's folder.
 * @param folder What that folder is called, where names may begin with it.
 */
export function fileFinder(
  names: readonly string[],
  folder = ".",
): (name: string) => number | "several" | undefined {
  const known = new Map<string, number | "several">();
  const whole = new Map(names.map((name, i) => [name, i]));
  const add = (key: string, index: number) =>
    known.set(key, known.has(key) && known.get(key) !== index ? "several" : index);
  for (const [index, name] of names.entries()) {
    for (const path of [name, name.replace(/\.[^./]+$/, "")]) {
      for (let at = 0; at >= 0;) {
        add(path.slice(at), index);
        const slash = path.indexOf("/", at);
        at = slash < 0 ? -1 : slash + 1;
      }
    }
  }
  const find = (name: string) => whole.get(name) ?? known.get(name);
  return (written) => {
    const name = written.replaceAll("\\", "/").replace(/^(\.\/)+/, "");
    const tries = [
      written,
      name,
      name.trim(),
      name.startsWith(`${folder}/`) ? name.slice(folder.length + 1) : name,
    ];
    return tries.map(find).find((index) => index !== undefined);
  };
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
 * import { fileIndex } from "./mod.ts";
 * import { assertEquals } from "../tests/assert.ts";
 *
 * const indexOf = fileIndex(["train/cat/1.jpg", "train/dog/2.jpg"]);
 * assertEquals([indexOf("2.jpg"), indexOf("cat/1.jpg"), indexOf("3.jpg")], [1, 0, undefined]);
 * ```
 */
export function fileIndex(names: readonly string[]): (name: string) => number | undefined {
  const find = fileFinder(names);
  return (name) => {
    const index = find(name);
    if (index !== "several") return index;
    throw new RangeError(
      `Cannot tell which file ${name} is as only one may end so: give more of its path, such as ${
        names.find((each) => each.includes(name)) ?? "its folder"
      }`,
    );
  };
}
