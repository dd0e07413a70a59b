/**
 * The page's side of the worker that trains.
 * @module
 */
import type { PlacedPicture } from "./picture_groups.ts";
import type { ChooseRequest, TrainRequest, WorkerReply, WorkerRequest } from "./training_messages.ts";

/** Trains runs and chooses pictures, one after another, in a worker that is started when it is needed. */
export class BackgroundTrainer implements Disposable {
  readonly #plugin: string | null;
  #worker: Worker | undefined;
  #requests = 0;
  readonly #pending = new Map<number, PromiseWithResolvers<WorkerReply>>();

  /** @param plugin Path of the command's plugin, which the worker loads too; null for none. */
  constructor(plugin: string | null) {
    this.#plugin = plugin;
  }

  /** Trains a run. @returns false if it was stopped. @throws {Error} with the reason if training fails. */
  async train(options: TrainRequest["options"]): Promise<boolean> {
    const reply = await this.#ask({ kind: "train", id: this.#requests++, options });
    return reply.kind === "trained" && reply.isFinished;
  }

  /** Chooses pictures. @throws {Error} with the reason if it fails. */
  async choose(request: Omit<ChooseRequest, "kind" | "id">): Promise<readonly PlacedPicture[]> {
    const reply = await this.#ask({ kind: "choose", id: this.#requests++, ...request });
    return reply.kind === "chosen" ? reply.pictures : [];
  }

  /** Stops the training after its present step; its checkpoint is saved. */
  stop(): void {
    this.#worker?.postMessage({ kind: "stop" } satisfies WorkerRequest);
  }

  /** Ends the worker. */
  [Symbol.dispose](): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  async #ask(request: TrainRequest | ChooseRequest): Promise<WorkerReply> {
    const pending = Promise.withResolvers<WorkerReply>();
    this.#pending.set(request.id, pending);
    this.#worker ??= this.#start();
    this.#worker.postMessage(request);
    return await pending.promise;
  }

  #start(): Worker {
    const worker = new Worker(new URL("./training_worker.ts", import.meta.url), { type: "module" });
    if (this.#plugin !== null) {
      worker.postMessage({ kind: "plugin", path: this.#plugin } satisfies WorkerRequest);
    }
    worker.onmessage = ({ data: reply }: MessageEvent<WorkerReply>) => {
      const pending = this.#pending.get(reply.id);
      this.#pending.delete(reply.id);
      if (reply.kind === "failed") pending?.reject(new Error(reply.message));
      else pending?.resolve(reply);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      this.#worker = undefined;
      for (const pending of this.#pending.values()) pending.reject(new Error(event.message));
      this.#pending.clear();
    };
    return worker;
  }
}
