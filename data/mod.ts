/**
 * Images and labels: sets, splits, label lists, statistics, batches, and parsers of file formats.
 * Nothing here uses files, workers or `Deno`, so it also runs in browsers; `./files/mod.ts` reads files.
 *
 * - **Images**: `createImageSet`, `concatenateImageSets`, `concatenateBytes`, `readImages`, `readBatches`,
 *   `isResident`, `residentImages`, `hasBytes`, `feedOf`
 * - **Labels and splits**: `NO_LABEL`, `balancedSplit`, `classSplit`, `hideLabels`, `splitByLabel`,
 *   `balancedCounts`, `proportionalCounts`, `drawHeldOut`, `drawFolds`, `ENOUGH_LABELS`, `ENOUGH_OF_CLASS`
 * - **Pixels**: `computeChannelStatistics`, `measureChannelStatistics`, `globalContrastNormalization`,
 *   `perImageNormalization`, `fitZca`, `applyZca`, `findPixelRanges`, `convertToPlanes`
 * - **File formats**: `parseIdx`, `parseNpy`, `readMat5`, `parseCifarBinary`, `parseCifar100Binary`,
 *   `CIFAR_IMAGE_SHAPE`, `readArrayLabels`, `createByteSource`, `readZipDirectory`, `readZipEntry`,
 *   `checkZipEntry`
 * - **Label lists**: `parseLabelList`, `formatLabelList`, `labelListOf`, `applyLabelList`,
 *   `collectLabelList`, `exampleName`, `exampleIndex`, `parseLabelTable`, `buildLabelTable`,
 *   `parseLabelRows`, `parseRecords`, `fileFinder`, `fileIndex`, `findSetName`, `createMissingTest`,
 *   `MISSING_MARKERS`, `LONGEST_LINE`, `blankSuggestedMarks`, `SUGGESTED`
 * - **Class names**: `normalizeName`, `sortClasses`, `describeSimilarClasses`
 * - **Texts and pauses**: `counted`, `messageOf`, `quoteOf`, `shownName`, `someOf`, `describeDamage`,
 *   `pause`
 *
 * @example
 * ```ts
 * import { balancedSplit, hideLabels } from "./mod.ts";
 *
 * const labels = Int32Array.of(0, 1, 0, 1, 0, 1);
 * const few = hideLabels(labels, balancedSplit(labels, 2, 1, 1));
 * console.assert(few.filter((label) => label >= 0).length === 2);
 * ```
 *
 * @module
 */

export {
  type Cifar100Images,
  CIFAR_IMAGE_SHAPE,
  parseCifar100Binary,
  parseCifarBinary,
} from "./formats/cifar_binary.ts";
export { type IdxArray, parseIdx } from "./formats/idx.ts";
export { type MatVariable, readMat5 } from "./formats/mat5.ts";
export { type NpyArray, parseNpy } from "./formats/npy.ts";
export { checkZipEntry, createByteSource, readZipEntry, type ReadZipOptions } from "./formats/zip.ts";
export { readZipDirectory, type ZipEntry } from "./formats/zip_directory.ts";
export type { ByteSource } from "./formats/zip_end.ts";
export { globalContrastNormalization, perImageNormalization } from "./pixels/contrast.ts";
export type { ProductOptions } from "./pixels/image_products.ts";
export type { ArrayValues } from "./formats/npy_elements.ts";
export { readArrayLabels } from "./array_labels.ts";
export { findPixelRanges, type PixelRange } from "./pixels/pixel_range.ts";
export {
  type ChannelOrder,
  convertToPlanes,
  type Planes,
  type PlanesOptions,
  type RawArray,
} from "./pixels/planes.ts";
export { pause } from "./pixels/pause.ts";
export { computeChannelStatistics, measureChannelStatistics } from "./pixels/statistics.ts";
export {
  applyZca,
  type ApplyZcaOptions,
  fitZca,
  type FitZcaOptions,
  type ZcaTransform,
} from "./pixels/zca.ts";
export { describeSimilarClasses, normalizeName, sortClasses } from "./class_names.ts";
export { describeDamage } from "./damage.ts";
export {
  type BatchPlan,
  type ChannelStatistics,
  type DamagedFile,
  type Dataset,
  hasBytes,
  type ImageSet,
  type ImageSource,
  isResident,
  NO_LABEL,
  type PixelBatch,
  type PixelBatches,
  type PixelReader,
  type Pixels,
} from "./dataset.ts";
export { type FedBatch, type FedBatches, type FedValues, type Feed, feedOf } from "./feed.ts";
export { drawFolds } from "./folds.ts";
export { drawHeldOut, ENOUGH_LABELS, ENOUGH_OF_CLASS } from "./hold_out.ts";
export { concatenateBytes, concatenateImageSets, createImageSet, type ImageSetParts } from "./image_set.ts";
export { balancedCounts, proportionalCounts } from "./label_counts.ts";
export type { ColumnOptions } from "./lists/columns.ts";
export { fileFinder, fileIndex, type FoundName } from "./lists/file_names.ts";
export {
  applyLabelList,
  type ApplyLabelListOptions,
  collectLabelList,
  exampleIndex,
  exampleName,
  formatLabelList,
  labelListOf,
  type NamedClass,
  parseLabelList,
  type ParseLabelListOptions,
  parseLabelRows,
} from "./lists/label_list.ts";
export {
  buildLabelTable,
  type LabelRow,
  type LabelTable,
  type LabelTableOptions,
  parseLabelTable,
} from "./lists/label_table.ts";
export { createMissingTest, MISSING_MARKERS } from "./lists/missing.ts";
export { LONGEST_LINE } from "./lists/delimited.ts";
export { type ListRecord, type ListRecords, parseRecords } from "./lists/records.ts";
export { findSetName, type SetName } from "./lists/sets.ts";
export { blankSuggestedMarks, SUGGESTED } from "./lists/suggested.ts";
export { type ReadBatch, readBatches, readImages, type ReadImagesOptions } from "./read_images.ts";
export { type ResidentImages, residentImages } from "./resident.ts";
export { balancedSplit, classSplit, hideLabels, type LabelSplit, splitByLabel } from "./split.ts";
export { counted, messageOf, quoteOf, shownName, someOf } from "./text.ts";
