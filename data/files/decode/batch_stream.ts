/** Batches of images that are decoded ahead of their use, never more than a few of them. */

import { type Images, NO_LABEL, type StreamedImages } from "../../dataset.ts";
import { DecodePool, type Decoder } from "./decode_pool.ts";

/** A batch in host memory. */
export interface StreamedBatch {
  /** Bytes of `[B, C, H, W]`, four to a word; valid until the next batch is taken. */
  readonly pixels: Uint32Array;
  /** Width / height of each image as it should be seen `[B]`. */
  readonly aspects: Float32Array;
  /** 0 … B − 1; −1 in the place of an image that is not there `[B]`. */
  readonly indices: Int32Array;
  /** Class index of each image; NO_LABEL (−1) = unlabelled, or not there `[B]`. */
  readonly labels: Int32Array;
}

/** What a {@linkcode BatchStream} streams. */
export interface BatchStreamOptions {
  /** Images of a batch. */
  readonly batchSize: number;
  /** The images of the batch of a step `[B]`, −1 for none; nothing after the last step. */
  readonly indicesOf: (step: number) => Int32Array | undefined;
  /** Batches in memory at most, the one in use included (default: 3). */
  readonly batches?: number;
  /** What decodes (default: a {@linkcode DecodePool}). */
  readonly decoder?: Decoder;
}

/** Memory for a batch, and what is being put there. */
interface Slot {
  readonly buffer: SharedArrayBuffer;
  step: number | undefined;
  batch: Promise<StreamedBatch | undefined>;
}

/** Bytes of an image. */
export function imageBytesOf({ imageShape }: Pick<Images, "imageShape">): number {
  return imageShape.reduce((product, length) => product * length, 1);
}

/**
 * Batches in the order of their steps, from any step on. While one is used, the next are decoded: of the same size,
 * into the same few buffers again and again. A batch is a function of its step, whatever was taken before.
 *
 * A file that cannot be decoded is noted in the set's `damaged`, and its place in the batch is empty.
 */
export class BatchStream {
  readonly #set: StreamedImages;
  readonly #options: BatchStreamOptions;
  readonly #decoder: Decoder;
  readonly #slots: Slot[];

  /** Starts the workers, but decodes nothing yet. */
  constructor(set: StreamedImages, options: BatchStreamOptions) {
    const { batchSize, batches = 3, decoder = new DecodePool() } = options;
    this.#set = set;
    this.#options = options;
    this.#decoder = decoder;
    this.#slots = Array.from({ length: batches }, () => ({
      // A whole number of words.
      buffer: new SharedArrayBuffer(Math.ceil(batchSize * imageBytesOf(set) / 4) * 4),
      step: undefined,
      batch: Promise.resolve(undefined),
    }));
  }

  /** Bytes of pixels that are in memory, all batches together. */
  get bytes(): number {
    return this.#slots.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
  }

  /**
   * The batch of a step; the one taken before is no longer valid.
   *
   * @throws {Error} when decoding is impossible. @throws {RangeError} when there is no such step.
   */
  async take(step: number): Promise<StreamedBatch> {
    const steps = this.#slots.map((_, i) => step + i).filter((each) => this.#options.indicesOf(each));
    for (const each of steps) {
      if (this.#slots.some((slot) => slot.step === each)) continue;
      // There are as many slots as steps that are wanted.
      const slot = this.#slots.find(({ step }) => step === undefined || !steps.includes(step))!;
      slot.step = each;
      // What is still being written there must not be written over. It may have failed, which matters no more.
      slot.batch = slot.batch.catch(() => undefined).then(() => this.#decode(each, slot.buffer));
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
    this.#decoder.close();
  }

  async #decode(step: number, buffer: SharedArrayBuffer): Promise<StreamedBatch> {
    const { names, directory, labels: allLabels, imageShape: [channels, height, width] } = this.#set;
    const chosen = this.#options.indicesOf(step)!;
    const slots = [...chosen.keys()].filter((slot) => chosen[slot]! >= 0);
    const paths = slots.map((slot) => `${directory}/${names[chosen[slot]!]}`);
    const imageBytes = imageBytesOf(this.#set);
    const offsets = slots.map((slot) => slot * imageBytes);
    const target = { canvas: [height, width] as const, channels, buffer, offsets };
    const decoded = await this.#decoder.decode(paths, target);
    const indices = new Int32Array(chosen.length).fill(-1);
    const labels = new Int32Array(chosen.length).fill(NO_LABEL);
    const aspects = new Float32Array(chosen.length).fill(width / height);
    decoded.forEach((size, i) => {
      const slot = slots[i]!, index = chosen[slot]!;
      if (typeof size === "string") {
        noteDamage(this.#set, names[index]!, size);
        return;
      }
      indices[slot] = slot;
      labels[slot] = allLabels[index]!;
      aspects[slot] = size[1] / size[0];
    });
    return { pixels: new Uint32Array(buffer), aspects, indices, labels };
  }
}

function noteDamage({ damaged }: StreamedImages, name: string, reason: string): void {
  // An example comes again in every epoch.
  if (!damaged.some((file) => file.name === name)) damaged.push({ name, reason });
}
