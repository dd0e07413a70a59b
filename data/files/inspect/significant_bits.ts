/** Detection of the number of bits used by the 16-bit images of a folder. */

import { join } from "node:path";
import { counted, spread } from "../../internal.ts";
import { DecodePool } from "../decode/decode_pool.ts";

/** Maximum number of images decoded for detection. */
const LOOKED = 1000;

/** Number of bits used by 16-bit images. */
export interface SignificantBits {
  /** Number of bits, 8 to 16. */
  readonly bits: number;
  /** Sentences about it. */
  readonly notes: readonly string[];
}

/**
 * Finds the number of bits that the largest value of 16-bit images needs. Images of 12-bit cameras do not use
 * the upper 4 bits and would otherwise be almost black.
 *
 * @param names Paths of images that may have 16 bits; at most a thousand, spread evenly, are decoded.
 */
export async function measureSignificantBits(
  directory: string,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<SignificantBits> {
  if (names.length === 0) return { bits: 16, notes: [] };
  const pool = new DecodePool();
  const stop = () => pool.close();
  signal?.addEventListener("abort", stop);
  try {
    const answers = await pool.largestValues(spread(names, LOOKED).map((name) => join(directory, name)));
    const values = answers.filter((value) => typeof value === "number" && value > 0).map(Number);
    const largest = values.reduce((most, value) => Math.max(most, value), 0);
    const bits = values.length === 0 ? 16 : Math.max(8, Math.ceil(Math.log2(largest + 1)));
    const note = `16-bit images use only ${bits} bits (values up to ${largest} in the ${
      counted(values.length, "image")
    } examined), so ${2 ** bits - 1} is taken as white`;
    return { bits, notes: bits < 16 ? [note] : [] };
  } finally {
    signal?.removeEventListener("abort", stop);
    pool.close();
  }
}
