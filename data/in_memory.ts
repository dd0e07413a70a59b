/**
 * The part of this room that needs neither files nor a runtime of its own, so that browsers have it too: images in memory,
 * their labels, splits and batches, and the formats that are read from bytes.
 *
 * @example
 * ```ts
 * import { balancedSplit, hideLabels } from "./in_memory.ts";
 *
 * const labels = Int32Array.of(0, 1, 0, 1, 0, 1);
 * const few = hideLabels(labels, balancedSplit(labels, 2, 1, 1));
 * console.assert(few.filter((label) => label >= 0).length === 2);
 * ```
 *
 * @module
 */

export { BatchStream, type BatchStreamOptions, type StreamedBatch } from "./files/decode/batch_stream.ts";
export { type Cifar100Images, parseCifar100Binary, parseCifarBinary } from "./formats/cifar_binary.ts";
export { globalContrastNormalization, perImageNormalization } from "./pixels/contrast.ts";
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
export { drawHeldOut, ENOUGH_LABELS, ENOUGH_OF_CLASS } from "./hold_out.ts";
export { type FedBatch, type FedBatches, type FedValues, type Feed, feedOf } from "./feed.ts";
export { type IdxArray, parseIdx } from "./formats/idx.ts";
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
export { type NpyArray, parseNpy } from "./formats/npy.ts";
export { type ResidentImages, residentImages } from "./resident.ts";
export { balancedSplit, classSplit, hideLabels, type LabelSplit, splitByLabel } from "./split.ts";
export { computeChannelStatistics } from "./pixels/statistics.ts";
export {
  applyZca,
  type ApplyZcaOptions,
  fitZca,
  type FitZcaOptions,
  type ZcaTransform,
} from "./pixels/zca.ts";
export type { ChannelCount, Size } from "./files/decode/decode_image.ts";
export type { Decoder, DecodeTarget } from "./files/decode/decode_pool.ts";
export type { DownloadProgress } from "./files/download.ts";
export type { ProductOptions } from "./pixels/image_products.ts";
