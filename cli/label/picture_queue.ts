/**
 * The pictures that wait for labels, in batches.
 * @module
 */
import type { LabelSource } from "./label_source.ts";
import type { BackgroundTrainer } from "./background_trainer.ts";
import { chooseFirstPictures, readPixels } from "./first_pictures.ts";
import { groupPictures, type PlacedPicture } from "./picture_groups.ts";
import { isInTestPool, shuffle } from "./test_pool.ts";

/** Number of batches that are chosen at once. */
const batchesAhead = 5;

/** Options of {@linkcode PictureQueue}. */
export interface QueueOptions {
  /** Number of pictures in a batch. */
  readonly count: number;
  readonly seed: number;
}

/** Chooses pictures, with the network of a run or without one, and deals them in batches. */
export class PictureQueue {
  readonly #source: LabelSource;
  readonly #trainer: BackgroundTrainer;
  readonly #options: QueueOptions;
  readonly #places: ReadonlyMap<string, number>;
  /** Number of pictures of a batch that measure the error. */
  readonly #testsPerBatch: number;
  #waiting: PlacedPicture[] = [];
  #tests: PlacedPicture[] = [];

  /** Starts without pictures. */
  constructor(source: LabelSource, trainer: BackgroundTrainer, options: QueueOptions) {
    this.#source = source;
    this.#trainer = trainer;
    this.#options = options;
    this.#places = new Map(source.names.map((name, index) => [name, index]));
    this.#testsPerBatch = source.isTested ? 0 : Math.round(options.count / 5);
  }

  /** Returns whether a picture's label measures the error instead of training. */
  isTest(name: string): boolean {
    return this.#testsPerBatch > 0 && isInTestPool(name);
  }

  /** True if no picture waits. */
  get isEmpty(): boolean {
    return this.#waiting.length + this.#tests.length === 0;
  }

  /**
   * Chooses new pictures.
   * @param run Folder of the run whose network chooses; null if there is none.
   * @param excluded Names of pictures that are not chosen.
   */
  async fill(run: string | null, excluded: ReadonlySet<string>): Promise<void> {
    const left = this.#source.names.filter((name) => !excluded.has(name));
    const toTeach = left.filter((name) => !this.isTest(name));
    const tests = shuffle(left.filter((name) => this.isTest(name)))
      .slice(0, batchesAhead * this.#testsPerBatch);
    const { count, seed } = this.#options;
    const request = { count: batchesAhead * (count - this.#testsPerBatch), seed };
    const chosen = toTeach.length === 0 && tests.length === 0
      ? []
      : run === null
      ? await this.#chooseFirst(toTeach, tests, request)
      : await this.#trainer.choose({
        run,
        excluded: [...excluded, ...this.#source.names.filter((name) => this.isTest(name))],
        others: tests,
        ...request,
      });
    this.#waiting = chosen.filter(({ name }) => !this.isTest(name));
    this.#tests = chosen.filter(({ name }) => this.isTest(name));
  }

  /** Takes the next batch, in groups that look alike. @param excluded Names of pictures that have a label by now. */
  deal(excluded: ReadonlySet<string>): PlacedPicture[][] {
    const isLeft = ({ name }: PlacedPicture) => !excluded.has(name);
    this.#waiting = this.#waiting.filter(isLeft);
    this.#tests = this.#tests.filter(isLeft);
    const tests = this.#tests.splice(0, this.#testsPerBatch);
    const batch = [...this.#waiting.splice(0, this.#options.count - tests.length), ...tests];
    return groupPictures(batch);
  }

  /** Chooses pictures without a network, by their pixels. */
  async #chooseFirst(
    toTeach: readonly string[],
    tests: readonly string[],
    request: QueueOptions,
  ): Promise<PlacedPicture[]> {
    const { small, names } = this.#source;
    const indicesOf = (some: readonly string[]) => some.flatMap((name) => this.#places.get(name) ?? []);
    const chosen = await chooseFirstPictures(small, names, indicesOf(toTeach), request);
    const pixels = await readPixels(small, Int32Array.from(indicesOf(tests)));
    const others = Array.from(pixels, ([index, features]) => ({
      name: names[index] ?? "",
      guesses: [],
      features,
    }));
    return [...chosen, ...others];
  }
}
