/**
 * Which examples make up each batch. A batch is a function of the seed and the number of its step, so a sampler has
 * no state to save: a run that goes on at step k gets the batches it would have got.
 * @module
 */
import { BalancedStream, primaryStream, secondaryStream, ShuffledStream, type Stream } from "./streams.ts";

/** Chooses examples. */
export interface Sampler {
  /** Number of batches in an epoch. */
  readonly stepsPerEpoch: number;
  /** Indices of the examples of the batch of a step, counted from 0: int32 `[N]`. */
  batch(step: number): Int32Array;
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
  /** Class of every example, by its index: labelled examples of each class then come equally often. */
  readonly balanced?: Int32Array;
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
  readonly #labeled: Stream;
  readonly #chunk: number;
  readonly #labeledChunk: number;

  /** A sampler of two sets. @throws {RangeError} if one has fewer examples than a batch takes of it. */
  constructor({ unlabeled, labeled, batchSize, labeledBatchSize, seed, balanced }: TwoStreamOptions) {
    checkStream("labelled", labeled, labeledBatchSize);
    checkStream("unlabelled", unlabeled, batchSize - labeledBatchSize);
    this.#chunk = batchSize - labeledBatchSize;
    this.#labeledChunk = labeledBatchSize;
    this.stepsPerEpoch = Math.floor(unlabeled.length / this.#chunk);
    this.#unlabeled = new ShuffledStream(unlabeled, seed, primaryStream);
    this.#labeled = labeledStream(labeled, seed, balanced);
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

function labeledStream(labeled: Int32Array, seed: number, balanced: Int32Array | undefined): Stream {
  return balanced
    ? new BalancedStream(labeled, balanced, seed)
    : new ShuffledStream(labeled, seed, secondaryStream);
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

/** What an {@linkcode EndlessSampler} samples; a batch may have more examples than there are. */
export type EndlessOptions = Pick<TwoStreamOptions, "labeled" | "batchSize" | "seed" | "balanced">;

/**
 * Batches of labelled examples, shuffled for ever, as the labelled part of a {@linkcode TwoStreamSampler}'s are: a batch goes
 * on into the next pass where one ends, so none is left out, and few examples fill a large batch.
 */
export class EndlessSampler implements Sampler {
  /** Whole batches in a pass, 1 at least. */
  readonly stepsPerEpoch: number;
  readonly #stream: Stream;
  readonly #batchSize: number;

  /** A sampler of a set. @throws {RangeError} if it is empty, or a batch is. */
  constructor({ labeled, batchSize, seed, balanced }: EndlessOptions) {
    checkStream("labelled", labeled, Math.min(batchSize, Math.max(1, labeled.length)));
    this.stepsPerEpoch = Math.max(1, Math.floor(labeled.length / batchSize));
    this.#stream = labeledStream(labeled, seed, balanced);
    this.#batchSize = batchSize;
  }

  /** Indices of a batch. */
  batch(step: number): Int32Array {
    return this.#stream.take(step * this.#batchSize, this.#batchSize);
  }
}
