/**
 * A limit on the share of the time that the dashboard takes from training.
 * @module
 */

/** Times work so that it takes a share of all time at most, after a first time. */
export class Budget {
  readonly #share: number;
  readonly #longestWait: number;
  readonly #now: () => number;
  #due = 0;

  /**
   * @param share Largest share of the time.
   * @param longestWait Longest time between two times, in ms: a page that is hardly ever drawn is of no use.
   * @param now Returns milliseconds.
   */
  constructor(share: number, longestWait: number, now: () => number = () => performance.now()) {
    this.#share = share;
    this.#longestWait = longestWait;
    this.#now = now;
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
      this.#due = end + Math.min(this.#longestWait, (end - start) / this.#share);
    }
  }
}
