/**
 * Which examples make up each batch. A batch is a function of the seed and the number of its step, so a sampler has
 * no state to save: a run that goes on at step k gets the batches it would have got.
 * @module
 */
import { hostBits } from "../kernels/mod.ts";

/** Chooses examples. */
export interface Sampler {
  /** Number of batches in an epoch. */
  readonly stepsPerEpoch: number;
  /** Indices of the examples of the batch of a step, counted from 0: int32 `[N]`. */
  batch(step: number): Int32Array;
}

/** Random numbers of shuffles come from streams that no draw on the device has. */
const primaryStream = 0xffff_fffe, secondaryStream = 0xffff_ffff;

/** Indices in shuffled order, pass after pass, each pass shuffled anew. */
class ShuffledStream {
  readonly #passes = new Map<number, Int32Array>();

  constructor(
    readonly indices: Int32Array,
    readonly seed: number,
    readonly stream: number,
  ) {}

  /** `count` indices from a place in the endless sequence of passes. */
  take(position: number, count: number): Int32Array {
    const size = this.indices.length;
    return Int32Array.from(
      { length: count },
      (_, i) => this.#pass(Math.floor((position + i) / size))[(position + i) % size]!,
    );
  }

  #pass(pass: number): Int32Array {
    let order = this.#passes.get(pass);
    if (!order) {
      // A batch spans few passes, and none is asked for again once it is over.
      for (const old of this.#passes.keys()) if (Math.abs(old - pass) > 1) this.#passes.delete(old);
      this.#passes.set(pass, order = shuffled(this.indices, this.seed, pass, this.stream));
    }
    return order;
  }
}

/** Fisher–Yates from the random words of (seed, pass). */
function shuffled(indices: Int32Array, seed: number, pass: number, stream: number): Int32Array {
  const order = Int32Array.from(indices);
  const words = hostBits([seed, pass], stream, order.length);
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(words[i]! / 2 ** 32 * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

function checkStream(what: string, indices: Int32Array, chunk: number): void {
  if (!Number.isSafeInteger(chunk) || chunk < 1) {
    throw new RangeError(
      `Cannot sample batches as each must have a whole number of ${what} examples, 1 or more: it is ${chunk}`,
    );
  }
  if (indices.length < chunk) {
    throw new RangeError(
      `Cannot sample batches as there must be as many ${what} examples as a batch takes: it takes ${chunk}, there are ${indices.length}`,
    );
  }
}

/** What a {@linkcode TwoStreamSampler} samples. */
export interface TwoStreamOptions {
  /** Indices of the unlabelled examples; one pass over them is an epoch. */
  readonly unlabeled: Int32Array;
  /** Indices of the labelled examples, gone through as often as needed. */
  readonly labeled: Int32Array;
  /** Examples in a batch. */
  readonly batchSize: number;
  /** How many of them are labelled. */
  readonly labeledBatchSize: number;
  /** uint32. */
  readonly seed: number;
}

/**
 * Batches of unlabelled and labelled examples, in this order: the unlabelled ones are shuffled every epoch, whose last
 * incomplete batch is left out; the labelled ones come shuffled for ever.
 * @example
 * ```ts
 * import { TwoStreamSampler } from "./mod.ts";
 * const sampler = new TwoStreamSampler({
 *   unlabeled: Int32Array.of(0, 1, 2, 3, 4),
 *   labeled: Int32Array.of(5, 6),
 *   batchSize: 3,
 *   labeledBatchSize: 1,
 *   seed: 1,
 * });
 * console.assert(sampler.stepsPerEpoch === 2);
 * console.assert(sampler.batch(7)[2]! >= 5);
 * ```
 */
export class TwoStreamSampler implements Sampler {
  /** Whole batches in a pass over the unlabelled examples. */
  readonly stepsPerEpoch: number;
  readonly #unlabeled: ShuffledStream;
  readonly #labeled: ShuffledStream;
  readonly #chunk: number;
  readonly #labeledChunk: number;

  /** A sampler of two sets. @throws {RangeError} if one has fewer examples than a batch takes of it. */
  constructor({ unlabeled, labeled, batchSize, labeledBatchSize, seed }: TwoStreamOptions) {
    checkStream("labelled", labeled, labeledBatchSize);
    checkStream("unlabelled", unlabeled, batchSize - labeledBatchSize);
    this.#chunk = batchSize - labeledBatchSize;
    this.#labeledChunk = labeledBatchSize;
    this.stepsPerEpoch = Math.floor(unlabeled.length / this.#chunk);
    this.#unlabeled = new ShuffledStream(unlabeled, seed, primaryStream);
    this.#labeled = new ShuffledStream(labeled, seed, secondaryStream);
  }

  /** Unlabelled, then labelled indices. */
  batch(step: number): Int32Array {
    const epoch = Math.floor(step / this.stepsPerEpoch);
    const first = epoch * this.#unlabeled.indices.length + step % this.stepsPerEpoch * this.#chunk;
    const batch = new Int32Array(this.#chunk + this.#labeledChunk);
    batch.set(this.#unlabeled.take(first, this.#chunk));
    batch.set(this.#labeled.take(step * this.#labeledChunk, this.#labeledChunk), this.#chunk);
    return batch;
  }
}

/** What a {@linkcode ShuffledSampler} samples. */
export interface ShuffledOptions {
  /** Indices of the examples. */
  readonly indices: Int32Array;
  /** Examples in a batch. */
  readonly batchSize: number;
  /** uint32. */
  readonly seed: number;
  /** What the examples are called in errors; "labelled" where absent. */
  readonly what?: string;
}

/** Plain shuffled batches of one set; the last incomplete batch of a pass is left out. */
export class ShuffledSampler implements Sampler {
  /** Whole batches in a pass. */
  readonly stepsPerEpoch: number;
  readonly #stream: ShuffledStream;
  readonly #batchSize: number;

  /** A sampler of a set. @throws {RangeError} if it has fewer examples than a batch. */
  constructor({ indices, batchSize, seed, what = "labelled" }: ShuffledOptions) {
    checkStream(what, indices, batchSize);
    this.stepsPerEpoch = Math.floor(indices.length / batchSize);
    this.#stream = new ShuffledStream(indices, seed, secondaryStream);
    this.#batchSize = batchSize;
  }

  /** Indices of a batch. */
  batch(step: number): Int32Array {
    const pass = Math.floor(step / this.stepsPerEpoch);
    const first = pass * this.#stream.indices.length + step % this.stepsPerEpoch * this.#batchSize;
    return this.#stream.take(first, this.#batchSize);
  }
}
