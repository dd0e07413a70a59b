/** What is done once with all images of a dataset, before training. */

import { join } from "node:path";
import { type Device, sizeOf } from "../../kernels/mod.ts";
import { cacheDirectory } from "./cache.ts";
import {
  applyZca,
  type ChannelStatistics,
  type Dataset,
  fitZca,
  globalContrastNormalization,
  hasBytes,
  type ImageSet,
  perImageNormalization,
  type ZcaTransform,
} from "../mod.ts";
import { cachedZca } from "./zca_cache.ts";

/**
 * How pixels become what the network is fed with, by itself or by image:
 * - `"gcn-zca"`: global contrast normalisation to norm 55, then ZCA whitening of the training images with 0.1 added to
 *   the covariance, for CIFAR with the ConvNet;
 * - `"per-image"`: each image to mean 0 and standard deviation 1, for SVHN with the ConvNet.
 *
 * A normalisation by channel is none of these: it is part of the network's input, from
 * {@linkcode ChannelStatistics}.
 */
export type Preprocessing = "gcn-zca" | "per-image";

/** How to preprocess. */
export interface PreprocessOptions {
  /** The device that computes large products. */
  readonly device: Device;
  /** Where fitted whitenings are kept; null = nowhere (default: `whitening` in {@linkcode cacheDirectory}). */
  readonly cacheDirectory?: string | null;
  /** Told in a sentence when a kept whitening is damaged or one cannot be kept (default: nobody). */
  readonly onMessage?: (message: string) => void;
  /** Stops it. */
  readonly signal?: AbortSignal;
}

/** A dataset of preprocessed images. */
export interface PreprocessedDataset extends Dataset<Float32Array> {
  /** What its images were whitened with, after global contrast normalisation; there for `"gcn-zca"`. */
  readonly whitening?: ZcaTransform;
}

const NORM = 55;
const REGULARIZATION = 0.1;

/**
 * The dataset with float images that are to be used as they are: its channel statistics are mean 0 and standard
 * deviation 1. Labels stay.
 *
 * Whitening is fitted to all training images, labelled or not, and applied to the test images too; the fit of images of
 * 3072 numbers takes a minute and is kept on the disk, by a checksum of images and parameters.
 *
 * @throws {RangeError} when the images are too large for a whitening.
 */
export async function preprocess(
  dataset: Dataset,
  preprocessing: Preprocessing,
  options: PreprocessOptions,
): Promise<PreprocessedDataset> {
  const { train, test } = dataset;
  if (!hasBytes(train) || !hasBytes(test)) {
    throw new RangeError(
      `Cannot normalise ${dataset.name} with ${preprocessing} as its images must be bytes in memory: they are floats, or in files. Give a larger memory limit.`,
    );
  }
  const sets = preprocessing === "per-image"
    ? { train: normalizeEach(train), test: normalizeEach(test) }
    : await whiten({ train, test }, options);
  const [channels] = train.imageShape;
  const channelStatistics: ChannelStatistics = {
    mean: new Array(channels).fill(0),
    standardDeviation: new Array(channels).fill(1),
    source: preprocessing === "per-image"
      ? "every image has mean 0, standard deviation 1"
      : "images are whitened",
  };
  return { ...dataset, ...sets, channelStatistics };
}

function normalizeEach(set: ImageSet): ImageSet<Float32Array> {
  return { ...set, images: perImageNormalization(set.images, sizeOf(set.imageShape)) };
}

async function whiten(
  { train, test }: Pick<Dataset<Uint8Array>, "train" | "test">,
  { cacheDirectory: directory = join(cacheDirectory(), "whitening"), onMessage = () => {}, ...where }:
    PreprocessOptions,
): Promise<Required<Pick<PreprocessedDataset, "train" | "test" | "whitening">>> {
  const size = sizeOf(train.imageShape);
  const normalized = globalContrastNormalization(train.images, size, NORM);
  const fit = () => fitZca(normalized, size, { ...where, regularization: REGULARIZATION });
  const parameters = { imageShape: train.imageShape, norm: NORM, regularization: REGULARIZATION };
  const transform: ZcaTransform = directory === null
    ? await fit()
    : await cachedZca({ images: train.images, parameters }, { directory, onMessage }, fit);
  const apply = (images: Float32Array<ArrayBuffer>) =>
    applyZca(transform, images, { ...where, output: images });
  return {
    whitening: transform,
    train: { ...train, images: await apply(normalized) },
    test: { ...test, images: await apply(globalContrastNormalization(test.images, size, NORM)) },
  };
}
