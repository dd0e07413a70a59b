/**
 * Accuracy of predictions by the names of folders, or of files.
 * @module
 */
import { counted } from "../../data/internal.ts";
import { errorText } from "../terminal/figures.ts";
import { labelsOfNames } from "./named_labels.ts";
import { rankClasses } from "./prediction_text.ts";
import type { Predicted } from "./predictions.ts";

/** Labels in names of files. */
export interface NamedLabels {
  /** Regular expression that captures the label. */
  readonly pattern: string;
  /** Files, folders and archives that were passed. */
  readonly paths: readonly string[];
}

/**
 * Counts correct predictions of files with a label: the name of the innermost folder that is named like a class, or the
 * class that a pattern captures in the file's path.
 */
export class FolderAccuracy {
  readonly #classes: readonly string[];
  readonly #named: NamedLabels | null;
  #count = 0;
  #right = 0;

  /**
   * Creates an empty count.
   * @param classes Class names of the model.
   * @param named Labels in the names of files; null = labels are the names of folders.
   */
  constructor(classes: readonly string[], named: NamedLabels | null = null) {
    this.#classes = classes;
    this.#named = named;
  }

  /** Number of files counted. */
  get count(): number {
    return this.#count;
  }

  /** Counts the files whose label is a class of the model. */
  add(batch: readonly Predicted[]): void {
    const labels = this.#labelsOf(batch.map(([file]) => file));
    for (const [i, [, prediction]] of batch.entries()) {
      const label = labels[i] ?? null;
      if (label === null || !this.#classes.includes(label)) continue;
      this.#count += 1;
      if (rankClasses(this.#classes, prediction)[0]?.className === label) this.#right += 1;
    }
  }

  #labelsOf(files: readonly string[]): readonly (string | null)[] {
    if (this.#named) return labelsOfNames(files, this.#named.paths, this.#named.pattern);
    return files.map((file) =>
      file.split(/[\\/]/).slice(0, -1).findLast((name) => this.#classes.includes(name)) ?? null
    );
  }

  /** Describes the accuracy in a sentence. Needs at least one file. */
  describe(): string {
    const wrong = this.#count - this.#right;
    const error = errorText({ testError: wrong / this.#count, examples: this.#count });
    const where = this.#named ? "whose names match --label-pattern" : "in folders named like classes";
    return `${this.#right} of ${counted(this.#count, "image")} ${where} ${
      this.#right === 1 ? "is" : "are"
    } classified accordingly: error ${error}. This is too optimistic if the model was trained with these images`;
  }
}
