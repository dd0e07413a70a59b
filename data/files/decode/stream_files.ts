/** Images that stay in their files: a few batches at a time are decoded ahead of use. */

import { join } from "node:path";
import { sizeOf } from "../../../kernels/mod.ts";
import {
  type BatchPlan,
  type DamagedFile,
  type ImageSource,
  NO_LABEL,
  type PixelBatch,
  type PixelBatches,
  type PixelReader,
} from "../../mod.ts";
import { type ChannelCount, NOT_GREY } from "./decode_image.ts";
import { DecodePool, type Decoder } from "./decode_pool.ts";

/** Images in files. */
export interface ImageFiles {
  /** Folder to which names are relative (default: the working directory). */
  readonly directory?: string;
  /** Path of each image relative to the folder `[N]`; also its name in label lists. */
  readonly names: readonly string[];
  /** Class index per image `[N]`; NO_LABEL (−1) = unlabelled (default: all unlabelled). */
  readonly labels?: Int32Array;
  /** Shape `[C, H, W]` to which images are decoded and resampled, grey or RGB. */
  readonly imageShape: ImageSource["imageShape"];
  /** Number of bits used by 16-bit images (default: 16). */
  readonly significantBits?: number;
  /** Array to which files that cannot be decoded are appended, each once. */
  readonly damaged?: DamagedFile[];
}

/** Options of {@linkcode streamFiles}. */
export interface StreamFilesOptions {
  /** Maximum number of batches in memory, including the one in use (default: 3). */
  readonly batches?: number;
  /**
   * Decoder to use, which is not closed afterwards (default: a {@linkcode DecodePool} while batches are
   * read).
   */
  readonly decoder?: Decoder;
  /** True to throw a {@linkcode ColorError} at the first image with colour (default: false). */
  readonly mustBeGrey?: boolean;
}

/** Error for an image with colour if images must be grey. */
export class ColorError extends SyntaxError {}

/**
 * Creates a source of images in files. While a batch is in use, the next ones are decoded into a few reused
 * buffers. A batch depends only on its step, not on batches taken before.
 *
 * A file that cannot be decoded is appended to `damaged`, and its place in the batch is empty.
 *
 * @throws {RangeError} when the number of channels is neither 1 nor 3.
 */
export function streamFiles(files: ImageFiles, options: StreamFilesOptions = {}): ImageSource<PixelReader> {
  const { names, imageShape, labels = new Int32Array(names.length).fill(NO_LABEL) } = files;
  const [channels] = imageShape;
  if (channels !== 1 && channels !== 3) {
    throw new RangeError(
      `Cannot decode files: images must have 1 or 3 channels, but ${channels} are requested`,
    );
  }
  const noted = new Set<number>();
  const note = (index: number, file: DamagedFile) => {
    // Examples recur in every epoch.
    if (!noted.has(index)) files.damaged?.push(file);
    noted.add(index);
  };
  const open = (plan: BatchPlan) => new BatchStream({ ...files, channels, note }, plan, options);
  return { names, labels, imageShape, images: { open } };
}

interface StreamedFiles extends ImageFiles {
  readonly channels: ChannelCount;
  readonly note: (index: number, file: DamagedFile) => void;
}

/** Memory for a batch, with the batch being decoded into it. */
interface Slot {
  readonly buffer: SharedArrayBuffer;
  step: number | undefined;
  batch: Promise<PixelBatch | undefined>;
}

class BatchStream implements PixelBatches {
  readonly #files: StreamedFiles;
  readonly #plan: BatchPlan;
  readonly #decoder: Decoder;
  readonly #ownsDecoder: boolean;
  readonly #mustBeGrey: boolean;
  readonly #slots: readonly Slot[];

  /** Starts the workers without decoding anything yet. */
  constructor(
    files: StreamedFiles,
    plan: BatchPlan,
    { batches = 3, decoder, mustBeGrey = false }: StreamFilesOptions,
  ) {
    this.#files = files;
    this.#plan = plan;
    this.#decoder = decoder ?? new DecodePool();
    this.#ownsDecoder = !decoder;
    this.#mustBeGrey = mustBeGrey;
    // Padded to whole words.
    const bytes = Math.ceil(plan.batchSize * sizeOf(files.imageShape) / 4) * 4;
    this.#slots = Array.from({ length: batches }, () => ({
      buffer: new SharedArrayBuffer(bytes),
      step: undefined,
      batch: Promise.resolve(undefined),
    }));
  }

  /**
   * Returns the batch of a step.
   *
   * @throws {Error} when the decoder cannot run.
   * @throws {RangeError} after the last step.
   */
  async take(step: number): Promise<PixelBatch> {
    const wanted = new Map<number, Int32Array>();
    for (const ahead of this.#slots.keys()) {
      const indices = this.#plan.indicesOf(step + ahead);
      if (indices) wanted.set(step + ahead, indices);
    }
    const free = this.#slots.filter((slot) => slot.step === undefined || !wanted.has(slot.step));
    const open = [...wanted].filter(([each]) => !this.#slots.some((slot) => slot.step === each));
    // There are as many slots as wanted steps.
    for (const slot of free) {
      const [each, indices] = open.shift() ?? [];
      if (!indices) break;
      slot.step = each;
      // Waits until the previous batch of this slot is written; its errors no longer matter.
      slot.batch = slot.batch.catch(() => undefined).then(() => this.#decode(indices, slot.buffer));
      slot.batch.catch(() => undefined);
    }
    const batch = await this.#slots.find((slot) => slot.step === step)?.batch;
    if (!batch) {
      throw new RangeError(`Cannot take the batch of step ${step}: it is after the last step`);
    }
    return batch;
  }

  /** Stops decoding. */
  close(): void {
    if (this.#ownsDecoder) this.#decoder.close();
  }

  async #decode(indices: Int32Array, buffer: SharedArrayBuffer): Promise<PixelBatch> {
    const { names, directory = "", imageShape, channels, significantBits = 16, note } = this.#files;
    const [, height, width] = imageShape, size = sizeOf(imageShape);
    const images = [...indices].flatMap((index, place) => {
      const name = names[index];
      return name === undefined ? [] : [{ index, place, name }];
    });
    const paths = images.map(({ name }) => join(directory, name));
    const offsets = images.map(({ place }) => place * size);
    const decoded = await this.#decoder.decode(paths, {
      canvas: [height, width],
      channels,
      buffer,
      offsets,
      mustBeGrey: this.#mustBeGrey,
      significantBits,
    });
    const missing = new Set<number>();
    const aspects = new Float32Array(indices.length).fill(width / height);
    for (const [i, { index, place, name }] of images.entries()) {
      const found = decoded[i] ?? "it was not decoded";
      if (typeof found !== "string") aspects[place] = found[1] / found[0];
      else if (this.#mustBeGrey && found === NOT_GREY) {
        throw new ColorError(`Cannot read ${name} as grey: ${found}`);
      } else {
        missing.add(place);
        note(index, { name, reason: found });
      }
    }
    return { pixels: new Uint8Array(buffer), aspects, missing };
  }
}
