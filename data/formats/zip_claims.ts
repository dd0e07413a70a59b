/** What entries of a ZIP archive cannot claim: how archives are told that were made to fill memory and disks. */

import { shownName } from "../text.ts";
import type { ListedEntry } from "./zip_directory.ts";
import type { ZipFault } from "./zip_end.ts";

/** The most that deflate can make of a byte. */
const MOST_OF_DEFLATE = 1032;

/**
 * Makes sure that sizes are possible, and that no two entries are of one name or share bytes: an archive of 42 MB that
 * unpacks to petabytes has the same bytes for all of its files.
 *
 * @param directoryAt The byte at which the directory begins, where data must end.
 * @throws {SyntaxError} naming the archive and the first entry that is not right.
 */
export function checkClaims(
  entries: readonly ListedEntry[],
  directoryAt: number,
  fault: ZipFault,
): void {
  const names = new Set<string>();
  for (const { name, size, storedSize, method, isEncrypted } of entries) {
    if (names.has(name)) throw fault("names must be unique", `${shownName(name)} comes twice`);
    names.add(name);
    // What is encrypted has a few more bytes, and is never unpacked.
    const most = method === 0 ? storedSize : method === 8 ? MOST_OF_DEFLATE * storedSize : Infinity;
    if (size > most && !isEncrypted) {
      throw fault(
        `${shownName(name)} must have ${most} bytes at most, as it takes ${storedSize}`,
        `it is to have ${size}`,
      );
    }
  }
  let end = 0, former = "the beginning";
  for (const { name, offset, leastBytes } of [...entries].sort((a, b) => a.offset - b.offset)) {
    if (offset < end) {
      throw fault(
        "its files must lie in it side by side",
        `${shownName(name)} shares bytes with ${former}, as in archives that are made to fill disks`,
      );
    }
    [end, former] = [offset + leastBytes, shownName(name)];
    if (end > directoryAt) {
      throw fault(
        "its files must lie in it side by side",
        `${former} is to end at byte ${end} of ${directoryAt}`,
      );
    }
  }
}
