/** Figures of many files made by hand. */
import { tryInput } from "../fuzz.ts";
import type { Bomb } from "./bomb.ts";

/** Tries files, and keeps the largest figures. */
export class BombTrial {
  /** Number of files that showed a fault. */
  faults = 0;
  #count = 0;
  #seconds = 0;
  #bytes = 0;

  /** Tries a file. @returns a sentence about its fault; undefined if it has none. */
  async try({ name, reader, make }: Bomb): Promise<string | undefined> {
    const { fault, seconds, grown } = await tryInput(reader, await make());
    this.#count++;
    this.#seconds = Math.max(this.#seconds, seconds);
    this.#bytes = Math.max(this.#bytes, grown);
    if (fault === undefined) return undefined;
    this.faults++;
    return `${name}: ${fault.slice(0, 500)}`;
  }

  /** The figures in a line. */
  get text(): string {
    return `${this.#count} files, ${this.faults} with a fault, slowest ${
      (1000 * this.#seconds).toFixed(0)
    } ms, largest ${(this.#bytes / 1e6).toFixed(0)} MB`;
  }
}
