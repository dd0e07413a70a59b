/**
 * Images and labels: sets, splits, label lists, statistics, batches, and parsers of file formats.
 * Nothing here uses files, workers or `Deno`, so it also runs in browsers; `./files/mod.ts` reads files.
 *
 * - **Images**: `createImageSet`, `concatenateImageSets`, `readImages`, `readBatches`, `isResident`, `hasBytes`,
 *   `feedOf`
 * - **Labels and splits**: `NO_LABEL`, `balancedSplit`, `classSplit`, `hideLabels`, `splitByLabel`,
 *   `balancedCounts`, `proportionalCounts`, `drawHeldOut`, `drawFolds`
 * - **Pixels**: `computeChannelStatistics`, `measureChannelStatistics`, `globalContrastNormalization`,
 *   `perImageNormalization`, `fitZca`, `applyZca`
 * - **File formats**: `parseIdx`, `parseNpy`, `writeNpy`, `readMat5`, `parseCifarBinary`, `parseCifar100Binary`,
 *   `CIFAR_IMAGE_SHAPE`, `readPixelTable`, `createByteSource`, `readZipDirectory`, `readZipEntry`
 * - **Label lists**: `parseLabelList`, `formatLabelList`, `labelListOf`, `applyLabelList`,
 *   `collectLabelList`, `exampleName`, `exampleIndex`
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
export type { ChannelOrder, RawArray } from "./pixels/planes.ts";
export type { SetName } from "./lists/sets.ts";
export { writeNpy } from "./formats/write_npy.ts";
export { createByteSource, readZipEntry, type ReadZipOptions } from "./formats/zip.ts";
export { readZipDirectory, type ZipEntry } from "./formats/zip_directory.ts";
export type { ByteSource } from "./formats/zip_end.ts";
export { globalContrastNormalization, perImageNormalization } from "./pixels/contrast.ts";
export type { ProductOptions } from "./pixels/image_products.ts";
export type { ArrayValues } from "./formats/npy_elements.ts";
export { computeChannelStatistics, measureChannelStatistics } from "./pixels/statistics.ts";
export {
  applyZca,
  type ApplyZcaOptions,
  fitZca,
  type FitZcaOptions,
  type ZcaTransform,
} from "./pixels/zca.ts";
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
export { drawHeldOut } from "./hold_out.ts";
export { concatenateImageSets, createImageSet, type ImageSetParts } from "./image_set.ts";
export { balancedCounts, proportionalCounts } from "./label_counts.ts";
export {
  applyLabelList,
  type ApplyLabelListOptions,
  collectLabelList,
  exampleIndex,
  exampleName,
  formatLabelList,
  labelListOf,
  parseLabelList,
  type ParseLabelListOptions,
} from "./lists/label_list.ts";
export {
  type PixelTable,
  type PixelTableOptions,
  readPixelTable,
  type TablePart,
} from "./tables/pixel_table.ts";
export { type ReadBatch, readBatches, readImages, type ReadImagesOptions } from "./read_images.ts";
export { balancedSplit, classSplit, hideLabels, type LabelSplit, splitByLabel } from "./split.ts";
