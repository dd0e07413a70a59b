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
export { type AtomicFile, openAtomically, writeAtomically } from "./files/atomic_file.ts";
export { cacheDirectory } from "./files/cache.ts";
export { describeDamage } from "./damage.ts";
export { datasets, findDataset } from "./files/known/datasets.ts";
export { decodeImage } from "./files/decode/decode_image.ts";
export { DecodePool } from "./files/decode/decode_pool.ts";
export type { Decoded } from "./files/decode/decode_worker.ts";
export { fileIndex } from "./example_names.ts";
export { openFolder, type OpenFolderOptions } from "./files/folder/open_folder.ts";
export {
  examineFolder,
  type ExamineOptions,
  holdOut,
  labelCounts,
  type OwnExamples,
  type OwnFolder,
} from "./files/folder/examine_folder.ts";
export { type ImageSurvey, surveyImages } from "./files/folder/survey.ts";
export type { ListedFiles } from "./files/folder/image_folder_files.ts";
export { shownName } from "./text.ts";
export { type MatVariable, readMat5 } from "./formats/mat5.ts";
export {
  preprocess,
  type PreprocessedDataset,
  type Preprocessing,
  type PreprocessOptions,
} from "./files/preprocess.ts";
