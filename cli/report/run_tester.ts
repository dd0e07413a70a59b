/**
 * Tests of runs for the report: every run's test images are classified with its last weights.
 * @module
 */
import type { Dataset } from "../../data/mod.ts";
import type { Device } from "../../kernels/mod.ts";
import type { Checkpoint } from "../../semisup/mod.ts";
import { damageReporter, loadDatasetOf } from "../plan/inputs.ts";
import { reportDownload } from "../terminal/download_progress.ts";
import { readWeights } from "../weights/weights_file.ts";
import { type Examination, type ExaminationCounts, examinePictures, noExamination } from "./examination.ts";
import type { ReportedRun } from "./reported_run.ts";
import type { RunRecord } from "./run_record.ts";
import { type TestResults, testRun } from "./test_results.ts";

/** Options of the tests. */
export interface RunTesterOptions {
  /** Folder with the datasets' files, instead of the folders stored in the runs. */
  readonly dataDir: string | null;
  readonly download: boolean;
  /** Maximum number of mistakes to show of each run. */
  readonly mistakeCount: number;
  /** Numbers of training pictures to show of each run. */
  readonly counts: ExaminationCounts;
  readonly device: () => Promise<Device>;
}

/** Results of a test, or the reason why there are none; and the examination of the training pictures. */
type Tested =
  & Examination
  & ({ readonly results: TestResults; readonly untested: null } | {
    readonly results: null;
    readonly untested: string;
  });

/** Tests runs. Consecutive runs on the same dataset share it. */
export class RunTester {
  readonly #options: RunTesterOptions;
  /** The last dataset. Only one is kept, because several may not fit into memory. */
  #loaded: { readonly key: string; readonly dataset: Dataset } | undefined;

  constructor(options: RunTesterOptions) {
    this.#options = options;
  }

  /**
   * Tests a run, and its supervised baseline if there is one.
   * @throws {RangeError} if the dataset cannot be loaded, or does not fit the weights.
   */
  async test(record: RunRecord, id: string): Promise<ReportedRun> {
    const tested = await this.#testWeights(record, this.#options.counts);
    const baseline = record.baseline &&
      (await this.#testWeights(record.baseline, { review: 0, pictures: 0 })).results;
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

  async #testWeights(record: RunRecord, counts: ExaminationCounts): Promise<Tested> {
    if (!record.weights) {
      return {
        ...noExamination,
        results: null,
        untested: "The run's folder has no weights to test: neither final weights nor a checkpoint.",
      };
    }
    const weights = await readWeights(record.weights.path);
    const { checkpoint } = weights;
    if (!checkpoint) {
      throw new RangeError(
        `Cannot report on ${record.path}: ${record.weights.path} is not a checkpoint`,
      );
    }
    const dataset = await this.#loadDataset(checkpoint, record);
    const temperature = record.summary?.calibration?.temperature ?? null;
    const { mistakeCount, device } = this.#options;
    const examination = await examinePictures({
      source: weights.path,
      checkpoint,
      dataset,
      temperature: temperature ?? 1,
      counts,
      device,
    });
    if (dataset.test.labels.length === 0) {
      return {
        ...examination,
        results: null,
        untested: "There are no test images: all labelled images were used for training.",
      };
    }
    const results = await testRun({ device: await device(), weights, dataset, mistakeCount, temperature });
    damageReporter(dataset)();
    return { ...examination, results, untested: null };
  }

  async #loadDataset(checkpoint: Checkpoint, { path }: RunRecord): Promise<Dataset> {
    const { dataDir: directory, download } = this.#options;
    const { about, classes, options: { normalize } } = checkpoint;
    // Whitening is fitted to the training images, so these are needed too.
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
        `Cannot test the run in ${path}: ${
          error.message.replace(/\.?$/, ".")
        } Use --no-tests to report without its test images.`,
        { cause: error },
      );
    }
  }
}

/** Returns a run without test results, for reports of the logs only. */
export function untestedRun(record: RunRecord, id: string): ReportedRun {
  const untested = "The run was not tested, because the report was made with --no-tests.";
  return {
    id,
    record,
    ...noExamination,
    results: null,
    untested,
    baseline: null,
    classes: null,
    isHeldOut: false,
  };
}
