/** Random numbers for choices on the host, identical on every platform and in every version. */

const MULTIPLIER = 6364136223846793005n;

/**
 * PCG32 (XSH-RR 64/32): 2⁶³ independent streams of 32-bit numbers.
 *
 * M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms for Random
 * Number Generation", 2014.
 */
export class Pcg32 {
  #state = 0n;
  readonly #increment: bigint;

  /** Starts a stream from a seed and a stream number, both non-negative integers. */
  constructor(seed: number, stream: number) {
    this.#increment = BigInt.asUintN(64, (BigInt(stream) << 1n) | 1n);
    this.next();
    this.#state = BigInt.asUintN(64, this.#state + BigInt(seed));
    this.next();
  }

  /** Returns the next number, 0 to 2³² − 1. */
  next(): number {
    const state = this.#state;
    this.#state = BigInt.asUintN(64, state * MULTIPLIER + this.#increment);
    const shifted = Number(BigInt.asUintN(32, ((state >> 18n) ^ state) >> 27n));
    const rotation = Number(state >> 59n);
    return ((shifted >>> rotation) | (shifted << (-rotation & 31))) >>> 0;
  }

  /** Returns a uniformly distributed integer from 0 to `bound` − 1. */
  below(bound: number): number {
    // Rejecting the first 2³² mod bound numbers keeps small results from being likelier.
    const threshold = 2 ** 32 % bound;
    for (;;) {
      const value = this.next();
      if (value >= threshold) return value % bound;
    }
  }
}
