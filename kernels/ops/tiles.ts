/**
 * Register tiles: shaders in which an invocation computes many results, each in its own variable, as an array
 * of sums would be stored in memory.
 * @module
 */

/**
 * Unrolls the blocks of a tile: repeats each line with `$NAME` for each of `blocks[NAME]` blocks, and a line
 * with two names for every pair. `NAME_BLOCKS` in capitals is replaced by the number of blocks.
 */
export function unrollTiles(wgsl: string, blocks: Readonly<Record<string, number>>): string {
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
