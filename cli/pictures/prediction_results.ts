/**
 * Results of `predict`: predictions that are written, and pictures that are sorted.
 * @module
 */
import type { Model } from "../../nn/mod.ts";
import { printNote, printResult } from "../terminal/output.ts";
import type { TextSink } from "../terminal/text_sink.ts";
import { FolderAccuracy, type NamedLabels } from "./folder_accuracy.ts";
import type { PredictionFormatter } from "./prediction_text.ts";
import type { Predicted } from "./predictions.ts";
import type { SortedFolder } from "./sorted_folder.ts";

/** Destinations of predictions; null if they are not wanted. */
export interface Destinations {
  readonly text: { readonly sink: TextSink; readonly formatter: PredictionFormatter } | null;
  readonly sorted: SortedFolder | null;
}

/** Receives predictions one batch after the other. */
export class PredictionResults {
  readonly #destinations: Destinations;
  readonly #accuracy: FolderAccuracy;
  #count = 0;

  /** @param named Labels in the names of files, for the accuracy; null = labels are the names of folders. */
  constructor(model: Model, destinations: Destinations, named: NamedLabels | null) {
    this.#destinations = destinations;
    this.#accuracy = new FolderAccuracy(model.classes, named);
  }

  /** Number of predictions so far. */
  get count(): number {
    return this.#count;
  }

  /** Writes the beginning of the text. */
  async begin(): Promise<void> {
    const { text } = this.#destinations;
    await text?.sink.write(text.formatter.head);
  }

  /** Writes predictions and sorts their pictures, until a signal. */
  async add(batch: readonly Predicted[], signal: AbortSignal): Promise<void> {
    const { text, sorted } = this.#destinations;
    await text?.sink.write(batch.map(([name, prediction]) => text.formatter.row(name, prediction)).join(""));
    let added = 0;
    for (const [name, prediction] of batch) {
      if (signal.aborted) break;
      await sorted?.add(name, prediction);
      added += 1;
    }
    this.#accuracy.add(batch.slice(0, added));
    this.#count += added;
  }

  /** Writes the end of the text, which then is complete. */
  async finish(): Promise<void> {
    const { text } = this.#destinations;
    await text?.sink.write(text.formatter.tail);
    await text?.sink.finish();
  }

  /** Prints the numbers of sorted pictures, and how often folders and predictions agree. */
  print(): void {
    const { sorted } = this.#destinations;
    if (sorted) printResult(sorted.describe(), { kind: "sorted", ...sorted.counts });
    if (this.#accuracy.count > 0) printNote(this.#accuracy.describe());
  }
}
