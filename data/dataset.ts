/** The basic types of `data/`: image sets, readers of pixels, and datasets. */

/** The class index of an example without a label. */
export const NO_LABEL: number = -1;

/** Pixel values: bytes 0 to 255, or floats after preprocessing. */
export type Pixels = Uint8Array | Float32Array;

/** Images of equal size with their labels; pixels are in memory or read on demand. */
export interface ImageSource<P extends Pixels | PixelReader = Pixels | PixelReader> {
  /** Pixels in memory, `[N, C, H, W]` row-major, or a reader of batches. */
  readonly images: P;
  /** Class index per image `[N]`; NO_LABEL (-1) = unlabelled. */
  readonly labels: Int32Array;
  /** `[C, H, W]` */
  readonly imageShape: readonly [number, number, number];
  /**
   * Width / height at which each image is displayed `[N]`, if it differs from W / H; only for images in
   * memory.
   */
  readonly aspects?: Float32Array;
  /** Name of each example in label lists `[N]`; if absent, {@linkcode exampleName} generates the names. */
  readonly names?: readonly string[];
}

/** A set of images in memory. */
export type ImageSet<P extends Pixels = Uint8Array> = ImageSource<P>;

/**
 * A reader that loads pixels when a batch needs them: from files, or from any source that a custom reader
 * supports.
 *
 * @example Computed images
 * ```ts
 * import type { ImageSource, PixelReader } from "./mod.ts";
 *
 * // Image i of 1×8×8 pixels has brightness i mod 256.
 * const gradients: PixelReader = {
 *   open: ({ batchSize, indicesOf }) => ({
 *     take(step) {
 *       const pixels = new Uint8Array(batchSize * 64);
 *       indicesOf(step)?.forEach((index, place) => pixels.fill(index % 256, 64 * place, 64 * (place + 1)));
 *       return { pixels };
 *     },
 *     close() {},
 *   }),
 * };
 * const labels = Int32Array.from({ length: 1000 }, (_, i) => i % 256 < 128 ? 0 : 1);
 * export const train: ImageSource = { images: gradients, labels, imageShape: [1, 8, 8] };
 * ```
 */
export interface PixelReader {
  /** Starts reading the batches of a plan; slow readers should read ahead. */
  open(plan: BatchPlan): PixelBatches;
}

/** The images of each batch. */
export interface BatchPlan {
  /** Number of images in a batch. */
  readonly batchSize: number;
  /**
   * Returns the image indices of a step's batch `[B]`, −1 for an empty place; undefined after the last step.
   */
  readonly indicesOf: (step: number) => Int32Array | undefined;
}

/** Batches in ascending order of their steps, starting at any step. */
export interface PixelBatches {
  /** Returns the batch of a step and invalidates the previous batch. */
  take(step: number): PixelBatch | Promise<PixelBatch>;
  /** Stops reading ahead. */
  close(): void;
}

/** Pixels of a batch, in memory that the next batch may overwrite. */
export interface PixelBatch {
  /** Bytes `[B, C, H, W]` and up to three bytes of padding; undefined content at empty places. */
  readonly pixels: Uint8Array;
  /** Width / height at which each image is displayed `[B]` (default: W / H). */
  readonly aspects?: Float32Array;
  /** Places in the batch whose images could not be read and are skipped. */
  readonly missing?: ReadonlySet<number>;
}

/** A file that could not be decoded. */
export interface DamagedFile {
  /** File path relative to the dataset's folder. */
  readonly name: string;
  /** Reason as a clause that follows the name: `"it is empty"`. */
  readonly reason: string;
}

/** Returns whether all images are in memory. */
export function isResident(source: ImageSource): source is ImageSource<Pixels> {
  return ArrayBuffer.isView(source.images);
}

/** Returns whether all images are in memory as bytes. */
export function hasBytes(source: ImageSource): source is ImageSet {
  return source.images instanceof Uint8Array;
}

/** Mean and standard deviation per channel; bytes are scaled to `[0, 1]` first, floats are not scaled. */
export interface ChannelStatistics {
  /** Mean of each channel `[C]`. */
  readonly mean: readonly number[];
  /** Standard deviation of each channel `[C]` over all pixels of all images (population formula). */
  readonly standardDeviation: readonly number[];
  /** Origin of the numbers, such as a citation. */
  readonly source: string;
}

/** A dataset with training and test images. */
export interface Dataset<P extends Pixels | PixelReader = Pixels | PixelReader> {
  /** Name of the dataset, such as `"mnist"`. */
  readonly name: string;
  /** Class names; a label is an index into them. */
  readonly classes: readonly string[];
  /** Channel statistics for normalising its pixels. */
  readonly channelStatistics: ChannelStatistics;
  /** Training images with all known labels; {@linkcode hideLabels} hides some of them. */
  readonly train: ImageSource<P>;
  /** Test images; empty if the dataset has none. */
  readonly test: ImageSource<P>;
  /**
   * True if the test images were held out of the labelled training images instead of coming from a test set.
   */
  readonly heldOut?: boolean;
  /** Number of bits used by 16-bit images, if fewer than 16. */
  readonly significantBits?: number;
  /**
   * Files of both sets that could not be decoded so far; see {@linkcode describeDamage}. Absent for data that
   * is not read from files.
   */
  readonly damaged?: readonly DamagedFile[];
  /** Sentences about files in the dataset's folder that were ignored or reinterpreted, if any. */
  readonly notes?: readonly string[];
}
