/**
 * Pictures of a run in training: views of a batch, and unlabelled pictures, as the networks see them now.
 * @module
 */
import { spread } from "../../data/internal.ts";
import { exampleName, NO_LABEL } from "../../data/mod.ts";
import { evaluatedOf, type PictureWatch } from "../../semisup/mod.ts";
import { guessOfLogits, type IndexedGuess, leastSureOf, surestOf } from "../pictures/guess.ts";
import { thumbnailsOf } from "../report/test_results.ts";
import type { ClassifiedPicture, UnlabelledReview } from "../report/unlabelled.ts";
import { type ViewedPicture, viewedPictures } from "../report/views.ts";
import type { ObservedRun } from "../run/run_observer.ts";

/** Number of views, of surest and of least sure pictures. */
const shown = 8;

/** Number of unlabelled pictures that are classified each time, the same ones always. */
const poolSize = 192;

/** Pictures as the networks see them. */
export interface SeenPictures {
  readonly views: readonly ViewedPicture[];
  /** Null if all pictures have labels. */
  readonly unlabelled: UnlabelledReview | null;
}

/** Draws the pictures of a run. Drawing changes no value of the run. */
export class PictureFeed implements Disposable {
  readonly #run: ObservedRun;
  readonly #unlabelled: readonly number[];
  #watch: PictureWatch | undefined;

  constructor(run: ObservedRun) {
    this.#run = run;
    this.#unlabelled = [...run.labels.keys()].filter((index) => run.labels[index] === NO_LABEL);
  }

  /** Draws the pictures as student and teacher see them after the last step. */
  async draw(): Promise<SeenPictures> {
    const { trainer, dataset: { train, classes }, labels } = this.#run;
    const watch = this.#watch ??= await trainer.watchPictures(shown);
    const views = await watch.views(Math.max(0, trainer.step - 1));
    const facts = { options: trainer.options, names: train.names, labels, classCount: classes.length };
    return { views: viewedPictures(views, facts), unlabelled: await this.#classify(watch) };
  }

  /** Frees the memory on the device. */
  [Symbol.dispose](): void {
    this.#watch?.[Symbol.dispose]();
    this.#watch = undefined;
  }

  async #classify(watch: PictureWatch): Promise<UnlabelledReview | null> {
    const { trainer, dataset: { train, classes } } = this.#run, network = evaluatedOf(trainer.options);
    const pool = spread(this.#unlabelled, poolSize), guesses: IndexedGuess[] = [];
    for (let start = 0; start < pool.length; start += watch.batchSize) {
      const indices = Int32Array.from(pool.slice(start, start + watch.batchSize));
      const { [network]: logits } = await watch.classify(indices);
      for (const [i, index] of indices.entries()) {
        guesses.push({
          index,
          ...guessOfLogits(logits.subarray(i * classes.length, (i + 1) * classes.length)),
        });
      }
    }
    if (guesses.length === 0) return null;
    const surest = surestOf(guesses, shown), leastSure = leastSureOf(guesses, shown);
    const thumbnails = await thumbnailsOf([...surest, ...leastSure].map(({ index }) => index), train);
    const withImage = ({ index, ...guess }: IndexedGuess): ClassifiedPicture[] => {
      const thumbnail = thumbnails.get(index);
      return thumbnail ? [{ ...guess, name: train.names?.[index] ?? exampleName(index), thumbnail }] : [];
    };
    return {
      unlabelled: this.#unlabelled.length,
      examined: guesses.length,
      surest: surest.flatMap(withImage),
      leastSure: leastSure.flatMap(withImage),
    };
  }
}
