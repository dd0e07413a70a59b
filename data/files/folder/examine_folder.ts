/** A user's own folder: what is in it, before any image is decoded. */

import type { DecodePool } from "../decode/decode_pool.ts";
import { basename, dirname } from "node:path";
import {
  type ChannelOrder,
  type ImageSet,
  type LabelTableOptions,
  similarClasses,
  someOf,
} from "../../mod.ts";
import type { Labelling, ListedFiles } from "./class_folders.ts";
import { readArrays } from "./array_files.ts";
import { findLabels, labelArrays, remedy } from "./find_labels.ts";
import { labelCounts } from "./hold_out_examples.ts";
import { arraysIn, type ArraySource, arraySources, isArrayArchive } from "./array_sources.ts";
import { isZip } from "../archive.ts";
import { isFile } from "../disk.ts";
import { findFiles, type FoundFiles } from "./find_files.ts";
import { findByteCopies } from "../inspect/byte_copies.ts";
import { findPixelCopies } from "../inspect/pixel_copies.ts";
import { type InspectedImages, inspectImages } from "../inspect/inspect_images.ts";
import { type CopyGroup, settleCopies } from "../inspect/settle_copies.ts";
import { measureSignificantBits } from "../inspect/significant_bits.ts";

/** Examples of a folder: files, or images of arrays. */
export type FolderExamples = ListedFiles | ImageSet;

/** What a user's folder holds. */
export interface UserFolder {
  /** Its path. */
  readonly directory: string;
  /** Class names; a label is an index into them. */
  readonly classes: readonly string[];
  /** How labels were found, in a few words. */
  readonly origin: string;
  /** Paths of the label lists that gave them, from the folder on where they lie there; none where none did. */
  readonly lists: readonly string[];
  /** Where channels of arrays were said to be; null = nothing was said. */
  readonly channelOrder: ChannelOrder | null;
  /** Names of examples that were suggested to be labelled, and are never held out; absent where no list says so. */
  readonly suggested?: ReadonlySet<string>;
  /** All examples to train with, labelled or not. */
  readonly train: FolderExamples;
  /** Examples to test on: a set of its own, or what is held out; null = none. */
  readonly test: FolderExamples | null;
  /** How the test set is called in the folder; null where it is held out, or there is none. */
  readonly testName: string | null;
  /** How many bits are used of the 16 that some images have; 16 where none has. */
  readonly significantBits: number;
  /** Numbers that follow from all bytes of files, by name; NaN for large files. */
  readonly contents: ReadonlyMap<string, number>;
  /** Names of training images that are the same picture, in groups. */
  readonly copies: readonly CopyGroup[];
  /** Sentences on what was decided, passed over or is wrong. */
  readonly notes: readonly string[];
}

/** How to look at a folder. */
export interface ExamineOptions extends Omit<LabelTableOptions, "isFile"> {
  /**
   * Paths of label lists, of which later ones add to earlier ones; null = none, sub-folders name the classes, and arrays
   * have their own labels. Where nothing is said, the list is that of the folder, if there is one beside pictures.
   */
  readonly labels?: readonly string[] | null | undefined;
  /** Where channels of arrays are among the axes (default: where sizes say that they can be). */
  readonly channels?: ChannelOrder | undefined;
  /** What makes two pictures copies: equal bytes, or that they look the same at a small size (default: `"bytes"`). */
  readonly copies?: "bytes" | "pixels" | undefined;
  /** Names in the folder that are looked at (default: all). */
  readonly only?: readonly string[] | undefined;
  /** Workers that are running already and help to read the folder (default: none of them). */
  readonly decoder?: DecodePool | undefined;
  /** Stops it. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds out what a folder holds: arrays of images and labels; or images whose labels are in a list; or images in
 * sub-folders named like their classes. Reads names, lists and arrays, and of images the first and last bytes: files that
 * are none are left out, and so are copies of what is tested on.
 *
 * @param directory The folder, a ZIP archive of one, or an archive of arrays (`.npz`).
 * @throws {Deno.errors.NotFound} when there is no such folder. @throws {SyntaxError} when it cannot be understood, or a
 * file is damaged. @throws {RangeError} when there are fewer than two classes.
 */
export async function examineFolder(directory: string, options: ExamineOptions = {}): Promise<UserFolder> {
  const { channels, signal } = options;
  const isArchive = !isZip(directory) && await isFile(directory);
  const listed = isArchive ? noFiles : await findFiles(directory, options.only);
  const inspected = await inspectImages(directory, listed.images, options);
  const found = { ...listed, images: inspected.images, notes: [...listed.notes, ...inspected.notes] };
  const areFiles = found.images.length > 0;
  const sources = isArchive
    ? await arraysOfArchive(directory)
    : areFiles
    ? []
    : await arraysIn(directory, found);
  if (areFiles && channels !== undefined) {
    throw new RangeError(`Cannot use --channels with ${directory} as it is for arrays: its images are files`);
  }
  if (!areFiles && !isArchive && sources.length === 0) throw noImages(directory, found);
  const depth = await measureSignificantBits(directory, inspected.mayBeDeep, signal);
  const { test, notes, ...labelling } = areFiles
    ? await withoutCopies(await findLabels(directory, found, options), inspected, directory, {
      ...options,
      significantBits: depth.bits,
    })
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
      ...similarClasses(classes, labelCounts(train.labels, classes.length)),
    ],
  };
}

const noFiles: FoundFiles = { images: [], others: [], folders: new Map(), notes: [] };

/** The arrays of an archive. @throws {SyntaxError} when a file is none. */
async function arraysOfArchive(path: string): Promise<ArraySource[]> {
  if (isArrayArchive(path)) return await arraySources([basename(path)], dirname(path));
  throw new SyntaxError(
    `Cannot use ${path} as it must be a folder, a ZIP archive of one, or an archive of arrays (.npz): it is a file of another kind`,
  );
}

/** Settles what is there twice, and says so. */
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

function noImages(directory: string, { others, notes }: FoundFiles): SyntaxError {
  const held = others.length > 0 ? [`it holds ${someOf(others)}`] : notes.length > 0 ? [] : ["it is empty"];
  return new SyntaxError(
    `Cannot use ${directory} as it must hold images or arrays: ${[...held, ...notes].join("; ")}. ${remedy}`,
  );
}
