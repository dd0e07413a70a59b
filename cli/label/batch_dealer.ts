/**
 * The batch of pictures that the pages show, and the choice of the next ones.
 * @module
 */
import { messageOf } from "../../data/internal.ts";
import type { PlacedPicture } from "./picture_groups.ts";
import type { PictureQueue } from "./picture_queue.ts";

/** A batch of pictures in groups. */
export interface Batch {
  /** Number of the batch, from 1; 0 before the first. */
  readonly number: number;
  readonly groups: readonly (readonly PlacedPicture[])[];
  /** Round whose network chose the pictures; 0 if none did. */
  readonly round: number;
}

/** The labelling, as far as choices depend on it. */
export interface DealerContext {
  /** Returns the names of pictures that have a label or are put off. */
  readonly taken: () => Iterable<string>;
  /** Returns the newest round and the folder of its run, whose network chooses; null without a run. */
  readonly newest: () => { readonly round: number; readonly run: string | null };
  /** Called after each change. */
  readonly onChange: () => void;
  /** Receives the reason why no pictures could be chosen. */
  readonly onFailure: (text: string) => void;
}

/** Deals batches of pictures. Choices are made one after another. */
export class BatchDealer {
  readonly #pictures: PictureQueue;
  readonly #context: DealerContext;
  #batch: Batch = { number: 0, groups: [], round: 0 };
  #choices = 0;
  #choice: Promise<void> = Promise.resolve();
  #isNextAsked = false;

  constructor(pictures: PictureQueue, context: DealerContext) {
    this.#pictures = pictures;
    this.#context = context;
  }

  /** The present batch. */
  get batch(): Batch {
    return this.#batch;
  }

  /** True while pictures are chosen. */
  get isChoosing(): boolean {
    return this.#choices > 0;
  }

  /** Returns whether a page that shows a batch may ask for the next one. @param number Number of that batch. */
  canDeal(number: number): boolean {
    return number === this.#batch.number && !this.#isNextAsked;
  }

  /** Deals the next batch. */
  async deal(): Promise<void> {
    this.#isNextAsked = true;
    await this.#choose(async () => {
      this.#isNextAsked = false;
      if (this.#pictures.isEmpty) await this.#fill();
      const groups = this.#pictures.deal(new Set(this.#context.taken()));
      this.#batch = { number: this.#batch.number + 1, groups, round: this.#context.newest().round };
    });
  }

  /** Chooses the pictures that wait anew, as after a round of training; the present batch stays. */
  async refill(): Promise<void> {
    await this.#choose(() => this.#fill());
  }

  async #choose(work: () => Promise<void>): Promise<void> {
    this.#choices++;
    this.#context.onChange();
    this.#choice = this.#choice.then(work).catch((error) =>
      this.#context.onFailure(`The next pictures could not be chosen: ${messageOf(error)}`)
    );
    await this.#choice;
    this.#choices--;
    this.#context.onChange();
  }

  async #fill(): Promise<void> {
    const { taken, newest } = this.#context;
    const shown = this.#batch.groups.flat().map(({ name }) => name);
    await this.#pictures.fill(newest().run, new Set([...taken(), ...shown]));
  }
}
