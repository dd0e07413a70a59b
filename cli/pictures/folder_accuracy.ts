/**
 * Accuracy of predictions by the names of folders.
 * @module
 */
import { counted } from "../../data/internal.ts";
import type { Prediction } from "../../nn/mod.ts";
import { errorText } from "../terminal/figures.ts";
import { rankClasses } from "./prediction_text.ts";

/**
 * Counts correct predictions of files in folders that are named like classes: the folder's name is the label.
 */
export class FolderAccuracy {
  readonly #classes: readonly string[];
  #count = 0;
  #right = 0;

  /** Creates an empty count. @param classes Class names of the model. */
  constructor(classes: readonly string[]) {
    this.#classes = classes;
  }

  /** Number of files counted. */
  get count(): number {
    return this.#count;
  }

  /** Counts a file if one of the folders in its path is named like a class; the innermost counts. */
  add(file: string, prediction: Prediction): void {
    const folders = file.split(/[\\/]/).slice(0, -1);
    const label = folders.findLast((name) => this.#classes.includes(name));
    if (label === undefined) return;
    this.#count += 1;
    if (rankClasses(this.#classes, prediction)[0]?.className === label) this.#right += 1;
  }

  /** Describes the accuracy in a sentence. Needs at least one file. */
  describe(): string {
    const wrong = this.#count - this.#right;
    const error = errorText({ testError: wrong / this.#count, examples: this.#count });
    return `${this.#right} of ${counted(this.#count, "image")} in folders named like classes ${
      this.#right === 1 ? "is" : "are"
    } classified accordingly: error ${error}. This is too optimistic if the model was trained with these images`;
  }
}
