/**
 * Plausibility checks of a ZIP archive's entries, which reject archives made to fill memory or disks (zip
 * bombs).
 */

import { shownName } from "../text.ts";
import type { ListedEntry } from "./zip_directory.ts";
import type { ZipFault } from "./zip_end.ts";

/** Maximum ratio of unpacked to packed bytes in deflate. */
const MOST_OF_DEFLATE = 1032;

/**
 * Checks that sizes are possible, and that no two entries have the same name or share bytes. (A known archive
 * of 42 MB unpacks to petabytes because all its files share the same bytes.)
 *
 * @param directoryAt Offset of the directory, where the data must end.
 * @throws {SyntaxError} naming the archive and the first implausible entry.
 */
export function checkClaims(
  entries: readonly ListedEntry[],
  directoryAt: number,
  fault: ZipFault,
): void {
  const names = new Set<string>();
  for (const { name, size, storedSize, method, isEncrypted } of entries) {
    if (names.has(name)) throw fault(`file names must be unique, but ${shownName(name)} occurs twice`);
    names.add(name);
    // Encrypted data have a few extra bytes and are never unpacked.
    const most = method === 0 ? storedSize : method === 8 ? MOST_OF_DEFLATE * storedSize : Infinity;
    if (size > most && !isEncrypted) {
      throw fault(
        `${
          shownName(name)
        } takes ${storedSize} bytes and can unpack to at most ${most}, but it claims ${size}`,
      );
    }
  }
  let end = 0, previous = "the beginning";
  for (const { name, offset, leastBytes } of [...entries].sort((a, b) => a.offset - b.offset)) {
    if (offset < end) {
      throw fault(
        `files must not overlap, but ${shownName(name)} shares bytes with ${previous}, as in zip bombs`,
      );
    }
    [end, previous] = [offset + leastBytes, shownName(name)];
    if (end > directoryAt) {
      throw fault(`${previous} would end at byte ${end}, but the files end at byte ${directoryAt}`);
    }
  }
}
