/**
 * Register tiles: shaders in which an invocation computes many results, each a variable of its own, as arrays of
 * sums would be kept in memory.
 * @module
 */

/**
 * Writes out the blocks of a tile: a line with `$NAME` is repeated for each of `blocks[NAME]` blocks, one with two names
 * for every pair; `NAME_BLOCKS` in capitals is their number.
 */
export function writtenOut(wgsl: string, blocks: Readonly<Record<string, number>>): string {
  return Object.entries(blocks).reduce(
    (text, [name, count]) =>
      text.split("\n").flatMap((line) =>
        line.includes(`$${name}`)
          ? Array.from({ length: count }, (_, block) => line.replaceAll(`$${name}`, `${block}`))
          : [line.replaceAll(`${name.toUpperCase()}_BLOCKS`, `${count}u`)]
      ).join("\n"),
    wgsl,
  );
}
