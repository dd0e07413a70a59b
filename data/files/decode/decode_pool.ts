/** Workers that inspect image files and decode them side by side, into memory that they share with the caller. */

import { messageOf } from "../../mod.ts";
import type { Inspection, InspectionRequest } from "../inspect/inspect_all.ts";
import type {
  Decoded,
  DecodeRequest,
  DecodeTarget,
  LargestValue,
  WorkerReply,
  WorkerRequest,
} from "./decode_worker.ts";

/** What decodes files. */
export interface Decoder {
  /**
   * Decodes files into a buffer, or where there is none only finds out their sizes.
   *
   * @returns Height and width of each file's image, or what is wrong with it, in words that follow its name.
   * @throws {Error} when decoding itself is impossible, or was stopped.
   */
  decode(paths: readonly string[], target: DecodeTarget | null): Promise<readonly Decoded[]>;
  /** Stops; whatever is under way fails. */
  close(): void;
}

/** As many workers as there are processors beside the one that everything else needs. */
export function defaultWorkers(): number {
  return Math.max(1, navigator.hardwareConcurrency - 1);
}

type Answers = readonly (Decoded | LargestValue)[];

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** A {@linkcode Decoder} of some workers; every request is shared out among all of them. */
export class DecodePool implements Decoder, Disposable {
  readonly #workers: readonly Worker[];
  readonly #pending = new Map<number, Pending>();
  #requests = 0;
  #failure: Error | undefined;

  /** Starts the workers; the process lives until they are stopped. */
  constructor(workerCount: number = defaultWorkers()) {
    this.#workers = Array.from({ length: workerCount }, () => {
      const worker = new Worker(new URL("./decode_worker.ts", import.meta.url), { type: "module" });
      worker.onmessage = ({ data }: MessageEvent<WorkerReply>) => this.#settle(data);
      worker.onerror = (event) => {
        event.preventDefault();
        this.#fail(new Error(`Cannot decode images as their worker must run: ${event.message}`));
      };
      return worker;
    });
  }

  /** Loads the decoder in every worker without waiting for it, so that the first images are decoded sooner. */
  load(): void {
    for (const worker of this.#workers) worker.postMessage("load" satisfies WorkerRequest);
  }

  /** One function for each worker that inspects files there. */
  get inspectors(): readonly ((inspection: InspectionRequest) => Promise<Inspection>)[] {
    return this.#workers.map((worker) => (inspection) =>
      this.#ask<Inspection>(worker, { id: this.#requests++, inspection })
    );
  }

  /** As {@linkcode Decoder.decode}. */
  async decode(paths: readonly string[], target: DecodeTarget | null): Promise<readonly Decoded[]> {
    const answers = await this.#share(
      paths,
      (own) => target ? { ...target, offsets: own(target.offsets) } : "sizes",
    );
    return answers.map((answer) => typeof answer === "number" ? "it was not decoded" : answer);
  }

  /**
   * Finds out the largest values of images of 16 bits.
   *
   * @returns That of each file, 0 for one that has no 16 bits, or what is wrong with it, in words that follow its name.
   * @throws as {@linkcode decode}
   */
  async largestValues(paths: readonly string[]): Promise<readonly LargestValue[]> {
    const answers = await this.#share(paths, () => "largest values");
    return answers.map((answer) => typeof answer === "object" ? "it was not decoded" : answer);
  }

  async #share(
    paths: readonly string[],
    targetOf: (own: <T>(list: readonly T[]) => T[]) => DecodeRequest["target"],
  ): Promise<Answers> {
    const count = this.#workers.length;
    const answers = new Array<Decoded | LargestValue>(paths.length);
    await Promise.all(this.#workers.map(async (worker, first) => {
      const own = <T>(list: readonly T[]) => list.filter((_, i) => i % count === first);
      const request = { id: this.#requests++, paths: own(paths), target: targetOf(own) };
      if (request.paths.length === 0) return;
      for (const [i, answer] of (await this.#ask<Answers>(worker, request)).entries()) {
        answers[first + i * count] = typeof answer === "string" ? messageOf(answer) : answer;
      }
    }));
    return answers;
  }

  /** As {@linkcode Decoder.close}. */
  close(): void {
    for (const worker of this.#workers) worker.terminate();
    this.#fail(new Error("Cannot decode images as decoding was stopped"));
  }

  /** Closes the pool: {@linkcode close}. */
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
