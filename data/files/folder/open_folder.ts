/** A user's folder as a dataset. */

import { basename, resolve } from "node:path";
import { imageBytesOf } from "../decode/batch_stream.ts";
import {
  type ChannelStatistics,
  computeChannelStatistics,
  type DamagedFile,
  type ImageSet,
  type OpenedDataset,
  type StreamedImages,
} from "../../mod.ts";
import type { ChannelCount, Size } from "../decode/decode_image.ts";
import { decodeAll, decodeAllGrey } from "../decode/decode_all.ts";
import { DecodePool, type Decoder } from "../decode/decode_pool.ts";
import type { OwnExamples, OwnFolder } from "./examine_folder.ts";
import { spread } from "./survey.ts";

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

/** A folder that was opened: bytes in memory, or files. */
export interface OpenedFolder extends OpenedDataset {
  /** The training images with all labels that there are. */
  readonly train: ImageSet | StreamedImages;
  /** The test images; none where there is nothing to test on. */
  readonly test: ImageSet | StreamedImages;
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
export async function openFolder(folder: OwnFolder, options: OpenFolderOptions): Promise<OpenedFolder> {
  const { train, directory, classes, testName } = folder;
  const heldOut = folder.test !== null && testName === null;
  const about = { name: basename(resolve(directory)), classes, heldOut };
  if ("images" in train) {
    const test = folder.test as ImageSet | null ?? noImages(train.imageShape);
    return { ...about, train, test, channelStatistics: statisticsOf(train, "these training images") };
  }
  const decoder = new DecodePool();
  try {
    return { ...about, ...await openFiles(folder, decoder, options) };
  } finally {
    decoder.close();
  }
}

async function openFiles(
  folder: OwnFolder,
  decoder: Decoder,
  options: OpenFolderOptions,
): Promise<Sets & Pick<OpenedFolder, "channelStatistics">> {
  const opened = await decodeSets(folder, decoder, options);
  if (!opened) return await openFiles(folder, decoder, { ...options, channels: 3, channelsMayGrow: false });
  const { train } = opened;
  const channelStatistics = options.channelStatistics ??
    (options.testOnly ? neutral(train.imageShape[0]) : await measure(train, decoder, options.signal));
  return { ...opened, channelStatistics };
}

type Sets = Pick<OpenedFolder, "train" | "test" | "damaged">;

/** @returns nothing where an image has colour though none should. */
async function decodeSets(
  { directory, train, test }: OwnFolder,
  decoder: Decoder,
  { canvas, channels, channelsMayGrow = false, testOnly = false, memoryLimit = MEMORY_LIMIT, signal }:
    OpenFolderOptions,
): Promise<Sets | undefined> {
  const damaged: DamagedFile[] = [];
  const decode = channels === 1 && channelsMayGrow ? decodeAllGrey : decodeAll;
  const streamed = ({ names = [], labels }: OwnExamples): StreamedImages => ({
    names,
    labels,
    directory,
    imageShape: [channels, ...canvas],
    damaged,
  });
  let left = memoryLimit;
  const read = async (examples: OwnExamples): Promise<ImageSet | StreamedImages | undefined> => {
    const set = streamed(examples), bytes = set.names.length * imageBytesOf(set);
    if (bytes > left) return set;
    left -= bytes;
    return await decode(set, decoder, signal);
  };
  const tested = test === null ? noImages([channels, ...canvas]) : await read(test);
  const trained = testOnly ? streamed(train) : tested && await read(train);
  return tested && trained && { train: trained, test: tested, damaged };
}

function noImages(imageShape: ImageSet["imageShape"]): ImageSet {
  return { images: new Uint8Array(), labels: new Int32Array(), imageShape };
}

async function measure(
  train: Sets["train"],
  decoder: Decoder,
  signal: AbortSignal | undefined,
): Promise<ChannelStatistics> {
  if ("images" in train) return statisticsOf(train, "these training images");
  const names = spread(train.names, SAMPLED);
  const sample = { ...train, names, labels: new Int32Array(names.length), damaged: [] };
  return statisticsOf(await decodeAll(sample, decoder, signal), "some of these training images");
}

function statisticsOf(set: ImageSet, source: string): ChannelStatistics {
  const { mean, standardDeviation } = computeChannelStatistics(set);
  // A channel that never changes has nothing to be scaled.
  return { mean, standardDeviation: standardDeviation.map((each) => each || 1), source };
}

function neutral(channels: number): ChannelStatistics {
  return {
    mean: new Array(channels).fill(0),
    standardDeviation: new Array(channels).fill(1),
    source: "none, as nobody trains",
  };
}
