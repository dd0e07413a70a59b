/**
 * Threefry-2x32 with 20 rounds on the host; `threefry.wgsl` is the same on the device. Source: Salmon,
 * Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
 * @module
 */

function rotate(word: number, bits: number): number {
  return word << bits | word >>> (32 - bits);
}

/**
 * Fills an array with pairs of words: pair `i` belongs to counter (`first + i`, `stream`). The array avoids
 * an allocation per number, as networks have millions of weights to draw.
 */
export function fillWords(
  words: Uint32Array,
  [key0, key1]: readonly [number, number],
  [first, stream]: readonly [number, number],
): void {
  const keys = [key0 | 0, key1 | 0, 0x1bd11bda ^ key0 ^ key1];
  for (let i = 0; 2 * i < words.length; i++) {
    let x = (first + i + key0) | 0, y = (stream + key1) | 0;
    for (let group = 0; group < 5; group++) {
      const isEven = group % 2 === 0;
      x = (x + y) | 0;
      y = rotate(y, isEven ? 13 : 17) ^ x;
      x = (x + y) | 0;
      y = rotate(y, isEven ? 15 : 29) ^ x;
      x = (x + y) | 0;
      y = rotate(y, isEven ? 26 : 16) ^ x;
      x = (x + y) | 0;
      y = rotate(y, isEven ? 6 : 24) ^ x;
      x = (x + keys[(group + 1) % 3]!) | 0;
      y = (y + keys[(group + 2) % 3]! + group + 1) | 0;
    }
    words[2 * i] = x;
    words[2 * i + 1] = y;
  }
}

/** Pairs of words per block. */
const blockPairs = 4096;

/** Calls `visit` with blocks of words: pairs of counters (`start`, `stream`), (`start + 1`, `stream`), … */
export function visitBlocks(
  key: readonly [number, number],
  stream: number,
  count: number,
  visit: (words: Uint32Array, start: number) => void,
): void {
  const all = new Uint32Array(2 * Math.min(blockPairs, count));
  for (let start = 0; start < count; start += blockPairs) {
    const words = all.subarray(0, 2 * Math.min(blockPairs, count - start));
    fillWords(words, key, [start, stream]);
    visit(words, start);
  }
}

/**
 * Computes Threefry-2x32 with 20 rounds on the host: two random uint32 words from a key and a counter of two
 * words each.
 * @example
 * ```ts
 * import { threefry2x32 } from "../../internal.ts";
 * console.assert(threefry2x32([0, 0], [0, 0])[0] === 0x6b200159);
 * ```
 */
export function threefry2x32(
  key: readonly [number, number],
  counter: readonly [number, number],
): [number, number] {
  const words = new Uint32Array(2);
  fillWords(words, key, counter);
  return [words[0]!, words[1]!];
}
