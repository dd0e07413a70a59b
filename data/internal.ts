/**
 * Internals of `data` for `data/files`, `semisup` and `cli`: parts of readers, and texts of messages. Unlike
 * `mod.ts`, this module may change at any time.
 * @module
 */
export { checkZipEntry, streamZipEntry } from "./formats/zip.ts";
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
export { describeSimilarClasses, normalizeName, sortClasses } from "./class_names.ts";
export { describeDamage } from "./damage.ts";
export { ENOUGH_LABELS, ENOUGH_OF_CLASS } from "./hold_out.ts";
export { decompress, describeImplausible, isPlausible, splitPieces } from "./formats/decompress.ts";
export { concatenateBytes } from "./image_set.ts";
export type { ColumnOptions } from "./lists/columns.ts";
export { fileFinder, fileIndex, type FoundName } from "./lists/file_names.ts";
export type { NamedClass } from "./lists/label_list.ts";
export {
  buildLabelTable,
  type LabelRow,
  type LabelTable,
  type LabelTableOptions,
  parseLabelTable,
} from "./lists/label_table.ts";
export { createMissingTest, describeMissing, MISSING_MARKERS } from "./lists/missing.ts";
export { LONGEST_LINE } from "./lists/delimited.ts";
export { type ListRecord, type ListRecords, parseRecords } from "./lists/records.ts";
export { findSetName, type SetName } from "./lists/sets.ts";
export { blankMarks, CORRECTED, type MarkedText, SUGGESTED } from "./lists/marks.ts";
export { findTableColumns } from "./tables/pixel_table.ts";
export type { TableLayout } from "./tables/table_layout.ts";
export type { ImageSize } from "./tables/image_sizes.ts";
export { spread } from "./spread.ts";
export { counted, messageOf, missingPermission, quoteOf, shownName, someOf, withoutEnding } from "./text.ts";
