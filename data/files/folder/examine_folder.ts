/** Examination of a user's folder before any image is decoded. */

import type { DecodePool } from "../decode/decode_pool.ts";
import { basename, dirname } from "node:path";
import {
  type ChannelOrder,
  counted,
  describeSimilarClasses,
  type LabelTableOptions,
  someOf,
} from "../../internal.ts";
import type { ImageSet } from "../../mod.ts";
import type { Labelling, ListedFiles } from "./class_folders.ts";
import { readArrays } from "./array_files.ts";
import { findLabels, labelArrays, NoLabelsError, remedy } from "./find_labels.ts";
import { checkLabelPattern } from "../names/label_pattern.ts";
import { countLabels } from "./hold_out_examples.ts";
import { arraysIn, type ArraySource, arraySources, isArrayArchive } from "./array_sources.ts";
import { isZip } from "../archive.ts";
import { isFile } from "../disk.ts";
import { describeUnread, findFiles, type FoundFiles } from "./find_files.ts";
import { adviceFor, otherFileError } from "./other_data.ts";
import { chainFrom, directoryOf, folderTree } from "./folder_tree.ts";
import { tablesIn, tableSources } from "./pixel_tables.ts";
import { findByteCopies } from "../inspect/byte_copies.ts";
import { findPixelCopies } from "../inspect/pixel_copies.ts";
import { type InspectedImages, inspectImages } from "../inspect/inspect_images.ts";
import { type CopyGroup, settleCopies } from "../inspect/settle_copies.ts";
import { measureSignificantBits } from "../inspect/significant_bits.ts";

/** Examples of a folder: files, or images of arrays. */
export type FolderExamples = ListedFiles | ImageSet;

/** Contents of a user's folder. */
export interface UserFolder {
  /** Path of the folder or archive. */
  readonly directory: string;
  /** Class names; a label is an index into them. */
  readonly classes: readonly string[];
  /** Origin of the labels, as a clause. */
  readonly origin: string;
  /** Paths of the label lists used, relative to the folder if inside it; may be empty. */
  readonly lists: readonly string[];
  /** Position of the channel axis of arrays as set by the caller; null = not set. */
  readonly channelOrder: ChannelOrder | null;
  /** Names of examples that were suggested for labelling and are never held out; absent if none. */
  readonly suggested?: ReadonlySet<string>;
  /** Names of examples whose labels a correction removed; absent if none. */
  readonly withdrawn?: ReadonlySet<string>;
  /** Training examples, labelled or not. */
  readonly train: FolderExamples;
  /** Test examples: a separate set, or held-out examples; null = none. */
  readonly test: FolderExamples | null;
  /** Name of the test set in the folder; null if it is held out, or there is none. */
  readonly testName: string | null;
  /** Number of bits used by 16-bit images; 16 if there are none. */
  readonly significantBits: number;
  /** Numbers computed from all bytes of files, by name; NaN for large files. */
  readonly contents: ReadonlyMap<string, number>;
  /** Groups of names of training images that show the same picture. */
  readonly copies: readonly CopyGroup[];
  /** Sentences about decisions, ignored files and problems. */
  readonly notes: readonly string[];
}

/** Options of {@linkcode examineFolder}. */
export interface ExamineOptions extends Omit<LabelTableOptions, "isFile"> {
  /**
   * Paths of label lists, which are combined; null = ignore lists, and use class folders or the labels of
   * arrays (default: the list in a folder of pictures, if there is one).
   */
  readonly labels?: readonly string[] | null | undefined;
  /**
   * Regular expression of JavaScript (flag `u`), tried on the path of each picture in the folder, with `/`. The group
   * `label`, otherwise the first group, is the class; pictures that do not match have none. Lists of `labels` add
   * theirs; class folders and the lists in the folder give none (default: names give no labels).
   */
  readonly labelPattern?: string | undefined;
  /**
   * True if folders of sets without class folders mean nothing, as the caller chooses the test images of the lists itself
   * (default: such folders tell listed images of training and test set apart).
   */
  readonly ignoreSetFolders?: boolean | undefined;
  /** Position of the channel axis of arrays (default: derived from the sizes). */
  readonly channels?: ChannelOrder | undefined;
  /** Criterion for copies: equal bytes, or equal looks at a small size (default: `"bytes"`). */
  readonly copies?: "bytes" | "pixels" | undefined;
  /**
   * Permission for pictures without any label: `"allowed"` if the folder has neither class folders nor a list,
   * `"assumed"` to ignore class folders and lists (default: labels are required).
   */
  readonly unlabelled?: "allowed" | "assumed" | undefined;
  /** Names of the folder's entries to be examined (default: all). */
  readonly only?: readonly string[] | undefined;
  /** Running workers that help to read the folder (default: none). */
  readonly decoder?: DecodePool | undefined;
  /** Signal that aborts the examination. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Examines a folder of arrays or tables of pixels with labels, images with a label list, or images in sub-folders named after
 * their classes. Reads names, lists, arrays, and the first and last bytes of images. Files that are not
 * images are left out, and so are training images that are copies of test images.
 *
 * @param directory The folder, a ZIP archive of one, an archive of arrays (`.npz`), or a table of pixels (`.csv`).
 * @throws {Deno.errors.NotFound} when the folder does not exist. @throws {SyntaxError} when its layout is
 * ambiguous, or a file is damaged. @throws {RangeError} when there are fewer than two classes, or the pattern is
 * malformed or captures none.
 */
export async function examineFolder(directory: string, options: ExamineOptions = {}): Promise<UserFolder> {
  const { channels, labelPattern, signal } = options;
  if (labelPattern !== undefined) checkLabelPattern(labelPattern);
  const isArchive = !isZip(directory) && await isFile(directory);
  const listed = isArchive ? noFiles : await findFiles(directory, options.only);
  const inspected = await inspectImages(directory, listed.images, options);
  const found = {
    ...withOthers(listed, inspected.images),
    notes: [...listed.notes, ...describeUnread(listed), ...inspected.notes],
  };
  const areFiles = found.images.length > 0;
  const sources = isArchive
    ? await arraysOfFile(directory, options)
    : areFiles
    ? []
    : await arraysIn(directory, found, options);
  if (areFiles && channels !== undefined) {
    throw new RangeError(
      `Cannot use --channels with ${directory}: the option is for arrays, but its images are files`,
    );
  }
  if (!areFiles && labelPattern !== undefined && sources.length > 0) {
    throw new RangeError(
      `Cannot use --label-pattern with ${directory}: the option is for names of files, but its images are arrays`,
    );
  }
  if (!areFiles && !isArchive && sources.length === 0) {
    throw noImages(directory, { ...listed, notes: found.notes });
  }
  const depth = await measureSignificantBits(directory, inspected.mayBeDeep, signal);
  const { test, notes, ...labelling } = areFiles
    ? await labelPictures(directory, found, inspected, { ...options, significantBits: depth.bits })
    : await labelArrays(await readArrays(sources, directory, options), directory, options);
  const { classes, train } = labelling;
  return {
    directory,
    lists: [],
    channelOrder: channels ?? null,
    copies: [],
    contents: new Map(inspected.images.map((name, i) => [name, inspected.contents[i] ?? NaN])),
    significantBits: depth.bits,
    ...labelling,
    test: test && test.examples,
    testName: test && test.name,
    notes: [
      ...found.notes,
      ...notes,
      ...depth.notes,
      ...describeSimilarClasses(classes, countLabels(train.labels, classes.length)),
    ],
  };
}

/** Returns found files with the images that can be read; the rest are among the other files of their folders. */
function withOthers(found: FoundFiles, images: readonly string[]): FoundFiles {
  if (images.length === found.images.length) return found;
  const known = new Set(images), left = found.images.filter((name) => !known.has(name));
  const byFolder = Map.groupBy(left, (name) => directoryOf(name).slice(0, -1));
  const folders = [...found.folders].map(([folder, others]) =>
    [folder, [...others, ...(byFolder.get(folder) ?? []).map((name) => basename(name))]] as const
  );
  return { ...found, images, folders: new Map(folders) };
}

const noFiles: FoundFiles = { images: [], others: [], folders: new Map(), notes: [] };

/** Lists the arrays of a file. @throws {SyntaxError} when it is neither an archive nor a table of pixels. */
async function arraysOfFile(path: string, options: ExamineOptions): Promise<ArraySource[]> {
  if (isArrayArchive(path)) return await arraySources([basename(path)], dirname(path));
  const tables = await tableSources([basename(path)], dirname(path), options);
  if (tables.length > 0) return tables;
  throw otherFileError(path);
}

/** Labels pictures; if they have no labels, reads labelled tables of pixels beside them instead. */
async function labelPictures(
  directory: string,
  found: FoundFiles,
  inspected: InspectedImages,
  options: ExamineOptions & { readonly significantBits: number },
): Promise<Labelling<FolderExamples> & Partial<Pick<UserFolder, "copies">>> {
  let labelling: Labelling;
  try {
    labelling = await findLabels(directory, found, options);
  } catch (error) {
    if (!(error instanceof NoLabelsError)) throw error;
    const tables = await tablesIn(chainFrom(folderTree(found)), directory, options);
    if (tables.length === 0) throw error;
    const { notes, ...arrays } = await readArrays(tables, directory, options);
    const pictures = `${counted(found.images.length, "picture")} beside tables of pixels`;
    return {
      ...arrays,
      notes: [...notes, `${pictures} ${found.images.length === 1 ? "is" : "are"} not used`],
    };
  }
  return await withoutCopies(labelling, inspected, directory, options);
}

/** Finds copies, and removes or unlabels them where necessary. */
async function withoutCopies(
  labelling: Labelling,
  { images, keys }: InspectedImages,
  directory: string,
  options: ExamineOptions & { readonly significantBits: number },
): Promise<Labelling & Pick<UserFolder, "copies">> {
  const known = await findByteCopies(directory, images, keys, options);
  const { notes, ...settled } = options.copies === "pixels"
    ? settleCopies(
      labelling,
      await findPixelCopies(directory, images, { ...options, known }),
      "by their looks",
    )
    : settleCopies(labelling, known, "byte by byte");
  return { ...labelling, ...settled, notes: [...labelling.notes, ...notes] };
}

function noImages(directory: string, { others, folders, notes }: FoundFiles): SyntaxError {
  const files = [
    ...others,
    ...[...folders].flatMap(([folder, names]) => names.map((name) => `${folder}/${name}`)),
  ];
  const held = files.length > 0
    ? [`it contains ${someOf(files)}`]
    : notes.length > 0
    ? []
    : [folders.size > 0 ? "its folders are empty" : "it is empty"];
  return new SyntaxError(
    `Cannot use ${directory}: there are no usable images or arrays; ${[...held, ...notes].join("; ")}. ${
      adviceFor(files.map((name) => `${directory.replace(/\/$/, "")}/${name}`), directory) ?? remedy
    }`,
  );
}
