/** The words all of this room is written in: image sets, datasets, and how one is asked for. */

/** The class index of an example without a label. */
export const NO_LABEL: number = -1;

/** Numbers of images: bytes 0 to 255 as they come, or floats that {@linkcode preprocess} made of them. */
export type Pixels = Uint8Array | Float32Array;

/** Equally sized images with a class each, wherever their pixels are. */
export interface ImageSource<P extends Pixels | PixelReader = Pixels | PixelReader> {
  /** Pixels in memory, `[N, C, H, W]` row-major, or what reads batches of them. */
  readonly images: P;
  /** Class index per image `[N]`; NO_LABEL (-1) = unlabelled. */
  readonly labels: Int32Array;
  /** `[C, H, W]` */
  readonly imageShape: readonly [number, number, number];
  /** Width / height of each image as it should be seen `[N]`, where that is not the shape of its pixels; of images in memory. */
  readonly aspects?: Float32Array;
  /** Name of each example in label lists `[N]`; {@linkcode exampleName} says it where absent. */
  readonly names?: readonly string[];
}

/** A set of images in memory. */
export type ImageSet<P extends Pixels = Uint8Array> = ImageSource<P>;

/**
 * Reads the pixels of images when a batch needs them: from files, or from wherever a user's own reader has them.
 *
 * @example Images that are computed
 * ```ts
 * import type { ImageSource, PixelReader } from "./mod.ts";
 *
 * // Image i of 1×8×8 pixels is as bright as its number says.
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
  /** Reads the batches of a plan, ahead of their use where that takes time. */
  open(plan: BatchPlan): PixelBatches;
}

/** Which images are in which batch. */
export interface BatchPlan {
  /** Images of a batch. */
  readonly batchSize: number;
  /** Indices of the images of the batch of a step `[B]`, −1 for none; nothing after the last step. */
  readonly indicesOf: (step: number) => Int32Array | undefined;
}

/** Batches in the order of their steps, from any step on. */
export interface PixelBatches {
  /** The batch of a step; the one taken before is no longer valid. */
  take(step: number): PixelBatch | Promise<PixelBatch>;
  /** Stops what reads ahead. */
  close(): void;
}

/** Pixels of a batch, in memory that the next batch may use again. */
export interface PixelBatch {
  /** Bytes of `[B, C, H, W]`, and up to three more; of no account where there is no image. */
  readonly pixels: Uint8Array;
  /** Width / height of each image as it should be seen `[B]`; the shape of its pixels where absent. */
  readonly aspects?: Float32Array;
  /** Places in the batch whose images could not be read, and are left out. */
  readonly missing?: ReadonlySet<number>;
}

/** A file that could not be decoded. */
export interface DamagedFile {
  /** Its name below the dataset's folder. */
  readonly name: string;
  /** What is wrong, in words that follow the name: `"it is empty"`. */
  readonly reason: string;
}

/** Whether images are in memory, all of them. */
export function isResident(source: ImageSource): source is ImageSource<Pixels> {
  return ArrayBuffer.isView(source.images);
}

/** Whether images are in memory, as bytes. */
export function hasBytes(source: ImageSource): source is ImageSet {
  return source.images instanceof Uint8Array;
}

/** Mean and standard deviation per channel, of bytes scaled to `[0, 1]`, or of floats as they are. */
export interface ChannelStatistics {
  /** Mean of each channel `[C]`. */
  readonly mean: readonly number[];
  /** Standard deviation of each channel `[C]`, over all pixels of all images (divided by their count). */
  readonly standardDeviation: readonly number[];
  /** Where the numbers come from. */
  readonly source: string;
}

/** A dataset: its training and its test images. */
export interface Dataset<P extends Pixels | PixelReader = Pixels | PixelReader> {
  /** The name it is asked for by, such as `"mnist"`. */
  readonly name: string;
  /** Class names; a label is an index into them. */
  readonly classes: readonly string[];
  /** What to normalise its pixels with. */
  readonly channelStatistics: ChannelStatistics;
  /** The training images with all labels that there are: hide some with {@linkcode hideLabels}. */
  readonly train: ImageSource<P>;
  /** The test images; none where there is nothing to test on. */
  readonly test: ImageSource<P>;
  /** Whether the test images are a part of the user's labels that is held out of training, not a test set of its own. */
  readonly heldOut?: boolean;
  /** How many of 16 bits its images use, where some have 16 and use fewer. */
  readonly significantBits?: number;
  /** The files that could not be decoded so far, of both sets, for {@linkcode describeDamage}; absent where none can be. */
  readonly damaged?: readonly DamagedFile[];
  /** Sentences on what was passed over in its folder; absent where nothing can be. */
  readonly notes?: readonly string[];
}
