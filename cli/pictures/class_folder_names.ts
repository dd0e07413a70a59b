/**
 * Names of folders for classes. Class names come from model files, which may be anybody's.
 * @module
 */

/** Folder of pictures whose class is not sure enough. */
export const UNSURE = "unsure";

/** Characters that some file system refuses or reads as a separator, and those that terminals do not show. */
const forbidden = /[\p{C}\p{Zl}\p{Zp}<>:"/\\|?*]/gu;
/** Names that Windows reserves for devices, with any extension. */
const devices = /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i;
/** Largest number of characters, each of at most four bytes, of which file systems take 255. */
const longest = 60;

/** Returns a class name as the name of one folder: no separator, not hidden, and valid on every system. */
function folderName(className: string): string {
  const characters = [...className.replaceAll(forbidden, "_").trim()].slice(0, longest).join("");
  const name = characters.replace(/^\.+/, "_").replace(/[. ]+$/, "_");
  return name === "" ? "_" : devices.test(name) ? `_${name}` : name;
}

/**
 * Returns the name of a folder for each class. The names differ on file systems that ignore case, and none is
 * {@linkcode UNSURE}: a second one gets ` (2)` at its end.
 */
export function classFolderNames(classes: readonly string[]): string[] {
  const keyOf = (name: string) => name.normalize("NFC").toLowerCase();
  const taken = new Set([UNSURE]);
  return classes.map((className) => {
    const base = folderName(className);
    let name = base;
    for (let n = 2; taken.has(keyOf(name)); n++) name = `${base} (${n})`;
    taken.add(keyOf(name));
    return name;
  });
}
