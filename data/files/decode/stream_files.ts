/** Images that stay in their files: batches are decoded ahead of their use, never more than a few of them. */

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
  /** The folder that the names start from (default: that of the process). */
  readonly directory?: string;
  /** File of each image, below the folder `[N]`; its name in label lists too. */
  readonly names: readonly string[];
  /** Class index per image `[N]`; NO_LABEL (−1) = unlabelled (default: all are). */
  readonly labels?: Int32Array;
  /** `[C, H, W]`: what each image is resampled to when it is decoded, grey or RGB. */
  readonly imageShape: ImageSource["imageShape"];
  /** How many bits are used of the 16 that some images have: that number of bits is white (default: 16). */
  readonly significantBits?: number;
  /** Where files that could not be decoded are noted, each once. */
  readonly damaged?: DamagedFile[];
}

/** How to stream files. */
export interface StreamFilesOptions {
  /** Batches in memory at most, the one in use included (default: 3). */
  readonly batches?: number;
  /** What decodes, and is not closed behind (default: a {@linkcode DecodePool} while batches are read). */
  readonly decoder?: Decoder;
  /** Whether an image that has colour ends it all with a {@linkcode ColorError} (default: false). */
  readonly mustBeGrey?: boolean;
}

/** An image has colour that must be grey. */
export class ColorError extends SyntaxError {}

/**
 * Images in files as a source. While a batch is used, the next are decoded: of the same size, into the same few buffers
 * again and again. A batch is a function of its step, whatever was taken before.
 *
 * A file that cannot be decoded is noted, and its place in the batch is empty.
 *
 * @throws {RangeError} when images are to have neither one channel nor three.
 */
export function streamFiles(files: ImageFiles, options: StreamFilesOptions = {}): ImageSource<PixelReader> {
  const { names, imageShape, labels = new Int32Array(names.length).fill(NO_LABEL) } = files;
  const [channels] = imageShape;
  if (channels !== 1 && channels !== 3) {
    throw new RangeError(`Cannot decode files as images must have 1 or 3 channels: they have ${channels}`);
  }
  const noted = new Set<number>();
  const note = (index: number, file: DamagedFile) => {
    // An example comes again in every epoch.
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

/** Memory for a batch, and what is being put there. */
interface Slot {
  readonly buffer: SharedArrayBuffer;
  step: number | undefined;
  batch: Promise<PixelBatch | undefined>;
}

class BatchStream implements PixelBatches {
  readonly #files: StreamedFiles;
  readonly #plan: BatchPlan;
  readonly #decoder: Decoder;
  readonly #isOwn: boolean;
  readonly #mustBeGrey: boolean;
  readonly #slots: readonly Slot[];

  /** Starts the workers, but decodes nothing yet. */
  constructor(
    files: StreamedFiles,
    plan: BatchPlan,
    { batches = 3, decoder, mustBeGrey = false }: StreamFilesOptions,
  ) {
    this.#files = files;
    this.#plan = plan;
    this.#decoder = decoder ?? new DecodePool();
    this.#isOwn = !decoder;
    this.#mustBeGrey = mustBeGrey;
    // A whole number of words.
    const bytes = Math.ceil(plan.batchSize * sizeOf(files.imageShape) / 4) * 4;
    this.#slots = Array.from({ length: batches }, () => ({
      buffer: new SharedArrayBuffer(bytes),
      step: undefined,
      batch: Promise.resolve(undefined),
    }));
  }

  /** @throws {Error} when decoding is impossible. @throws {RangeError} when there is no such step. */
  async take(step: number): Promise<PixelBatch> {
    const wanted = new Map<number, Int32Array>();
    for (const ahead of this.#slots.keys()) {
      const indices = this.#plan.indicesOf(step + ahead);
      if (indices) wanted.set(step + ahead, indices);
    }
    const free = this.#slots.filter((slot) => slot.step === undefined || !wanted.has(slot.step));
    const open = [...wanted].filter(([each]) => !this.#slots.some((slot) => slot.step === each));
    // There are as many slots as steps that are wanted.
    for (const slot of free) {
      const [each, indices] = open.shift() ?? [];
      if (!indices) break;
      slot.step = each;
      // What is still being written there must not be written over. It may have failed, which matters no more.
      slot.batch = slot.batch.catch(() => undefined).then(() => this.#decode(indices, slot.buffer));
      slot.batch.catch(() => undefined);
    }
    const batch = await this.#slots.find((slot) => slot.step === step)?.batch;
    if (!batch) {
      throw new RangeError(`Cannot take the batch of step ${step} as there must be one: there is none`);
    }
    return batch;
  }

  /** Stops decoding. */
  close(): void {
    if (this.#isOwn) this.#decoder.close();
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
        throw new ColorError(`Cannot take ${name} as grey: ${found}`);
      } else {
        missing.add(place);
        note(index, { name, reason: found });
      }
    }
    return { pixels: new Uint8Array(buffer), aspects, missing };
  }
}
