/**
 * A limit on the share of the time that the dashboard takes from training.
 * @module
 */

/** Times work so that it takes a share of all time at most. */
export class Budget {
  readonly #share: number;
  readonly #now: () => number;
  #due: number;

  /**
   * @param share Largest share of the time.
   * @param firstCost Expected cost of the first work in ms, which waits for its share as well.
   * @param now Returns milliseconds.
   */
  constructor(share: number, firstCost: number, now: () => number = () => performance.now()) {
    this.#share = share;
    this.#now = now;
    this.#due = now() + firstCost / share;
  }

  /** True if work may begin. */
  get isDue(): boolean {
    return this.#now() >= this.#due;
  }

  /** Does work, and waits long enough before the next. */
  async spend<T>(work: () => Promise<T>): Promise<T> {
    const start = this.#now();
    try {
      return await work();
    } finally {
      const end = this.#now();
      this.#due = end + (end - start) / this.#share;
    }
  }
}
