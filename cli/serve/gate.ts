/**
 * Limits on what requests use at the same time.
 * @module
 */

/** Lets a limited amount through at the same time; more is refused, or waits. */
export class Gate {
  readonly #most: number;
  readonly #waiting: (() => void)[] = [];
  #used = 0;

  /** @param most Largest sum of amounts. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Amount in use. */
  get used(): number {
    return this.#used;
  }

  /** Takes an amount. @returns what gives it back, at the end of a `using` block; undefined if it is not free. */
  tryTake(amount = 1): Disposable | undefined {
    return this.#used + amount > this.#most ? undefined : this.#take(amount);
  }

  /** Takes 1, as soon as it is free, in the order of the calls. */
  async take(): Promise<Disposable> {
    while (this.#used + 1 > this.#most) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await promise;
    }
    return this.#take(1);
  }

  #take(amount: number): Disposable {
    this.#used += amount;
    let isTaken = true;
    return {
      [Symbol.dispose]: () => {
        if (!isTaken) return;
        isTaken = false;
        this.#used -= amount;
        this.#waiting.shift()?.();
      },
    };
  }
}
