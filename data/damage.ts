/** Messages about files that could not be decoded. */

import type { DamagedFile } from "./dataset.ts";
import { shownName, someOf } from "./text.ts";

/**
 * Describes the files that could not be decoded and the reason for each. The text is empty if there are none.
 *
 * @param most Maximum number of files named.
 *
 * @example
 * ```ts
 * import { describeDamage } from "./internal.ts";
 * import { assertEquals } from "../tests/assert.ts";
 *
 * assertEquals(
 *   describeDamage([{ name: "train/cat/1.jpg", reason: "it is empty" }]),
 *   "1 image could not be decoded and is left out: train/cat/1.jpg (it is empty)",
 * );
 * ```
 */
export function describeDamage(damaged: readonly DamagedFile[], most = 20): string {
  if (damaged.length === 0) return "";
  const list = someOf(damaged.map(({ name, reason }) => `${shownName(name)} (${reason})`), most);
  return damaged.length === 1
    ? `1 image could not be decoded and is left out: ${list}`
    : `${damaged.length} images could not be decoded and are left out: ${list}`;
}
