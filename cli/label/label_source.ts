/**
 * The pictures that are labelled: of a folder, or of a run.
 * @module
 */
import { basename, join, resolve } from "node:path";
import { ENOUGH_LABELS } from "../../data/internal.ts";
import { exampleName, type ImageSource, NO_LABEL } from "../../data/mod.ts";
import {
  type DecodePool,
  examineFolder,
  streamFiles,
  surveyImages,
  type UserFolder,
} from "../../data/files/mod.ts";
import { exists } from "../command/given_file.ts";
import { listsIn } from "../plan/list_reading.ts";
import { USER_FOLDER } from "../plan/about_data.ts";
import { loadDataset, missingData } from "../plan/inputs.ts";
import { runFiles } from "../run_files/run_files.ts";
import { isListable } from "../pictures/review_list.ts";
import { printNote, printWarning } from "../terminal/output.ts";
import { loadRunCheckpoint } from "../weights/open_model.ts";

/** Options of `train` by name. */
export type TrainOptions = Readonly<Record<string, unknown>>;

/** Pictures to label, and how to train with them. */
export interface LabelSource {
  readonly title: string;
  /** Names of the training pictures that lists can hold. */
  readonly names: readonly string[];
  /** Labels before the labelling. */
  readonly known: ReadonlyMap<string, string>;
  /** Class names, in the order of the keys. */
  readonly classes: readonly string[];
  /** True if classes may be added: those of arrays and known datasets are fixed. */
  readonly takesClasses: boolean;
  /** True if the error is measured on other pictures already: a test set, or pictures that `train` holds out. */
  readonly isTested: boolean;
  /** True if the known labels are in no list, so that they must be written to one. */
  readonly needsKnownList: boolean;
  /** Label lists that `train` reads besides those of the labelling. */
  readonly lists: readonly string[];
  /** Options of `train` for the data. */
  readonly training: TrainOptions;
  /** Run to start from; null if there is none yet. */
  readonly firstRun: string | null;
  /** Pictures as they are shown, by index of their name. */
  readonly shown: ImageSource;
  /** The same pictures, small. */
  readonly small: ImageSource;
}

/** Options of {@linkcode openSource}. */
export interface SourceOptions {
  /** Label lists of the folder; null for those found in it. */
  readonly labels: readonly string[] | null;
  /** Regular expression that captures classes in names (default: null = none). */
  readonly labelPattern?: string | null;
  /** True to ignore class folders and lists. */
  readonly unlabelled: boolean;
  readonly decoder: DecodePool;
  readonly signal: AbortSignal;
}

/** Longest side of pictures as they are shown, and of small ones. */
export const shownSide = 384, smallSide = 16;

/** Opens the pictures of a folder, or those that a run was trained with. */
export async function openSource(path: string, options: SourceOptions): Promise<LabelSource> {
  const isRun = await exists(join(path, runFiles.config)) || path.endsWith(".safetensors");
  return isRun ? await openRun(path, options) : await openFolderSource(path, options, {
    title: basename(resolve(path)),
    firstRun: null,
    training: {},
  });
}

type About = Pick<LabelSource, "title" | "firstRun" | "training"> & { readonly isTested?: boolean };

/** Opens a folder. Pictures may have labels or not. */
async function openFolderSource(
  path: string,
  { labels, labelPattern = null, unlabelled, decoder, signal }: SourceOptions,
  about: About,
): Promise<LabelSource> {
  const found = await examineFolder(path, {
    labels: labels ?? undefined,
    labelPattern: labelPattern ?? undefined,
    unlabelled: unlabelled ? "assumed" : "allowed",
    decoder,
    signal,
  });
  for (const note of found.notes) printNote(note);
  const { names, known } = listableOf(found);
  const lists = found.lists.map((list) => resolve(path, list));
  return {
    isTested: found.test !== null || known.size >= ENOUGH_LABELS,
    ...about,
    names,
    known,
    classes: found.classes,
    takesClasses: !("images" in found.train),
    lists,
    needsKnownList: lists.length === 0 && labelPattern === null,
    training: { ...about.training, data: path, ...(labelPattern !== null && { labelPattern }) },
    ...await imagesOf(found, names, decoder),
  };
}

/** Returns the pictures that lists can hold, and their labels. */
function listableOf(
  { train, classes }: Pick<UserFolder, "train" | "classes">,
): Pick<LabelSource, "names" | "known"> {
  const names: string[] = [], known = new Map<string, string>();
  for (const [index, label] of train.labels.entries()) {
    const name = train.names?.[index] ?? exampleName(index);
    if (!isListable(name)) continue;
    names.push(name);
    const className = classes[label];
    if (label !== NO_LABEL && className !== undefined) known.set(name, className);
  }
  const rest = train.labels.length - names.length;
  if (rest > 0) {
    printWarning(
      `${rest} files are left out: label lists cannot hold their names (line breaks, tabs, blanks at the ends)`,
    );
  }
  return { names, known };
}

/** Returns the images of a folder, as they are shown and small. */
async function imagesOf(
  found: UserFolder,
  names: readonly string[],
  decoder: DecodePool,
): Promise<Pick<LabelSource, "shown" | "small">> {
  const { train, directory, significantBits } = found;
  // All names of arrays are listable, so that their indices are those of the images.
  if ("images" in train) return { shown: train, small: train };
  const { largest: [height, width] } = await surveyImages(found, { decoder, sizesOnly: true });
  const scale = Math.min(1, shownSide / Math.max(height, width));
  const sized = (rows: number, columns: number) =>
    streamFiles({ directory, names, significantBits, imageShape: [3, rows, columns] }, {
      decoder,
      batches: 1,
    });
  return {
    shown: sized(Math.max(1, Math.round(height * scale)), Math.max(1, Math.round(width * scale))),
    small: sized(smallSide, smallSide),
  };
}

/** Opens the pictures of a finished run, from whose weights training continues. */
async function openRun(path: string, options: SourceOptions): Promise<LabelSource> {
  const { path: file, checkpoint } = await loadRunCheckpoint(path);
  const { about, labels, classes } = checkpoint, heldOut = join(path, runFiles.heldOut);
  const plugin = about["plugin"] === undefined ? {} : { plugin: about["plugin"] };
  const title = basename(resolve(path));
  if (about["dataset"] === USER_FOLDER) {
    const data = about["data"] ?? "", { labels: lists, labelPattern, ...reading } = listsIn(about, data);
    if (Object.keys(reading).length > 0) {
      throw new RangeError(
        `Cannot label the pictures of ${file}: its labels were read with special options. Use label ${data} --labels ${
          join(path, runFiles.labels)
        }.`,
      );
    }
    if (!await exists(data)) {
      throw new RangeError(
        `${missingData(data)} If they were moved, use label FOLDER --labels ${join(path, runFiles.labels)}.`,
      );
    }
    const isHeldOut = about["heldOut"] !== undefined;
    const ofRun = {
      labels: options.labels ?? lists,
      labelPattern: options.labelPattern ?? labelPattern ?? null,
    };
    return await openFolderSource(data, { ...options, ...ofRun }, {
      title,
      firstRun: path,
      training: { ...plugin, ...(isHeldOut && { holdOut: resolve(heldOut) }) },
      ...(isHeldOut && { isTested: true }),
    });
  }
  const dataset = about["dataset"] ?? "", dataDir = about["dataDir"] ?? null;
  const { train, test } = await loadDataset({ dataset, dataDir, download: false }, {
    signal: options.signal,
  });
  const trained = { train: { ...train, labels }, classes };
  return {
    title,
    ...listableOf(trained as Pick<UserFolder, "train" | "classes">),
    classes,
    takesClasses: false,
    isTested: test.labels.length > 0,
    needsKnownList: true,
    lists: [],
    training: {
      ...plugin,
      ...(about["preset"] === undefined ? { dataset } : { preset: about["preset"] }),
      ...(dataDir !== null && { dataDir }),
    },
    firstRun: path,
    shown: train,
    small: train,
  };
}

/** Returns the default folder of a labelling: beside the pictures, `NAME-labelled`. */
export function defaultLabelFolder(path: string): string {
  return `${resolve(path).replace(/\.(zip|npz|safetensors)$/i, "")}-labelled`;
}
