/** Preprocessing of all images of a dataset, once before training. */

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
 * Preprocessing of images:
 * - `"gcn-zca"`: global contrast normalisation to norm 55, then ZCA whitening of the training images with 0.1
 * added to
 *   the covariance, for CIFAR with the ConvNet;
 * - `"per-image"`: each image to mean 0 and standard deviation 1, for SVHN with the ConvNet.
 *
 * Normalisation by channel is not a preprocessing; the network's input layer does it with
 * {@linkcode ChannelStatistics}.
 */
export type Preprocessing = "gcn-zca" | "per-image";

/** Options of {@linkcode preprocess}. */
export interface PreprocessOptions {
  /** Device that computes large matrix products. */
  readonly device: Device;
  /**
   * Folder for caching fitted whitenings; null = no cache (default: `whitening` in
   * {@linkcode cacheDirectory}).
   */
  readonly cacheDirectory?: string | null;
  /**
   * Function called with a sentence when a cached whitening is damaged or cannot be written (default:
   * ignored).
   */
  readonly onMessage?: (message: string) => void;
  /** Signal that aborts preprocessing. */
  readonly signal?: AbortSignal;
}

/** A dataset of preprocessed images. */
export interface PreprocessedDataset extends Dataset<Float32Array> {
  /** Whitening applied after global contrast normalisation; only for `"gcn-zca"`. */
  readonly whitening?: ZcaTransform;
}

const NORM = 55;
const REGULARIZATION = 0.1;

/**
 * Returns the dataset with preprocessed float images. Its channel statistics are mean 0 and standard
 * deviation 1, so no further normalisation takes place. Labels are unchanged.
 *
 * Whitening is fitted to all training images, labelled or not, and also applied to the test images. Fitting
 * takes about a minute for images of 3072 values; the result is cached on disk under a checksum of images and
 * parameters.
 *
 * @throws {RangeError} when images are not bytes in memory, or too large for a whitening.
 */
export async function preprocess(
  dataset: Dataset,
  preprocessing: Preprocessing,
  options: PreprocessOptions,
): Promise<PreprocessedDataset> {
  const { train, test } = dataset;
  if (!hasBytes(train) || !hasBytes(test)) {
    throw new RangeError(
      `Cannot normalise ${dataset.name} with ${preprocessing}: its images must be in memory as bytes, ` +
        "but they are floats or in files. Set a larger memory limit.",
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
