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

export { BatchStream, type BatchStreamOptions, type StreamedBatch } from "./batch_stream.ts";
export { cacheDirectory } from "./cache.ts";
export { type Cifar100Images, parseCifar100Binary, parseCifarBinary } from "./cifar_binary.ts";
export { globalContrastNormalization, perImageNormalization } from "./contrast.ts";
export { describeDamage } from "./damage.ts";
export {
  type ChannelStatistics,
  type DamagedFile,
  type Dataset,
  type DatasetDefinition,
  type Images,
  type ImageSet,
  isInMemory,
  type LoadOptions,
  NO_LABEL,
  type OpenedDataset,
  type Pixels,
  type StreamedImages,
} from "./dataset.ts";
export { datasets, findDataset } from "./datasets.ts";
export { type ChannelCount, decodeImage, type Size } from "./decode.ts";
export { drawHeldOut, ENOUGH_LABELS, ENOUGH_OF_CLASS } from "./hold_out.ts";
export { DecodePool, type Decoder, type DecodeTarget } from "./decode_pool.ts";
export type { Decoded } from "./decode_worker.ts";
export type { DownloadProgress } from "./download.ts";
export { fileIndex } from "./example_names.ts";
export { type FedBatch, type FedBatches, type FedValues, type Feed, feedOf } from "./feed.ts";
export { type IdxArray, parseIdx } from "./idx.ts";
export { balancedCounts, proportionalCounts } from "./label_counts.ts";
export {
  applyLabelList,
  type ApplyLabelListOptions,
  exampleIndex,
  exampleName,
  formatLabelList,
  labelListOf,
  parseLabelList,
  type ParseLabelListOptions,
} from "./label_list.ts";
export { type LabelRow, type LabelTable, parseLabelTable } from "./label_table.ts";
export { type NpyArray, parseNpy } from "./npy.ts";
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
export type { ProductOptions } from "./image_products.ts";
export {
  preprocess,
  type PreprocessedDataset,
  type Preprocessing,
  type PreprocessOptions,
} from "./preprocess.ts";
export { type ResidentImages, residentImages } from "./resident.ts";
export { balancedSplit, classSplit, hideLabels, type LabelSplit, splitByLabel } from "./split.ts";
export { computeChannelStatistics } from "./statistics.ts";
export { applyZca, type ApplyZcaOptions, fitZca, type FitZcaOptions, type ZcaTransform } from "./zca.ts";
