/**
 * Datasets, label lists and splits: what to train on, in host memory.
 *
 * @example
 * ```ts
 * import { balancedSplit, findDataset, hideLabels } from "./mod.ts";
 *
 * const { load, classes } = findDataset("mnist");
 *
 * async function mnistWith100Labels(seed: number) {
 *   const { train, test } = await load();
 *   const labeled = balancedSplit(train.labels, classes.length, 10, seed);
 *   return { train: { ...train, labels: hideLabels(train.labels, labeled) }, test };
 * }
 * ```
 *
 * @module
 */

export * from "./in_memory.ts";
export { cacheDirectory } from "./cache.ts";
export { describeDamage } from "./damage.ts";
export { datasets, findDataset } from "./datasets.ts";
export { decodeImage } from "./decode.ts";
export { DecodePool } from "./decode_pool.ts";
export type { Decoded } from "./decode_worker.ts";
export { fileIndex } from "./example_names.ts";
export { openFolder, type OpenFolderOptions } from "./own_dataset.ts";
export {
  examineFolder,
  type ExamineOptions,
  holdOut,
  labelCounts,
  type OwnExamples,
  type OwnFolder,
} from "./own_folder.ts";
export { type ImageSurvey, surveyImages } from "./own_survey.ts";
export type { ListedFiles } from "./image_folder_files.ts";
export { shownName } from "./text.ts";
export { type MatVariable, readMat5 } from "./mat5.ts";
export {
  preprocess,
  type PreprocessedDataset,
  type Preprocessing,
  type PreprocessOptions,
} from "./preprocess.ts";
