/** Workers that inspect and decode image files in parallel, into shared memory. */

import { messageOf } from "../../internal.ts";
import type { Inspection, InspectionRequest } from "../inspect/inspect_all.ts";
import type {
  Decoded,
  DecodeRequest,
  DecodeTarget,
  LargestValue,
  WorkerReply,
  WorkerRequest,
} from "./decode_worker.ts";

/** A decoder of image files. */
export interface Decoder {
  /**
   * Decodes files into a buffer; without a buffer, only reads their sizes.
   *
   * @returns Height and width of each image, or the reason it cannot be decoded, as a clause that follows its
   * name.
   * @throws {Error} when the decoder cannot run, or was closed.
   */
  decode(paths: readonly string[], target: DecodeTarget | null): Promise<readonly Decoded[]>;
  /** Stops decoding; pending requests fail. */
  close(): void;
}

/** Returns the default number of workers: one less than the number of processors, but at least 1. */
export function defaultWorkers(): number {
  return Math.max(1, navigator.hardwareConcurrency - 1);
}

type Answers = readonly (Decoded | LargestValue)[];

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A {@linkcode Decoder} that distributes every request over its workers. */
export class DecodePool implements Decoder, Disposable {
  readonly #workers: readonly Worker[];
  readonly #pending = new Map<number, Pending>();
  #requests = 0;
  #failure: Error | undefined;

  /** Starts the workers, which keep the process alive until they are closed. */
  constructor(workerCount: number = defaultWorkers()) {
    this.#workers = Array.from({ length: workerCount }, () => {
      const worker = new Worker(new URL("./decode_worker.ts", import.meta.url), { type: "module" });
      worker.onmessage = ({ data }: MessageEvent<WorkerReply>) => this.#settle(data);
      worker.onerror = (event) => {
        event.preventDefault();
        this.#fail(new Error(`Cannot decode images: a worker failed (${event.message})`));
      };
      return worker;
    });
  }

  /**
   * Loads the decoder in every worker without waiting for it, so that the first images are decoded sooner.
   */
  load(): void {
    for (const worker of this.#workers) worker.postMessage("load" satisfies WorkerRequest);
  }

  /** Functions that inspect files, one for each worker. */
  get inspectors(): readonly ((inspection: InspectionRequest) => Promise<Inspection>)[] {
    return this.#workers.map((worker) => (inspection) =>
      this.#ask<Inspection>(worker, { id: this.#requests++, inspection })
    );
  }

  /** Decodes files, as {@linkcode Decoder.decode}. */
  async decode(paths: readonly string[], target: DecodeTarget | null): Promise<readonly Decoded[]> {
    const answers = await this.#distribute(
      paths,
      (select) => target ? { ...target, offsets: select(target.offsets) } : "sizes",
    );
    return answers.map((answer) => typeof answer === "number" ? "it was not decoded" : answer);
  }

  /**
   * Finds the largest values of 16-bit images.
   *
   * @returns The largest value of each file (0 if not 16-bit), or the reason it cannot be decoded, as a
   * clause.
   * @throws as {@linkcode decode}
   */
  async largestValues(paths: readonly string[]): Promise<readonly LargestValue[]> {
    const answers = await this.#distribute(paths, () => "largest values");
    return answers.map((answer) => typeof answer === "object" ? "it was not decoded" : answer);
  }

  async #distribute(
    paths: readonly string[],
    targetOf: (select: <T>(list: readonly T[]) => T[]) => DecodeRequest["target"],
  ): Promise<Answers> {
    const count = this.#workers.length;
    const answers = new Array<Decoded | LargestValue>(paths.length);
    await Promise.all(this.#workers.map(async (worker, first) => {
      const select = <T>(list: readonly T[]) => list.filter((_, i) => i % count === first);
      const request = { id: this.#requests++, paths: select(paths), target: targetOf(select) };
      if (request.paths.length === 0) return;
      for (const [i, answer] of (await this.#ask<Answers>(worker, request)).entries()) {
        answers[first + i * count] = typeof answer === "string" ? messageOf(answer) : answer;
      }
    }));
    return answers;
  }

  /** Stops decoding, as {@linkcode Decoder.close}. */
  close(): void {
    for (const worker of this.#workers) worker.terminate();
    this.#fail(new Error("Cannot decode images: decoding was stopped"));
  }

  /** Closes the pool, as {@linkcode close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #ask<T>(worker: Worker, request: Exclude<WorkerRequest, "load">): Promise<T> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#pending.set(request.id, { resolve: (result) => resolve(result as T), reject });
      worker.postMessage(request);
    });
  }

  #settle(reply: WorkerReply): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if ("error" in reply) pending?.reject(reply.error);
    else pending?.resolve(reply.result);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#pending.values()) reject(this.#failure);
    this.#pending.clear();
  }
}
