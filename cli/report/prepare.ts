/**
 * From what folders hold to what a page shows: every run's test images are classified with its last weights.
 * @module
 */
import type { Dataset } from "../../data/mod.ts";
import type { Device } from "../../kernels/mod.ts";
import type { Checkpoint } from "../../semisup/mod.ts";
import { damageReporter, loadDatasetOf } from "../plan/inputs.ts";
import { reportDownload } from "../command/download_progress.ts";
import { readWeights } from "../weights/weights_file.ts";
import type { ReportedRun } from "./reported_run.ts";
import type { RunRecord } from "./run_record.ts";
import { type TestResults, testRun } from "./test_results.ts";

/** How runs are looked at. */
export interface PrepareOptions {
  /** Folder with the datasets' files, in the place of those that the runs had. */
  readonly dataDir: string | null;
  readonly download: boolean;
  /** Mistakes to be shown of each run, at most. */
  readonly mistakeCount: number;
  readonly device: () => Promise<Device>;
}

/** What a test of a run came to, or why there is none. */
type Tested = { readonly results: TestResults; readonly untested: null } | {
  readonly results: null;
  readonly untested: string;
};

/** Tests runs. Datasets are loaded once. */
export class Preparation {
  readonly #options: PrepareOptions;
  /** The last dataset, as runs of the same come one after the other: more would not fit into memory. */
  #loaded: { readonly key: string; readonly dataset: Dataset } | undefined;

  constructor(options: PrepareOptions) {
    this.#options = options;
  }

  /**
   * Tests a run, and its supervised twin where there is one.
   * @throws {RangeError} if the dataset cannot be had, or does not fit to the weights.
   */
  async prepare(record: RunRecord, id: string): Promise<ReportedRun> {
    const tested = await this.#test(record);
    const baseline = record.baseline && (await this.#test(record.baseline)).results;
    const dataset = record.weights ? this.#loaded?.dataset : undefined;
    return {
      id,
      record,
      ...tested,
      baseline,
      classes: dataset?.classes ?? null,
      isHeldOut: dataset?.heldOut ?? false,
    };
  }

  async #test(record: RunRecord): Promise<Tested> {
    if (!record.weights) {
      return {
        results: null,
        untested: "The run's folder has neither final weights nor a checkpoint to test.",
      };
    }
    const weights = await readWeights(record.weights.path);
    const { checkpoint } = weights;
    if (!checkpoint) {
      throw new RangeError(
        `Cannot report on ${record.path} as ${record.weights.path} must be a checkpoint: it is none`,
      );
    }
    const dataset = await this.#dataset(checkpoint, record);
    if (dataset.test.labels.length === 0) {
      return {
        results: null,
        untested:
          "There were no labelled images to test on: all labels that there are were used for training.",
      };
    }
    const { mistakeCount, device } = this.#options;
    const results = await testRun({ device: await device(), weights, dataset, mistakeCount });
    damageReporter(dataset)();
    return { results, untested: null };
  }

  async #dataset(checkpoint: Checkpoint, { path }: RunRecord): Promise<Dataset> {
    const { dataDir: directory, download } = this.#options;
    const { about, classes, options: { normalize } } = checkpoint;
    // Whitening is fitted to the images to train with.
    const testOnly = normalize === "channel";
    const { preset: _, ...ofData } = about;
    const key = JSON.stringify([ofData, classes, testOnly]);
    if (this.#loaded?.key === key) return this.#loaded.dataset;
    this.#loaded = undefined;
    try {
      const dataset = await loadDatasetOf(checkpoint, {
        directory,
        download,
        testOnly,
        onProgress: reportDownload(),
      });
      this.#loaded = { key, dataset };
      return dataset;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      throw new RangeError(
        `Cannot report on ${path} as its test images must be there: ${error.message} --no-tests does without them.`,
        { cause: error },
      );
    }
  }
}

/** A run of which only the log is looked at. */
export function untestedRun(record: RunRecord, id: string): ReportedRun {
  const untested = "The test images were not looked at, as --no-tests asked.";
  return { id, record, results: null, untested, baseline: null, classes: null, isHeldOut: false };
}
