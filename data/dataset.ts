/** The words all of this room is written in: image sets, datasets, and how one is asked for. */

/** The class index of an example without a label. */
export const NO_LABEL: number = -1;

/** Numbers of images: bytes 0 to 255 as they come, or floats that {@linkcode preprocess} made of them. */
export type Pixels = Uint8Array | Float32Array;

/** A set of equally sized images with a class each. */
export interface ImageSet<P extends Pixels = Uint8Array> {
  /** Pixels, `[N, C, H, W]` row-major. */
  readonly images: P;
  /** Class index per image `[N]`; NO_LABEL (-1) = unlabelled. */
  readonly labels: Int32Array;
  /** `[C, H, W]` */
  readonly imageShape: readonly [number, number, number];
  /** Width / height of each image as it should be seen `[N]`, where that is not the shape of its pixels. */
  readonly aspects?: Float32Array;
  /** Name of each example in label lists `[N]`; {@linkcode exampleName} says it where absent. */
  readonly names?: readonly string[];
}

/** A set of images that stay in their files until a batch needs them. */
export interface StreamedImages {
  /** The folder that the names start from. */
  readonly directory: string;
  /** File of each image, below the folder `[N]`; its name in label lists too. */
  readonly names: readonly string[];
  /** Class index per image `[N]`; NO_LABEL (-1) = unlabelled. */
  readonly labels: Int32Array;
  /** `[C, H, W]`: what each image is resampled to when it is decoded. */
  readonly imageShape: readonly [1 | 3, number, number];
  /** The files that could not be decoded so far; grows while batches are read. */
  readonly damaged: DamagedFile[];
}

/** A file that could not be decoded. */
export interface DamagedFile {
  /** Its name below the dataset's folder. */
  readonly name: string;
  /** What is wrong, in words that follow the name: `"it is empty"`. */
  readonly reason: string;
}

/** Images in memory or in their files. */
export type Images = ImageSet<Pixels> | StreamedImages;

/** Whether images are in memory, all of them. */
export function isInMemory(images: Images): images is ImageSet<Pixels> {
  return "images" in images;
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

/** A loaded dataset: its training and its test images, in host memory. */
export interface Dataset<P extends Pixels = Uint8Array> {
  /** The name it is asked for by, such as `"mnist"`. */
  readonly name: string;
  /** Class names; a label is an index into them. */
  readonly classes: readonly string[];
  /** What to normalise its pixels with. */
  readonly channelStatistics: ChannelStatistics;
  /** The training images with all labels that there are: hide some with {@linkcode hideLabels}. */
  readonly train: ImageSet<P>;
  /** The test images. */
  readonly test: ImageSet<P>;
}

/** A dataset whose images are in memory as far as they fit. */
export interface OpenedDataset extends Pick<Dataset, "name" | "classes" | "channelStatistics"> {
  /** The training images with all labels that there are. */
  readonly train: Images;
  /** The test images; none where there is nothing to test on. */
  readonly test: Images;
  /** Whether the test images are a part of the user's labels that is held out of training, not a test set of its own. */
  readonly heldOut?: boolean;
  /** The files that could not be decoded so far, of both sets, for {@linkcode describeDamage}; absent where none can be. */
  readonly damaged?: readonly DamagedFile[];
  /** Sentences on what was passed over in its folder; absent where nothing can be. */
  readonly notes?: readonly string[];
}
