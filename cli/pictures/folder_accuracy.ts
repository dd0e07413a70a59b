/**
 * How often predictions are what folders are called.
 * @module
 */
import { counted } from "../../data/mod.ts";
import type { Prediction } from "../../nn/mod.ts";
import { errorText } from "../command/figures.ts";
import { rankClasses } from "./prediction_text.ts";

/** Counts predictions of files in folders that are called like classes, which then are taken for their labels. */
export class FolderAccuracy {
  readonly #classes: readonly string[];
  #count = 0;
  #right = 0;

  /** Nothing counted yet. @param classes Class names of the model. */
  constructor(classes: readonly string[]) {
    this.#classes = classes;
  }

  /** Files that were counted. */
  get count(): number {
    return this.#count;
  }

  /** Counts a file if the nearest of its folders that could be one is called like a class. */
  add(file: string, prediction: Prediction): void {
    const folders = file.split(/[\\/]/).slice(0, -1);
    const label = folders.findLast((name) => this.#classes.includes(name));
    if (label === undefined) return;
    this.#count += 1;
    if (rankClasses(this.#classes, prediction)[0]?.className === label) this.#right += 1;
  }

  /** What the counts come to. */
  text(): string {
    const wrong = this.#count - this.#right;
    const error = errorText({ testError: wrong / this.#count, examples: this.#count });
    return `${this.#right} of ${counted(this.#count, "image")} in folders called like classes ${
      this.#right === 1 ? "is" : "are"
    } classified as those: error ${error}, which is too low where the model was trained with them`;
  }
}
