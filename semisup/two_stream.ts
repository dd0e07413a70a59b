/**
 * Selection of the examples of each batch. A batch is a function of the seed and the number of its step, so a
 * sampler has no state to save: a run resumed at step k gets the same batches as an uninterrupted one.
 * @module
 */
import { BalancedStream, primaryStream, secondaryStream, ShuffledStream, type Stream } from "./streams.ts";

/** Selects the examples of batches. */
export interface Sampler {
  /** Number of batches in an epoch. */
  readonly stepsPerEpoch: number;
  /** Returns the indices of a batch's examples: int32 `[N]`. @param step Counted from 0. */
  batch(step: number): Int32Array;
}

function checkCounts(kind: string, indices: Int32Array, perBatch: number): void {
  if (!Number.isSafeInteger(perBatch) || perBatch < 1) {
    throw new RangeError(
      `Cannot sample batches: each must have a whole number of ${kind} examples, at least 1, but has ${perBatch}`,
    );
  }
  if (indices.length < perBatch) {
    throw new RangeError(
      `Cannot sample batches: each takes ${perBatch} of the ${kind} examples, but there are only ${indices.length}. Use smaller batches or more ${kind} examples.`,
    );
  }
}

/** Options of {@linkcode TwoStreamSampler}. */
export interface TwoStreamOptions {
  /** Indices of the unlabelled examples; one pass over them is an epoch. */
  readonly unlabeled: Int32Array;
  /** Indices of the labelled examples; they are repeated as often as needed. */
  readonly labeled: Int32Array;
  /** Number of examples in a batch. */
  readonly batchSize: number;
  /** Number of labelled examples in a batch. */
  readonly labeledBatchSize: number;
  /** Seed of the shuffles: uint32. */
  readonly seed: number;
  /** Class of every example by index; if present, labelled examples of each class are drawn equally often. */
  readonly balanced?: Int32Array;
}

/**
 * Batches of unlabelled and labelled examples, in this order. The unlabelled examples are shuffled every
 * epoch, and the epoch's last incomplete batch is dropped; the labelled examples are shuffled and repeated
 * endlessly.
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
  /** Number of whole batches in a pass over the unlabelled examples. */
  readonly stepsPerEpoch: number;
  readonly #unlabeled: ShuffledStream;
  readonly #labeled: Stream;
  readonly #unlabeledPerBatch: number;
  readonly #labeledPerBatch: number;

  /** Creates a sampler of two sets. @throws {RangeError} if a set is too small for a batch. */
  constructor({ unlabeled, labeled, batchSize, labeledBatchSize, seed, balanced }: TwoStreamOptions) {
    checkCounts("labelled", labeled, labeledBatchSize);
    checkCounts("unlabelled", unlabeled, batchSize - labeledBatchSize);
    this.#unlabeledPerBatch = batchSize - labeledBatchSize;
    this.#labeledPerBatch = labeledBatchSize;
    this.stepsPerEpoch = Math.floor(unlabeled.length / this.#unlabeledPerBatch);
    this.#unlabeled = new ShuffledStream(unlabeled, seed, primaryStream);
    this.#labeled = labeledStream(labeled, seed, balanced);
  }

  /** Returns the indices of a batch: unlabelled, then labelled examples. */
  batch(step: number): Int32Array {
    const epoch = Math.floor(step / this.stepsPerEpoch);
    const first = epoch * this.#unlabeled.indices.length +
      step % this.stepsPerEpoch * this.#unlabeledPerBatch;
    const batch = new Int32Array(this.#unlabeledPerBatch + this.#labeledPerBatch);
    batch.set(this.#unlabeled.take(first, this.#unlabeledPerBatch));
    batch.set(
      this.#labeled.take(step * this.#labeledPerBatch, this.#labeledPerBatch),
      this.#unlabeledPerBatch,
    );
    return batch;
  }
}

function labeledStream(labeled: Int32Array, seed: number, balanced: Int32Array | undefined): Stream {
  return balanced
    ? new BalancedStream(labeled, balanced, seed)
    : new ShuffledStream(labeled, seed, secondaryStream);
}

/** Options of {@linkcode ShuffledSampler}. */
export interface ShuffledOptions {
  /** Indices of the examples. */
  readonly indices: Int32Array;
  /** Number of examples in a batch. */
  readonly batchSize: number;
  /** Seed of the shuffles: uint32. */
  readonly seed: number;
  /** Kind of the examples, for errors; default "labelled". */
  readonly kind?: string;
}

/** Shuffled batches of one set; the last incomplete batch of a pass is dropped. */
export class ShuffledSampler implements Sampler {
  /** Number of whole batches in a pass. */
  readonly stepsPerEpoch: number;
  readonly #stream: ShuffledStream;
  readonly #batchSize: number;

  /** Creates a sampler of a set. @throws {RangeError} if the set has fewer examples than a batch. */
  constructor({ indices, batchSize, seed, kind = "labelled" }: ShuffledOptions) {
    checkCounts(kind, indices, batchSize);
    this.stepsPerEpoch = Math.floor(indices.length / batchSize);
    this.#stream = new ShuffledStream(indices, seed, secondaryStream);
    this.#batchSize = batchSize;
  }

  /** Returns the indices of a batch. */
  batch(step: number): Int32Array {
    const pass = Math.floor(step / this.stepsPerEpoch);
    const first = pass * this.#stream.indices.length + step % this.stepsPerEpoch * this.#batchSize;
    return this.#stream.take(first, this.#batchSize);
  }
}

/** Options of {@linkcode EndlessSampler}; the batch size may exceed the number of examples. */
export type EndlessOptions = Pick<TwoStreamOptions, "labeled" | "batchSize" | "seed" | "balanced">;

/**
 * Batches of labelled examples, shuffled and repeated endlessly, as in the labelled part of
 * {@linkcode TwoStreamSampler}. A batch continues into the next pass, so no example is dropped, and few
 * examples can fill a large batch.
 */
export class EndlessSampler implements Sampler {
  /** Number of whole batches in a pass, at least 1. */
  readonly stepsPerEpoch: number;
  readonly #stream: Stream;
  readonly #batchSize: number;

  /** Creates a sampler of a set. @throws {RangeError} if the set is empty, or the batch size is below 1. */
  constructor({ labeled, batchSize, seed, balanced }: EndlessOptions) {
    checkCounts("labelled", labeled, Math.min(batchSize, Math.max(1, labeled.length)));
    this.stepsPerEpoch = Math.max(1, Math.floor(labeled.length / batchSize));
    this.#stream = labeledStream(labeled, seed, balanced);
    this.#batchSize = batchSize;
  }

  /** Returns the indices of a batch. */
  batch(step: number): Int32Array {
    return this.#stream.take(step * this.#batchSize, this.#batchSize);
  }
}
