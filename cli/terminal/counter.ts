/**
 * Progress of a command through many images, on stderr.
 * @module
 */
import { outputOptions } from "./output.ts";
import { transientLine } from "./transient_line.ts";

/** A count of images with their speed; nothing is shown of short work or with `--quiet`. */
export class Counter {
  readonly #total: number;
  readonly #line = transientLine();
  readonly #start = performance.now();
  #count = 0;

  constructor(total: number) {
    this.#total = total;
    this.#show();
  }

  /** Adds images. */
  add(count: number): void {
    this.#count += count;
    this.#show();
  }

  /** Ends the line. */
  stop(): void {
    this.#line.end();
  }

  #show(): void {
    if (outputOptions().quiet) return;
    const perSecond = this.#count / ((performance.now() - this.#start) / 1000);
    const speed = perSecond < 1 ? "" : `, ${perSecond.toFixed(0)} images/s`;
    this.#line.show(`${this.#count} of ${this.#total} images${speed}`);
  }
}
