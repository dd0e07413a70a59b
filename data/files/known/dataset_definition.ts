/** Definition and loading options of a known dataset. */

import type { ChannelStatistics, Dataset } from "../../mod.ts";
import type { DownloadProgress } from "../download.ts";

/** Description of a dataset that is known before its files are read. */
export interface DatasetDefinition {
  /** Name in options, such as `"mnist"` or `"cifar10"`. */
  readonly name: string;
  /** Name in texts, such as `"MNIST"`. */
  readonly title: string;
  /** Class names; a label is an index into them. Empty if known only from the files. */
  readonly classes: readonly string[];
  /** `[C, H, W]`; an upper bound if known only from the files. */
  readonly imageShape: readonly [number, number, number];
  /** Channel statistics for normalising its pixels. */
  readonly channelStatistics: ChannelStatistics;
  /** True if a mirrored image keeps its class. */
  readonly horizontalFlip: boolean;
  /** Sentence for help and errors about its files and ways to get them. */
  readonly howToGet: string;
  /**
   * Reads the dataset into host memory. Pictures of a folder that exceed the memory limit stay in their
   * files.
   *
   * @throws {Deno.errors.NotFound} when its files are missing.
   * @throws {SyntaxError} when a file is damaged or of another format.
   * @throws {RangeError} when a label is not one of the classes.
   */
  load(options?: LoadOptions): Promise<Dataset>;
}

/** Options of {@linkcode DatasetDefinition.load}. */
export interface LoadOptions {
  /**
   * Folder that contains the dataset's files, or a sub-folder of the dataset's name with them (default: the
   * usual places, such as the user's cache folder).
   */
  readonly dataDirectory?: string;
  /**
   * True to download missing files from their official URL, into `dataDirectory` if set, otherwise into the
   * user's cache folder (default: false).
   */
  readonly download?: boolean;
  /** Maximum number of bytes of decoded images of a folder in memory (default: 2 GiB). */
  readonly memoryLimit?: number;
  /** Maximum height and width to which images of a folder are resampled (default: 256). */
  readonly imageSize?: number;
  /** Number of bits used by 16-bit images of a folder (default: detected). */
  readonly significantBits?: number;
  /** Function called with the progress of downloads. */
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Signal that aborts loading; incomplete downloads are removed. */
  readonly signal?: AbortSignal;
}
