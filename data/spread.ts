/**
 * Even sampling of lists.
 * @module
 */

/** Returns at most `most` members of a list, spread evenly over it, as members of one class often follow each other. */
export function spread<T>(list: readonly T[], most: number): T[] {
  const count = Math.min(most, list.length);
  return Array.from({ length: count }, (_, i) => Math.floor(i * list.length / count))
    .flatMap((at) => list.slice(at, at + 1));
}
