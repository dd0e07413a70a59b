/**
 * Threefry-2x32 with 20 rounds: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011. On the
 * host; `threefry.wgsl` is the same on the device.
 * @module
 */

function rotate(word: number, bits: number): number {
  return word << bits | word >>> (32 - bits);
}

/**
 * Fills pairs of words: pair `i` is that of the counter (`first + i`, `stream`). Into an array, as a network has many million
 * weights to draw, and nothing may be made for each.
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

/** Pairs of words drawn at once. */
const block = 4096;

/** Calls `take` with blocks of words: the pairs of the counters (`start`, `stream`), (`start + 1`, `stream`), … */
export function eachBlock(
  key: readonly [number, number],
  stream: number,
  count: number,
  take: (words: Uint32Array, start: number) => void,
): void {
  const all = new Uint32Array(2 * Math.min(block, count));
  for (let start = 0; start < count; start += block) {
    const words = all.subarray(0, 2 * Math.min(block, count - start));
    fillWords(words, key, [start, stream]);
    take(words, start);
  }
}

/**
 * Threefry-2x32, 20 rounds, on the host: two random words (uint32) from a key and a counter of two words each.
 * @example
 * ```ts
 * import { threefry2x32 } from "../../mod.ts";
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
