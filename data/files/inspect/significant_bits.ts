/** How many of the 16 bits of a folder's images are used. */

import { join } from "node:path";
import { counted } from "../../mod.ts";
import { DecodePool } from "../decode/decode_pool.ts";
import { spread } from "../spread.ts";

/** Images that are decoded for it, at most. */
const LOOKED = 1000;

/** Bits that images of 16 bits use. */
export interface SignificantBits {
  /** 8 to 16. */
  readonly bits: number;
  /** Sentences on it. */
  readonly notes: readonly string[];
}

/**
 * Finds out how many of 16 bits are used: as many as the largest value of all needs. Cameras of 12 bits leave the upper 4
 * empty, and would be seen as black.
 *
 * @param names Images that may have 16 bits, below the folder; up to a thousand are decoded, spread evenly over all.
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
    const note = `images of 16 bits use ${bits} of them, up to ${largest} in the ${
      counted(values.length, "image")
    } looked at: ${2 ** bits - 1} is taken as white`;
    return { bits, notes: bits < 16 ? [note] : [] };
  } finally {
    signal?.removeEventListener("abort", stop);
    pool.close();
  }
}
