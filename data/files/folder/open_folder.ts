/** A user's folder as a dataset. */

import { basename, resolve } from "node:path";
import { imageBytesOf } from "../decode/batch_stream.ts";
import {
  type ChannelStatistics,
  computeChannelStatistics,
  type DamagedFile,
  type Images,
  type ImageSet,
  isInMemory,
  type OpenedDataset,
  type StreamedImages,
} from "../../mod.ts";
import type { ChannelCount, Size } from "../decode/decode_image.ts";
import { decodeAll, decodeAllGrey } from "../decode/decode_all.ts";
import { DecodePool, type Decoder } from "../decode/decode_pool.ts";
import type { ListedFiles } from "./image_folder_files.ts";
import type { OwnExamples, OwnFolder } from "./examine_folder.ts";

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
  /** Whether training images stay in their files in any case, as nobody trains (default: false). */
  readonly testOnly?: boolean;
  /** Bytes of memory for decoded images (default: 2 GiB). */
  readonly memoryLimit?: number;
  /** Stops it. */
  readonly signal?: AbortSignal;
}

const DEFAULT_LIMIT = 2 ** 31;
/** Images that channel statistics are computed of where not all are in memory. */
const SAMPLED = 1000;

/**
 * Opens a folder: decodes the test images, then those to train with into memory if they fit into the limit, otherwise
 * leaves them in their files. Its channel statistics are those of its training images.
 *
 * @throws {SyntaxError} when no image of a set can be decoded.
 */
export async function openFolder(folder: OwnFolder, options: OpenFolderOptions): Promise<OpenedDataset> {
  const { train, directory, classes, testName } = folder;
  const heldOut = folder.test !== null && testName === null;
  const about = { name: basename(resolve(directory)), classes, heldOut };
  if ("images" in train) {
    const test = folder.test as ImageSet | null ?? noImages(train.imageShape);
    return { ...about, train, test, channelStatistics: statisticsOf(train, "these training images") };
  }
  const decoder = new DecodePool();
  try {
    const opened = await decodeSets(folder, decoder, options) ??
      await decodeSets(folder, decoder, { ...options, channels: 3, channelsMayGrow: false });
    const channelStatistics = options.testOnly
      ? neutral(opened!.train.imageShape[0])
      : isInMemory(opened!.train)
      ? statisticsOf(opened!.train as ImageSet, "these training images")
      : statisticsOf(
        await decodeAll(sampleOf(opened!.train), decoder, options.signal),
        "some of these training images",
      );
    return { ...about, ...opened!, channelStatistics };
  } finally {
    decoder.close();
  }
}

type Sets = Pick<OpenedDataset, "train" | "test"> & { readonly damaged: DamagedFile[] };

/** @returns nothing where an image has colour though none should. */
async function decodeSets(
  { directory, train, test }: OwnFolder,
  decoder: Decoder,
  { canvas, channels, channelsMayGrow = false, testOnly = false, memoryLimit = DEFAULT_LIMIT, signal }:
    OpenFolderOptions,
): Promise<Sets | undefined> {
  const damaged: DamagedFile[] = [];
  const decode = channels === 1 && channelsMayGrow ? decodeAllGrey : decodeAll;
  const streamed = ({ names, labels }: ListedFiles | OwnExamples): StreamedImages => ({
    names: names!,
    labels,
    directory,
    imageShape: [channels, ...canvas],
    damaged,
  });
  let left = memoryLimit;
  const read = async (examples: OwnExamples): Promise<Images | undefined> => {
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

function sampleOf(set: Images): StreamedImages {
  const { names, labels, ...rest } = set as StreamedImages;
  const count = Math.min(SAMPLED, names.length);
  const chosen = Int32Array.from({ length: count }, (_, i) => Math.floor(i * names.length / count));
  return {
    ...rest,
    names: Array.from(chosen, (i) => names[i]!),
    labels: chosen.map((i) => labels[i]!),
    damaged: [],
  };
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
