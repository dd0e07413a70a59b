/** Fingerprints of contents: fast hashes, not secure against attacks. */

/** Maximum number of bytes of a file with a fingerprint. */
export const MOST_FINGERPRINTED: number = 2 ** 16;

/**
 * Returns a 53-bit number computed from bytes: their MurmurHash3 (32 bits, Austin Appleby) and the lowest 21
 * bits of their number.
 *
 * @param bytes Bytes that begin at a multiple of four in their buffer.
 */
export function fingerprint(bytes: Uint8Array): number {
  return bytes.length % 2 ** 21 * 2 ** 32 + murmurHash3(bytes);
}

/** Returns MurmurHash3 of bytes, an unsigned number of 32 bits. @param bytes As {@linkcode fingerprint}. */
export function murmurHash3(bytes: Uint8Array, seed = 0): number {
  const { length } = bytes, wholeWords = length >>> 2;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, wholeWords);
  let hash = seed | 0;
  // An indexed loop: iterators cost several times as much, and folders have millions of files.
  for (let i = 0; i < wholeWords; i++) {
    hash ^= scramble(words[i] ?? 0);
    hash = Math.imul(hash << 13 | hash >>> 19, 5) + 0xe6546b64 | 0;
  }
  let rest = 0;
  for (let i = length - 1; i >= 4 * wholeWords; i--) rest = rest << 8 | (bytes[i] ?? 0);
  hash ^= scramble(rest) ^ length;
  hash = Math.imul(hash ^ hash >>> 16, 0x85ebca6b);
  hash = Math.imul(hash ^ hash >>> 13, 0xc2b2ae35);
  return (hash ^ hash >>> 16) >>> 0;
}

function scramble(word: number): number {
  const product = Math.imul(word, 0xcc9e2d51);
  return Math.imul(product << 15 | product >>> 17, 0x1b873593);
}
