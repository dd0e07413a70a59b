/** A user's folder as a dataset. */

import { basename, resolve } from "node:path";
import { sizeOf } from "../../../kernels/mod.ts";
import {
  type ChannelStatistics,
  computeChannelStatistics,
  type DamagedFile,
  type Dataset,
  describeDamage,
  hasBytes,
  type ImageSet,
  type ImageSource,
  readImages,
  shownName,
} from "../../mod.ts";
import type { ChannelCount, Size } from "../decode/decode_image.ts";
import { ColorError, type ImageFiles, streamFiles, type StreamFilesOptions } from "../decode/stream_files.ts";
import { DecodePool, type Decoder } from "../decode/decode_pool.ts";
import type { FolderExamples, UserFolder } from "./examine_folder.ts";
import { spread } from "../spread.ts";

/** How to open a folder. */
export interface OpenFolderOptions {
  /** Height and width that images are resampled to; of arrays they are what they are. */
  readonly canvas: Size;
  /** Channels that they are decoded to. */
  readonly channels: ChannelCount;
  /**
   * Whether one channel is but what some images suggest: where another turns out to have colour, all are decoded to
   * three, as far as they are kept in memory (default: false).
   */
  readonly channelsMayGrow?: boolean;
  /** What pixels are normalised with (default: statistics of the training images). */
  readonly channelStatistics?: ChannelStatistics;
  /** Whether training images stay in their files in any case, as nobody trains (default: false). */
  readonly testOnly?: boolean;
  /** Bytes of memory for decoded images (default: {@linkcode MEMORY_LIMIT}). */
  readonly memoryLimit?: number | undefined;
  /** Stops it. */
  readonly signal?: AbortSignal | undefined;
}

/** Bytes of memory for decoded images where nothing is said: 2 GiB. */
export const MEMORY_LIMIT: number = 2 ** 31;
/** Images that channel statistics are computed of where not all are in memory. */
const SAMPLED = 1000;

/**
 * Opens a folder: decodes the test images, then those to train with into memory if they fit into the limit, otherwise
 * leaves them in their files. Images of the canvas's very size are taken as they are, others resampled to it, and their
 * own aspect is remembered.
 *
 * @throws {SyntaxError} when no image of a set can be decoded.
 */
export async function openFolder(folder: UserFolder, options: OpenFolderOptions): Promise<Dataset> {
  const { train, directory, classes, testName } = folder;
  const heldOut = folder.test !== null && testName === null;
  const about = {
    name: shownName(basename(resolve(directory))),
    classes,
    heldOut,
    ...(folder.significantBits < 16 && { significantBits: folder.significantBits }),
  };
  if ("images" in train) {
    const test = folder.test as ImageSet | null ?? noImages(train.imageShape);
    return {
      ...about,
      train,
      test,
      channelStatistics: computeChannelStatistics(train, "these training images"),
    };
  }
  const decoder = new DecodePool();
  try {
    const opened = await decodeSets(folder, decoder, options).catch((error) => {
      if (!(error instanceof ColorError)) throw error;
      return decodeSets(folder, decoder, { ...options, channels: 3 });
    });
    const { train } = opened;
    const channelStatistics = options.channelStatistics ??
      (options.testOnly
        ? neutral(train.imageShape[0])
        : await measure(train, folder, decoder, options.signal));
    return { ...about, ...opened, channelStatistics };
  } finally {
    decoder.close();
  }
}

/** @throws {ColorError} where an image has colour though none should. */
async function decodeSets(
  { directory, train, test, significantBits }: UserFolder,
  decoder: Decoder,
  { canvas, channels, channelsMayGrow = false, testOnly = false, memoryLimit = MEMORY_LIMIT, signal }:
    OpenFolderOptions,
): Promise<Required<Pick<Dataset, "train" | "test" | "damaged">>> {
  const damaged: DamagedFile[] = [];
  const imageShape = [channels, ...canvas] as const;
  const mustBeGrey = channels === 1 && channelsMayGrow;
  let left = memoryLimit;
  const read = async ({ names = [], labels }: FolderExamples, mayDecode = true): Promise<ImageSource> => {
    const files = { names, labels, directory, imageShape, significantBits, damaged };
    const bytes = names.length * sizeOf(imageShape);
    if (bytes > left || !mayDecode) return streamFiles(files);
    left -= bytes;
    return await decodeAll(files, { decoder, mustBeGrey, signal });
  };
  const tested = test === null ? noImages(imageShape) : await read(test);
  return { test: tested, train: await read(train, !testOnly), damaged };
}

/** @throws {SyntaxError} when none can be decoded. @throws {ColorError} when one must be grey that is not. */
async function decodeAll(
  files: ImageFiles,
  { signal, ...options }: StreamFilesOptions & Pick<OpenFolderOptions, "signal">,
): Promise<ImageSet> {
  const set = await readImages(streamFiles(files, options), { signal });
  if (set.labels.length > 0) return set;
  throw new SyntaxError(
    `Cannot use ${files.directory} as its files must be images: ${describeDamage(files.damaged ?? [], 5)}`,
  );
}

function noImages(imageShape: ImageSet["imageShape"]): ImageSet {
  return { images: new Uint8Array(), labels: new Int32Array(), imageShape };
}

async function measure(
  train: ImageSource,
  { directory, significantBits }: UserFolder,
  decoder: Decoder,
  signal: AbortSignal | undefined,
): Promise<ChannelStatistics> {
  if (hasBytes(train)) return computeChannelStatistics(train, "these training images");
  const { names = [], imageShape } = train;
  const sample = { directory, names: spread(names, SAMPLED), imageShape, significantBits, damaged: [] };
  return computeChannelStatistics(
    await decodeAll(sample, { decoder, signal }),
    "some of these training images",
  );
}

function neutral(channels: number): ChannelStatistics {
  return {
    mean: new Array(channels).fill(0),
    standardDeviation: new Array(channels).fill(1),
    source: "none, as nobody trains",
  };
}
