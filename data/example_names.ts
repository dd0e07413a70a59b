/** File names of examples, as label lists write them. */

/**
 * The index of the example that a label list means by a name, where examples are files: all of its name below the
 * dataset's folder (`train/cat/1.jpg`), or any end of it from a `/` on that only one file has (`cat/1.jpg`, `1.jpg`).
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
  const indices = new Map<string, number>();
  const several = new Set<string>();
  for (const [index, name] of names.entries()) {
    for (let at = 0; at >= 0; at = next(name, at)) {
      const end = name.slice(at);
      if (indices.has(end)) several.add(end);
      else indices.set(end, index);
    }
  }
  return (name) => {
    if (several.has(name) && names[indices.get(name)!] !== name) {
      throw new RangeError(
        `Cannot tell which file ${name} is as only one may end so: give more of its path, such as ${
          names[indices.get(name)!]
        }`,
      );
    }
    return indices.get(name);
  };
}

/** Where the part after the next `/` begins; −1 = there is none. */
function next(name: string, from: number): number {
  const slash = name.indexOf("/", from);
  return slash < 0 ? -1 : slash + 1;
}
