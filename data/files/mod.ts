/**
 * Datasets in files: known datasets, which can be downloaded, and folders of pictures, which workers decode
 * into memory or batch by batch.
 *
 * - **Known datasets**: `findDataset`, `datasets`, `datasetNames`, `registerDataset`, `preprocess`
 * - **Folders of pictures**: `openFolder`, `examineFolder`, `findFiles`, `describeUnread`, `SORTED_MARK`,
 *   `surveyImages`, `arraysAmong`,
 *   `tablesAmong`, `isPixelTable`, `readArrayImages`, `contentPlaces`, `readLabelList`, `readLabelTable`,
 *   `captureClasses`, `checkLabelPattern`, `convertClasses`, `countLabels`,
 *   `holdOut`, `isHardlyClass`
 * - **Decoding**: `decodeImage`, `DecodePool`, `readPicture`, `streamFiles`, `ColorError`
 * - **Files**: `cacheDirectory`, `createFolder`, `downloadToCache`, `openAtomically`, `writeAtomically`,
 *   `removeAbandoned`, `checkRegular`, `hintAtPath`, `isZip`
 *
 * @example
 * ```ts
 * import { findDataset } from "./mod.ts";
 * import { balancedSplit, hideLabels } from "../mod.ts";
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

export {
  type AtomicFile,
  createFolder,
  openAtomically,
  removeAbandoned,
  writeAtomically,
} from "./atomic_file.ts";
export { checkRegular, hintAtPath } from "./disk.ts";
export { isZip } from "./archive.ts";
export { cacheDirectory } from "./cache.ts";
export { type CachedDownloadOptions, type CachedFile, downloadToCache } from "./cached_download.ts";
export { type ChannelCount, decodeImage, type DecodeOptions, type Size } from "./decode/decode_image.ts";
export { DecodePool, type Decoder } from "./decode/decode_pool.ts";
export type { Decoded, DecodeTarget, LargestValue } from "./decode/decode_worker.ts";
export { readPicture } from "./decode/read_picture.ts";
export type { Inspection, InspectionRequest } from "./inspect/inspect_all.ts";
export type { CopyGroup } from "./inspect/settle_copies.ts";
export { ColorError, type ImageFiles, streamFiles, type StreamFilesOptions } from "./decode/stream_files.ts";
export type { DownloadProgress } from "./download.ts";
export { type ArrayImages, readArrayImages } from "./folder/array_images.ts";
export type { ReadArraysOptions } from "./folder/array_files.ts";
export { arraysAmong } from "./folder/array_sources.ts";
export { isPixelTable, tablesAmong } from "./folder/pixel_tables.ts";
export {
  examineFolder,
  type ExamineOptions,
  type FolderExamples,
  type UserFolder,
} from "./folder/examine_folder.ts";
export { convertClasses, countLabels, holdOut } from "./folder/hold_out_examples.ts";
export type { ListedFiles } from "./folder/class_folders.ts";
export { contentPlaces, type PlaceOptions } from "./folder/content_places.ts";
export { describeUnread, findFiles, type FoundFiles, SORTED_MARK } from "./folder/find_files.ts";
export { type ReadLabelList, readLabelList, readLabelTable } from "./folder/read_list.ts";
export { openFolder, type OpenFolderOptions } from "./folder/open_folder.ts";
export { captureClasses, checkLabelPattern } from "./names/label_pattern.ts";
export { isHardlyClass } from "./folder/set_names.ts";
export { type ImageSurvey, surveyImages, type SurveyOptions } from "./folder/survey.ts";
export { datasetNames, datasets, findDataset, registerDataset } from "./known/datasets.ts";
export type { DatasetDefinition, LoadOptions } from "./known/dataset_definition.ts";
export {
  preprocess,
  type PreprocessedDataset,
  type Preprocessing,
  type PreprocessOptions,
} from "./preprocess.ts";
