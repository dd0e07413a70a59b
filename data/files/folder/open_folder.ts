/** Opening of a user's folder as a dataset. */

import { basename, resolve } from "node:path";
import { sizeOf } from "../../../kernels/mod.ts";
import { describeDamage, shownName, spread } from "../../internal.ts";
import {
  type ChannelStatistics,
  computeChannelStatistics,
  type DamagedFile,
  type Dataset,
  hasBytes,
  type ImageSet,
  type ImageSource,
  readImages,
} from "../../mod.ts";
import type { ChannelCount, Size } from "../decode/decode_image.ts";
import { ColorError, type ImageFiles, streamFiles, type StreamFilesOptions } from "../decode/stream_files.ts";
import { DecodePool, type Decoder } from "../decode/decode_pool.ts";
import type { FolderExamples, UserFolder } from "./examine_folder.ts";

/** Options of {@linkcode openFolder}. */
export interface OpenFolderOptions {
  /** Height and width to which images in files are resampled; images of arrays keep their size. */
  readonly canvas: Size;
  /** Number of channels to which images are decoded. */
  readonly channels: ChannelCount;
  /**
   * True to decode all images to three channels if an image in memory turns out to have colour although
   * `channels` is 1 (default: false).
   */
  readonly channelsMayGrow?: boolean;
  /** Statistics for normalising pixels (default: those of the training images). */
  readonly channelStatistics?: ChannelStatistics;
  /** True if only test images are needed; training images stay in their files (default: false). */
  readonly testOnly?: boolean;
  /** Maximum number of bytes of decoded images in memory (default: {@linkcode MEMORY_LIMIT}). */
  readonly memoryLimit?: number | undefined;
  /** Signal that aborts opening. */
  readonly signal?: AbortSignal | undefined;
}

/** Default maximum number of bytes of decoded images in memory: 2 GiB. */
export const MEMORY_LIMIT: number = 2 ** 31;
/** Number of images sampled for channel statistics if images stay in their files. */
const SAMPLED = 1000;

/**
 * Opens a folder. Test images, then training images are decoded into memory if they fit into the limit;
 * otherwise they stay in their files. Images are resampled to the canvas unless they have its size; their
 * original aspects are kept.
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
        ? neutralStatistics(train.imageShape[0])
        : await measure(train, folder, decoder, options.signal));
    return { ...about, ...opened, channelStatistics };
  } finally {
    decoder.close();
  }
}

/** Decodes the sets. @throws {ColorError} when an image has colour, but none should. */
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

/**
 * Decodes files.
 *
 * @throws {SyntaxError} when none can be decoded.
 * @throws {ColorError} when an image must be grey but is not.
 */
async function decodeAll(
  files: ImageFiles,
  { signal, ...options }: StreamFilesOptions & Pick<OpenFolderOptions, "signal">,
): Promise<ImageSet> {
  const set = await readImages(streamFiles(files, options), { signal });
  if (set.labels.length > 0) return set;
  throw new SyntaxError(
    `Cannot use ${files.directory}: no image can be decoded; ${describeDamage(files.damaged ?? [], 5)}`,
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

function neutralStatistics(channels: number): ChannelStatistics {
  return {
    mean: new Array(channels).fill(0),
    standardDeviation: new Array(channels).fill(1),
    source: "none, as there is no training",
  };
}
