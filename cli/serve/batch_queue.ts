/**
 * A queue that classifies the pictures of concurrent requests together.
 * @module
 */
import { GpuLostError } from "../../kernels/mod.ts";
import type { Model, Prediction } from "../../nn/mod.ts";

/** A decoded picture. */
export interface QueuedPicture {
  /** Bytes `[C, H, W]`, of the model's image shape. */
  readonly planes: Uint8Array;
  /** Width / height of the original picture. */
  readonly aspect: number;
}

/** The part of a model that is used. */
export type BatchModel = Pick<Model, "predictPlanes">;

interface Waiting extends QueuedPicture {
  readonly signal: AbortSignal;
  readonly resolve: (prediction: Prediction) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Classifies pictures in batches. A picture never waits for others: a batch takes all that arrived while the one
 * before was computed.
 */
export class BatchQueue {
  readonly #model: BatchModel;
  readonly #batchSize: number;
  readonly #waiting: Waiting[] = [];
  readonly #lost = Promise.withResolvers<never>();
  #isRunning = false;

  /** @param batchSize Largest number of pictures computed at once. */
  constructor(model: BatchModel, batchSize: number) {
    this.#model = model;
    this.#batchSize = batchSize;
    // Callers may not be waiting yet.
    this.#lost.promise.catch(() => {});
  }

  /** Number of pictures that wait for a batch. */
  get length(): number {
    return this.#waiting.length;
  }

  /** Rejects if the GPU is lost; pending otherwise. */
  get lost(): Promise<never> {
    return this.#lost.promise;
  }

  /**
   * Classifies a picture.
   * @param signal Aborts if nobody waits for the result any more.
   * @throws {Error} the reason of the signal, or why the batch could not be computed.
   */
  add(picture: QueuedPicture, signal: AbortSignal): Promise<Prediction> {
    const { promise, resolve, reject } = Promise.withResolvers<Prediction>();
    this.#waiting.push({ ...picture, signal, resolve, reject });
    if (!this.#isRunning) this.#run();
    return promise;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    // Requests that are ready at the same time share the first batch.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const some = this.#waiting.splice(0, this.#batchSize);
      const batch = some.filter(({ signal }) => !signal.aborted);
      for (const { signal, reject } of some) if (signal.aborted) reject(signal.reason);
      if (batch.length > 0) await this.#classify(batch);
    }
    this.#isRunning = false;
  }

  async #classify(batch: readonly Waiting[]): Promise<void> {
    try {
      const predictions = await this.#model.predictPlanes(joined(batch), batch.map(({ aspect }) => aspect));
      predictions.forEach((prediction, i) => batch[i]?.resolve(prediction));
    } catch (error) {
      for (const { reject } of batch) reject(error);
      if (error instanceof GpuLostError) this.#lost.reject(error);
    }
  }
}

function joined(batch: readonly QueuedPicture[]): Uint8Array {
  const planes = new Uint8Array(batch.reduce((sum, each) => sum + each.planes.length, 0));
  let start = 0;
  for (const each of batch) {
    planes.set(each.planes, start);
    start += each.planes.length;
  }
  return planes;
}
