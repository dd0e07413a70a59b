/**
 * How far a program is that goes through many things, on stderr.
 * @module
 */

/** Milliseconds from one line to the next: on a terminal one that changes, elsewhere new ones. */
const intervals = { terminal: 250, lines: 10_000 };

/** Counts, and says so now and then; nothing where all is done at once. */
export class Counter {
  readonly #total: number;
  readonly #isTerminal = Deno.stderr.isTerminal();
  readonly #start = performance.now();
  #said = this.#start;
  #count = 0;
  #isShown = false;

  constructor(total: number) {
    this.#total = total;
  }

  /** Counts some more. */
  add(count: number): void {
    this.#count += count;
    const now = performance.now();
    if (now - this.#said < (this.#isTerminal ? intervals.terminal : intervals.lines)) return;
    this.#said = now;
    this.#isShown = true;
    const perSecond = this.#count / ((now - this.#start) / 1000);
    const text = `${this.#count} of ${this.#total} images, ${perSecond.toFixed(0)} images/s`;
    Deno.stderr.writeSync(new TextEncoder().encode(this.#isTerminal ? `\r${text}\x1b[K` : `${text}\n`));
  }

  /** Ends the line that changes. */
  stop(): void {
    if (this.#isShown && this.#isTerminal) Deno.stderr.writeSync(new TextEncoder().encode("\n"));
    this.#isShown = false;
  }
}
