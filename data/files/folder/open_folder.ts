/** A user's folder as a dataset. */

import { basename, resolve } from "node:path";
import { sizeOf } from "../../../kernels/mod.ts";
import {
  type ChannelStatistics,
  computeChannelStatistics,
  type DamagedFile,
  hasBytes,
  type ImageSet,
  type ImageSource,
  type OpenedDataset,
} from "../../mod.ts";
import type { ChannelCount, Size } from "../decode/decode_image.ts";
import { decodeAll } from "../decode/decode_all.ts";
import { ColorError, type ImageFiles, streamFiles } from "../decode/stream_files.ts";
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
    const opened = await decodeSets(folder, decoder, options).catch((error) => {
      if (!(error instanceof ColorError)) throw error;
      return decodeSets(folder, decoder, { ...options, channels: 3 });
    });
    const { train, damaged } = opened, { signal } = options;
    const channelStatistics = options.testOnly
      ? neutral(train.imageShape[0])
      : hasBytes(train)
      ? statisticsOf(train, "these training images")
      : statisticsOf(
        await decodeAll(train, { directory, damaged }, { indices: sampleOf(train), signal }),
        "some of these training images",
      );
    return { ...about, ...opened, channelStatistics };
  } finally {
    decoder.close();
  }
}

type Sets = Pick<OpenedDataset, "train" | "test"> & { readonly damaged: DamagedFile[] };

/** @throws {ColorError} where an image has colour though none should. */
async function decodeSets(
  { directory, train, test }: OwnFolder,
  decoder: Decoder,
  { canvas, channels, channelsMayGrow = false, testOnly = false, memoryLimit = DEFAULT_LIMIT, signal }:
    OpenFolderOptions,
): Promise<Sets> {
  const damaged: DamagedFile[] = [];
  const mustBeGrey = channels === 1 && channelsMayGrow;
  const filesOf = ({ names = [], labels }: ListedFiles | OwnExamples): ImageFiles => ({
    names,
    labels,
    directory,
    imageShape: [channels, ...canvas],
    damaged,
  });
  let left = memoryLimit;
  const read = async (examples: OwnExamples): Promise<ImageSource> => {
    const files = filesOf(examples), bytes = files.names.length * sizeOf(files.imageShape);
    if (bytes > left) return streamFiles(files);
    left -= bytes;
    return await decodeAll(streamFiles(files, { decoder, mustBeGrey }), { directory, damaged }, { signal });
  };
  const tested = test === null ? noImages([channels, ...canvas]) : await read(test);
  const trained = testOnly ? streamFiles(filesOf(train)) : await read(train);
  return { train: trained, test: tested, damaged };
}

function noImages(imageShape: ImageSet["imageShape"]): ImageSet {
  return { images: new Uint8Array(), labels: new Int32Array(), imageShape };
}

function sampleOf({ labels }: ImageSource): Int32Array {
  const count = Math.min(SAMPLED, labels.length);
  return Int32Array.from({ length: count }, (_, i) => Math.floor(i * labels.length / count));
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
