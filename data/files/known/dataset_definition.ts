/** What a dataset with a name of its own is, and how it is asked for. */

import type { ChannelStatistics, Dataset } from "../../mod.ts";
import type { DownloadProgress } from "../download.ts";

/** A dataset as known before any of it is read. */
export interface DatasetDefinition {
  /** The name it is asked for by, such as `"mnist"` or `"cifar10"`. */
  readonly name: string;
  /** The name people write. */
  readonly title: string;
  /** Class names; a label is an index into them. None where only the files tell. */
  readonly classes: readonly string[];
  /** `[C, H, W]`; at most so large where only the files tell. */
  readonly imageShape: readonly [number, number, number];
  /** What to normalise its pixels with. */
  readonly channelStatistics: ChannelStatistics;
  /** Whether a mirrored image keeps its class. */
  readonly horizontalFlip: boolean;
  /** Files it expects and how to get them, as text for help and errors. */
  readonly howToGet: string;
  /**
   * Reads the dataset into host memory; pictures of a folder as far as the limit on memory allows.
   *
   * @throws {Deno.errors.NotFound} when its files are not there.
   * @throws {SyntaxError} when a file is damaged or of another format.
   * @throws {RangeError} when a label is none of the classes.
   */
  load(options?: LoadOptions): Promise<Dataset>;
}

/** Where a dataset is looked for, and whether it may be fetched. */
export interface LoadOptions {
  /**
   * The folder with the dataset's files, or with a folder of the dataset's name that has them; no other place
   * is searched then.
   */
  readonly dataDirectory?: string;
  /**
   * Whether to fetch missing files from their official address, into the data directory where one is given,
   * else into the user's cache folder (default: false).
   */
  readonly download?: boolean;
  /** Bytes of memory for decoded images of a folder (default: 2 GiB). */
  readonly memoryLimit?: number;
  /** Height and width that images of a folder are kept at, at most (default: 256). */
  readonly imageSize?: number;
  /** Called while a file is being fetched. */
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Stops the loading; a half-fetched file is removed. */
  readonly signal?: AbortSignal;
}
