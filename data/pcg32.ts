/** Random numbers for the host's few choices: the same on every platform, for ever. */

const MULTIPLIER = 6364136223846793005n;

/**
 * PCG32 (XSH-RR 64/32): 2⁶³ independent streams of 32-bit numbers.
 *
 * M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms for Random Number
 * Generation", 2014.
 */
export class Pcg32 {
  #state = 0n;
  readonly #increment: bigint;

  /** A stream, from a seed and the stream's number; both integers, not negative. */
  constructor(seed: number, stream: number) {
    this.#increment = BigInt.asUintN(64, (BigInt(stream) << 1n) | 1n);
    this.next();
    this.#state = BigInt.asUintN(64, this.#state + BigInt(seed));
    this.next();
  }

  /** The next number, 0..2³²−1. */
  next(): number {
    const state = this.#state;
    this.#state = BigInt.asUintN(64, state * MULTIPLIER + this.#increment);
    const shifted = Number(BigInt.asUintN(32, ((state >> 18n) ^ state) >> 27n));
    const rotation = Number(state >> 59n);
    return ((shifted >>> rotation) | (shifted << (-rotation & 31))) >>> 0;
  }

  /** The next number below a bound, all equally likely. */
  below(bound: number): number {
    // The first 2³² mod bound numbers are rejected, or small results would be likelier.
    const threshold = 2 ** 32 % bound;
    for (;;) {
      const value = this.next();
      if (value >= threshold) return value % bound;
    }
  }
}
