/**
 * Labels of pictures by a pattern for their names.
 * @module
 */
import { basename, join, normalize } from "node:path";
import { captureClasses } from "../../data/files/mod.ts";

/**
 * Returns the label in the name of each file; null if the pattern does not match. As in `train`, the pattern is
 * tried on the path inside the folder or archive that was passed; of a file that was passed itself, on its name.
 *
 * @param paths Files, folders and archives that were passed.
 * @throws as {@linkcode captureClasses} does.
 */
export function labelsOfNames(
  files: readonly string[],
  paths: readonly string[],
  pattern: string,
): (string | null)[] {
  const roots = paths.map((path) => normalize(path) === "." ? "" : join(path, "/"));
  const names = files.map((file) => {
    const lengths = roots.filter((root) => file.startsWith(root)).map(({ length }) => length);
    const inside = lengths.length > 0 ? file.slice(Math.max(...lengths)) : basename(file);
    return inside.replaceAll("\\", "/");
  });
  return captureClasses(names, pattern).map((className) => className === "" ? null : className);
}
